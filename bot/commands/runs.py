"""Verbs for the life of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.commands.desk import Desk
from bot.commands.grammar import Said, yes_or_no
from bot.commands.verbs import ANY, verb
from bot.domain.answer import Answer, Exit, Table, UsageError
from bot.domain.entry import Json
from bot.domain.incident import parse_incident_ref
from bot.domain.policy import names
from bot.domain.run import Run, RunState, parse_run_ref

_EXITS: Mapping[RunState, Exit] = {
    RunState.REFUSED: Exit.REFUSED,
    RunState.DENIED: Exit.REFUSED,
    RunState.FAILED: Exit.FAILED,
    RunState.UNDONE: Exit.FAILED,
    RunState.STOPPED: Exit.FAILED,
    RunState.EXPIRED: Exit.NOT_APPROVED,
}
_ABOUT_THE_RUN = ("incident", "dry_run", "break_glass")


@verb("run", "run ACTION [key=value …]", also=ANY)
def run(desk: Desk, said: Said) -> Answer:
    """Ask for an action: it is surveyed and planned, and waits for its approval. dry_run=yes only shows.

    watch="PROMQL" expect="< 0.8" measures before and after, and fails the run where it did not help.
    break_glass="the reason" overrides freezes, limits and breakers, in the open.
    """
    name = said.word(0, "the action")
    no_more_words(said, 1)
    return propose(desk, said, name, said.options)


@verb("runs", strangers=True)
def runs(desk: Desk, said: Said) -> Answer:
    """The newest runs and how they ended."""
    del said
    found = desk.runs.recent(20)
    if not found:
        return Answer("Nothing has been run yet.", data={"runs": []})
    rows = tuple(
        (one.ref, one.state.value, one.title[:60], one.requested_by, one.outcome[:80]) for one in found
    )
    table = Table(("run", "state", "what", "asked by", "outcome"), rows)
    title = "The last run." if len(rows) == 1 else f"The last {len(rows)} runs."
    return Answer(title, table=table, data={"runs": [as_json(one) for one in found]})


@verb("show", "show RUN-12", strangers=True)
def show(desk: Desk, said: Said) -> Answer:
    """One run: its plan, how far it is, its evidence."""
    return _card(said, desk.runs.get(_which(said)))


@verb("approve", "approve RUN-12 [typed=TARGET]", also=("digest",))
def approve(desk: Desk, said: Said) -> Answer:
    """Approve the plan you saw; a destructive one asks for the target's name, typed."""
    digest, typed = said.options.get("digest", ""), said.options.get("typed", "")
    approved = desk.runs.approve(said.person, _which(said), digest=digest, typed=typed)
    return _card(said, approved, f"{approved.ref} is approved by {said.person.name} and starts now.")


@verb("deny", "deny RUN-12 [REASON]")
def deny(desk: Desk, said: Said) -> Answer:
    """Refuse a run that waits for approval."""
    denied = desk.runs.deny(said.person, _which(said), said.text_after(1))
    told = _card(said, denied, f"{denied.ref} is denied; nothing was changed.")
    return replace(told, exit=Exit.DONE)  # to deny is what was asked for, and it was done


@verb("cancel", "cancel RUN-12")
def cancel(desk: Desk, said: Said) -> Answer:
    """Take back a run that has not started."""
    cancelled = desk.runs.cancel(said.person, _which(said))
    return _card(said, cancelled, f"{cancelled.ref} is cancelled; nothing was changed.")


@verb("undo", "undo RUN-12")
def undo(desk: Desk, said: Said) -> Answer:
    """Take back what a run did, as a run of its own."""
    back = desk.runs.undo(said.person, _which(said))
    return _card(said, back, f"{back.ref} will take it back once it is approved.")


@verb("restore", "restore ENV [BACKUP|latest] [from=ENV] [at=TIME]", also=ANY)
def restore(desk: Desk, said: Said) -> Answer:
    """Restore a database: the newest verified production backup into ENV, unless told otherwise.

    at=2026-11-22T21:55:00Z brings the whole cluster of ENV back to a point in time, from its own archive.
    """
    if "at" in said.options:
        return _restore_to_time(desk, said)
    given = {name: value for name, value in said.options.items() if name != "from"}
    given["environment"] = said.word(0, "the environment")
    no_more_words(said, 2)
    if len(said.words) > 1:
        given["backup"] = said.words[1]
    if "from" in said.options:
        given["from_environment"] = said.options["from"]
    return propose(desk, said, "restore-database", given)


def _restore_to_time(desk: Desk, said: Said) -> Answer:
    environment = said.word(0, "the environment")
    if len(said.words) > 1 or "from" in said.options:
        raise UsageError(
            "a point in time is found in the environment's own archive: say at=TIME without a backup or from="
        )
    place = desk.plan.environments.get(environment)
    if place is not None and place.cluster is None:
        raise UsageError(
            f"a point in time needs every change of {environment} archived, and the plan names no `cluster`"
            f" for it: there are its dumps (`restore {environment} latest`). What makes it possible:"
            f" archive_mode=on with pgBackRest, and environments.{environment}.cluster in the plan"
        )
    return propose(desk, said, "restore-to-time", {**said.options, "environment": environment})


def no_more_words(said: Said, count: int) -> None:
    """Raise UsageError for a word that would be left out, as of a reason without its quotes."""
    if len(said.words) > count:
        raise UsageError(
            f'{said.words[count][:60]!r} is not key=value: put several words in quotes, key="two words"'
        )


def propose(desk: Desk, said: Said, action: str, options: Mapping[str, str]) -> Answer:
    """Survey, plan, and show the plan with what it needs next."""
    given = {name: value for name, value in options.items() if name not in _ABOUT_THE_RUN}
    dry_run = yes_or_no(options, "dry_run")
    incident = _incident(options.get("incident", ""))
    glass = options.get("break_glass", "")
    if dry_run:
        shown = desk.runs.propose(said.person, action, given, incident, dry_run=True, break_glass=glass)
        lines = (*_plan_lines(shown), "Nothing was stored and nothing will run.")
        return Answer(f"This is what `{action}` would do.", lines, data=as_json(shown))
    key = said.where.request_key
    asked = desk.runs.ask(said.person, action, given, incident, key, glass, join=True)
    proposed = asked.run
    if not asked.is_new:
        return _card(said, proposed, f"{proposed.ref} {desk.runs.asked(proposed)}.")
    if proposed.state is RunState.PROPOSED:
        able = names(desk.runs.approvers(proposed)) or "nobody of the plan"
        title = f"{proposed.ref} waits for approval by {able}."
        return _card(said, proposed, title)
    return _card(said, proposed)


def as_json(one: Run) -> dict[str, Json]:
    """A run for `--json`."""
    return {
        "run": one.ref if one.id else None,
        "action": one.action,
        "target": one.target,
        "risk": one.risk,
        "state": one.state.value,
        "digest": one.digest,
        "before": list(one.plan.before),
        "steps": list(one.plan.steps),
        "after": list(one.plan.after),
        "facts": dict(one.plan.facts),
        "outcome": one.outcome,
        "evidence": list(one.evidence),
    }


def _card(said: Said, one: Run, title: str = "") -> Answer:
    """The run; in Slack its card says the rest, a shell has only these lines."""
    title = title or f"{one.ref} · {one.state.value} · {one.title}"
    lines = _plan_lines(one) if said.where.face == "shell" else ()
    return Answer(title, lines, run=one.id, exit=_EXITS.get(one.state, Exit.DONE), data=as_json(one))


def _plan_lines(one: Run) -> tuple[str, ...]:
    """The run for a shell: facts, steps, then evidence and outcome."""
    lines = [f"{name}: {value}" for name, value in one.plan.facts]
    lines += [f"! {warning}" for warning in one.plan.warnings]
    titles = (*one.plan.before, *one.plan.steps, *one.plan.after)
    lines += [f"{'✓' if i < one.position else '·'} {title}" for i, title in enumerate(titles)]
    lines += list(one.evidence)
    if one.outcome:
        lines.append(one.outcome)
    return tuple(lines)


def _which(said: Said) -> int:
    try:
        return parse_run_ref(said.word(0, "the run"))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _incident(text: str) -> int | None:
    try:
        return parse_incident_ref(text) if text else None
    except ValueError as error:
        raise UsageError(str(error)) from error
