"""Verbs for the plan's runbooks: begin one, go on, stop, and what drbot looked at by itself."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said, yes_or_no
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.entry import Json
from bot.domain.incident import parse_incident_ref
from bot.domain.walk import How, StepState, Walk, parse_walk_ref
from bot.plan.models import Runbook
from bot.runbooks.desk import steps_of
from bot.runbooks.fitting import fitting_now
from bot.runbooks.view import WalkView
from bot.store import looked as looked_rows
from bot.store import runs as run_rows

SIGNS = {
    StepState.HELD: "✓",
    StepState.FAILED: "✗",
    StepState.REFUSED: "✗",
    StepState.NOT_RUN: "✗",
    StepState.DOING: "▸",
    StepState.BY_HAND: "▸",
    StepState.PASSED: "↷",
    StepState.SPARED: "–",
}


@verb("runbooks", strangers=True)
def runbooks(desk: Desk, said: Said) -> Answer:
    """The plan's runbooks, what each would do, which fit the open incidents, and those under way."""
    del said
    plan = desk.plan
    fits: dict[str, list[str]] = {}
    for incident in desk.incidents.open()[:20]:
        for key, _ in fitting_now(desk.store, plan, incident):
            fits.setdefault(key, []).append(incident.ref)
    rows = tuple(
        (key, one.title, "; ".join(_does(one)) or "by hand", ", ".join(fits.get(key, ())) or "–")
        for key, one in plan.runbooks.items()
    )
    lines = tuple(
        f"{walk.ref} {walk.title} ({walk.environment}): {desk.runbooks.view(walk).waits}"
        for walk in desk.runbooks.active()
    )
    data: dict[str, Json] = {
        "runbooks": [{"name": row[0], "title": row[1], "fits": list(fits.get(row[0], ()))} for row in rows],
        "under_way": [as_json(walk) for walk in desk.runbooks.active()],
    }
    title = f"The plan has {len(rows)} runbook{'' if len(rows) == 1 else 's'}."
    return Answer(title, lines, Table(("runbook", "title", "what drbot does", "fits"), rows), data=data)


@verb("runbook", "runbook NAME|RB-3 [environment=ENV] [incident=INC-7]")
def runbook(desk: Desk, said: Said) -> Answer:
    """Begin a runbook of the plan, step by step with drbot; or show one that is under way."""
    name = said.word(0, "the runbook")
    if name.upper().startswith("RB-"):
        return _card(desk, said, desk.runbooks.get(_number(" ".join(said.words))))
    begun = desk.runbooks.start(
        said.person,
        " ".join(said.words),
        said.options.get("environment", ""),
        _incident(said.options.get("incident", "")),
        said.where.request_key,
    )
    walk = begun.walk
    if begun.fresh:
        return _card(desk, said, walk, f"{walk.ref} begins: {walk.title} in {walk.environment}.")
    by = desk.plan.person(walk.started_by)
    title = f"{walk.ref} is under way already, begun by {by.name if by else walk.started_by}."
    return _card(desk, said, walk, title)


@verb("continue", "continue RB-3 [skip=REASON] [retry=yes]", also=("step",))
def continue_(desk: Desk, said: Said) -> Answer:
    """Go on where a runbook stands: done by hand, try again, or past a refusal; a skip needs a reason."""
    how: How = "on"
    reason = said.options.get("skip", "").strip()
    if "skip" in said.options:
        if not reason:
            raise UsageError('skipping a step needs a reason: skip="it is up again"')
        how = "skip"
    elif yes_or_no(said.options, "retry"):
        how = "retry"
    walk = desk.runbooks.go_on(said.person, _which(said), how, reason, _step(said))
    return _card(desk, said, walk, f"{walk.ref} goes on.")


@verb("stop", "stop RB-3 [REASON]")
def stop(desk: Desk, said: Said) -> Answer:
    """End a runbook where it stands; what runs goes on to its end, what waits for approval is taken back."""
    walk = desk.runbooks.stop(said.person, _which(said), said.text_after(1))
    run = run_rows.get(desk.store, walk.run) if walk.run else None
    still = (f"{run.ref} runs on to its own end.",) if run and not run.state.ended else ()
    return _card(desk, said, walk, f"{walk.ref} is stopped.", still)


@verb("looks", "looks INC-7", strangers=True)
def looks(desk: Desk, said: Said) -> Answer:
    """What drbot looked at by itself when the incident opened, and everything it found."""
    incident = desk.incidents.get(_incident(said.word(0, "the incident")) or 0)
    found = looked_rows.of_incident(desk.store, incident.id)
    lines: list[str] = []
    for one in found:
        run = run_rows.get(desk.store, one.run) if one.run else None
        lines.append(f"{one.at[11:16]} UTC · {one.title}{f' · {run.ref} {run.state.value}' if run else ''}")
        lines += [f"  {line}" for line in run.evidence] if run else [f"  {one.said}"]
        if run and run.outcome and run.outcome not in run.evidence:
            lines.append(f"  {run.outcome}")
    title = (
        f"drbot looked at {incident.ref} by itself:"
        if found
        else f"Nothing was looked at for {incident.ref}."
    )
    return Answer(title, tuple(lines), data={"looks": [*lines]})


def as_json(walk: Walk) -> dict[str, Json]:
    """A walk for `--json`."""
    return {
        "walk": walk.ref,
        "runbook": walk.runbook,
        "title": walk.title,
        "environment": walk.environment,
        "incident": f"INC-{walk.incident}" if walk.incident is not None else None,
        "state": walk.state.value,
        "said": walk.said,
        "steps": [
            {
                "title": step.title,
                "state": step.state.value,
                "runs": [f"RUN-{number}" for number in step.runs],
                "said": step.said,
            }
            for step in walk.steps
        ],
    }


def _card(desk: Desk, said: Said, walk: Walk, title: str = "", more: tuple[str, ...] = ()) -> Answer:
    """The walk; in Slack its card says the rest, a shell has only these lines."""
    shown = desk.runbooks.view(walk)
    lines = (*more, *([shown.waits] if shown.waits else []))
    if said.where.face == "shell":
        lines = (*_lines(shown), shown.took, *lines)
    title = title or f"{walk.ref} · {walk.state.value} · {walk.title}"
    return Answer(title, lines, walk=walk.id, data={**as_json(walk), "took": shown.took})


def _lines(shown: WalkView) -> list[str]:
    lines = []
    for number, (step, took) in enumerate(zip(shown.walk.steps, shown.steps, strict=True), 1):
        runs = f" ({', '.join(f'RUN-{run}' for run in step.runs)})" if step.runs else ""
        said = f": {step.said}" if step.said else ""
        took = f" · {took}" if took else ""
        lines.append(f"{SIGNS.get(step.state, '○')} {number}. {step.title}{runs}{said}{took}")
        if step.state is StepState.BY_HAND:
            lines += [f"      {line}" for line in step.command.splitlines()[:20]]
    return lines


def _does(one: Runbook) -> list[str]:
    """The actions of its steps, each once, in order."""
    return list(dict.fromkeys(doing.title for step in steps_of(one, ()) for doing in step.does))


def _step(said: Said) -> int | None:
    given = said.options.get("step", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or len(given) > 4:
        raise UsageError(f"step={given[:20]} is not a number")
    return int(given)


def _which(said: Said) -> int:
    return _number(said.word(0, "the runbook under way"))


def _number(text: str) -> int:
    try:
        return parse_walk_ref(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _incident(text: str) -> int | None:
    try:
        return parse_incident_ref(text) if text else None
    except ValueError as error:
        raise UsageError(str(error)) from error
