"""A drill's card: its steps while it is under way, then the verdict with promised beside measured."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.drill import Drill, DrillPart, DrillState, PartState
from bot.domain.run import Run, RunState
from bot.drills.certificate import Against, Certificate
from bot.drills.verdict import Promises
from bot.drills.view import DrillView
from bot.drills.words import clock, span
from bot.slack.blocks import Block, Card, actions, button, confirm, context, facts, header, section
from bot.slack.cards.document import fenced
from bot.slack.cards.words import Namer, as_written
from bot.slack.fit import fit_card
from bot.slack.text import clip, lasted, moment, one_line, plain

STEPS_SHOWN = 24
STEP_TEXT = 110
SAID = 300
BAR = 16
_HEAD = {
    DrillState.UNDER_WAY: "🎯 Drill under way",
    DrillState.PASSED: "✅ Drill passed",
    DrillState.FAILED: "❌ Drill failed",
}
SIGN = {
    PartState.HELD: "✓",
    PartState.FAILED: "✗",
    PartState.DOING: "▸",
    PartState.SPARED: "–",
    PartState.TODO: "○",
}


def drill_card(shown: DrillView, name: Namer = as_written) -> Card:
    """The one message of a drill, edited in place."""
    drill = shown.drill
    over = drill.state is not DrillState.UNDER_WAY
    blocks = [
        header(f"{_head(shown)}: {drill.title}"),
        context("  ·  ".join(_small_print(shown, name))),
        *(_verdict(shown) if over else _progress(shown)),
        *_buttons(shown),
    ]
    said = drill.said if over else _promised(shown.promises)
    text = f"{drill.ref} {one_line(drill.title, 120)} · {drill.state.value}"
    return fit_card(Card(f"{text}: {one_line(said, 400)}" if said else text, blocks))


def _head(shown: DrillView) -> str:
    """A promise that was missed is told apart from a recovery that did not work."""
    recovered = shown.certificate is not None and shown.certificate.recovered
    missed = shown.drill.state is DrillState.FAILED and recovered
    return "🟠 Recovered, and a promise was missed" if missed else _HEAD[shown.drill.state]


def _small_print(shown: DrillView, name: Namer) -> list[str]:
    drill = shown.drill
    by = f"asked by {one_line(name(drill.started_by), 80)} {moment(drill.started_at, '{time}')}"
    took = lasted(drill.started_at, drill.ended_at)
    parts = [f"*{drill.ref}*", by.strip(), f"took {took}" if took else ""]
    if drill.state is DrillState.UNDER_WAY:
        parts.append(_promised(shown.promises))
    return [part for part in parts if part]


def _promised(promises: Promises) -> str:
    rows = (("RTO", promises.rto_s), ("RPO", promises.rpo_s))
    said = [f"{label} {span(seconds)}" for label, seconds in rows if seconds is not None]
    return f"promised {', '.join(said)}" if said else ""


def _progress(shown: DrillView) -> list[Block]:
    lines: list[str] = []
    for part in shown.drill.parts:
        run = shown.runs.get(part.run)
        lines.append(_part(part, run))
        if run is not None and part.state is PartState.DOING:
            lines += _steps(run)
    if len(lines) > STEPS_SHOWN:
        lines = [*lines[:STEPS_SHOWN], f"and {len(lines) - STEPS_SHOWN} more"]
    made = [section("\n".join(lines))]
    if shown.now:
        made.append(context(f"Now: {one_line(shown.now, SAID)}"))
    return made


def _part(part: DrillPart, run: Run | None) -> str:
    title = one_line(part.doing.title, STEP_TEXT)
    now = part.state is PartState.DOING
    line = f"{SIGN[part.state]}  {f'*{title}*' if now else title}"
    if part.run:
        line += f"  RUN-{part.run}"
    if part.state in (PartState.FAILED, PartState.SPARED) and part.said:
        return f"{line}\n      {one_line(part.said, SAID)}"
    if now and run is not None and run.state is RunState.PROPOSED:
        return f"{line}  _waits: another run works there_"
    return line


def _steps(run: Run) -> Iterator[str]:
    """Guards, steps and checks of the run that is under way, with a tick for each that is done."""
    for number, title in enumerate((*run.plan.before, *run.plan.steps, *run.plan.after)):
        running = run.state is RunState.RUNNING and number == run.position
        sign = "✓" if number < run.position else "▸" if running else "○"
        yield f"      {sign}  {one_line(title, STEP_TEXT)}"


def _verdict(shown: DrillView) -> list[Block]:
    drill, certificate = shown.drill, shown.certificate
    made = [section(f"*{one_line(drill.said, 900)}*")] if drill.said else []
    if certificate is None:
        return [*made, section("\n".join(_part(part, None) for part in drill.parts) or "Nothing was run.")]
    made.append(facts(_facts(certificate)))
    if certificate.caveat:
        made.append(context(f"⚠️ {one_line(certificate.caveat, 400)}"))
    broken = [_part(part, None) for part in drill.parts if part.state in (PartState.FAILED, PartState.SPARED)]
    if broken:
        made.append(section("\n".join(broken)))
    bars = _bars(certificate)
    return [*made, section(bars)] if bars else made


def _facts(certificate: Certificate) -> list[tuple[str, str]]:
    rows = [("Recovered", "yes" if certificate.recovered else "*no*")]
    rows += [
        (f"{one_line(one.name, 40)}, measured of promised", _against(one))
        for one in certificate.objectives[:2]
    ]
    for came in certificate.rehearsed[:2]:
        of = f", data of {clock(came.data_of)}" if came.data_of else ""
        rows.append(("Backup", one_line(came.backup, 120) + of))
        if came.rows is not None:
            tables = f" in {came.tables} tables" if came.tables is not None else ""
            rows.append(("Came back", f"{came.rows:,} rows{tables}"))
    return rows


def _against(one: Against) -> str:
    sign = {True: "✅ ", False: "❌ ", None: ""}[one.kept]
    measured = f"*{span(one.measured_s)}*" if one.measured_s is not None else "not measured"
    promised = f" of {span(one.promised_s)}" if one.promised_s is not None else ""
    return f"{sign}{measured}{promised}"


def _bars(certificate: Certificate) -> str:
    """Where the time went: a bar for each coarse phase, in a block of code so that they line up."""
    groups = [(plain(name, 20), seconds) for name, seconds in certificate.groups[:12] if seconds >= 0.05]
    most = max((seconds for _, seconds in groups), default=0.0)
    if not groups or most <= 0:
        return ""
    wide, long = max(len(name) for name, _ in groups), max(len(span(seconds)) for _, seconds in groups)
    lines = [
        f"{name:<{wide}}  {span(seconds):>{long}}  {'▇' * max(1, round(BAR * seconds / most))}"
        for name, seconds in groups
    ]
    return fenced(lines)


def _buttons(shown: DrillView) -> list[Block]:
    drill = shown.drill
    if drill.state is DrillState.UNDER_WAY:
        run = next((shown.runs.get(part.run) for part in drill.parts if part.state is PartState.DOING), None)
        look = button(f"Show {run.ref}", f"show {run.ref}", "show") if run else None
        return [actions(look, name="drill")] if look else []
    paper = button("Certificate", f"certificate {drill.ref}", "certificate", "primary")
    return [
        actions(
            paper, button("Hold again", f"drill {drill.name}", "again", confirm=_sure(drill)), name="drill"
        )
    ]


def _sure(drill: Drill) -> Block:
    done = "; ".join(part.doing.title for part in drill.parts)
    return confirm(
        f"Hold {plain(drill.title, 70)} again?",
        clip(f"It does: {plain(done, 220)}. Its runs are approved in your name.", 300),
        "Hold it",
    )
