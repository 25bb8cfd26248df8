"""The run's card: first the plan that is approved, then its progress, then what was proven."""

from __future__ import annotations

from bot.domain.run import Run, RunState
from bot.slack.blocks import (
    Block,
    Card,
    actions,
    button,
    confirm,
    context,
    facts,
    form_button,
    header,
    section,
)
from bot.slack.cards.words import RISK, RUN_WORD, Namer, as_written, run_sign
from bot.slack.fit import fit_card
from bot.slack.text import clip, code, duration, lasted, moment, one_line, plain

FACTS_SHOWN = 10
STEPS_SHOWN = 25
STEP_TEXT = 105
EVIDENCE_SHOWN = 8
DIGEST_SHOWN = 8
_BROKEN = (RunState.REFUSED, RunState.FAILED, RunState.STOPPED)


def run_card(run: Run, name: Namer = as_written, now: str = "") -> Card:
    """The one message of a run. `now` (ISO 8601 UTC) hides an undo that is too late."""
    blocks = [
        header(f"{run_sign(run)} {run.title}"),
        facts(_facts(run, name)),
        *_survey(run),
        *[section(f"⚠️  {one_line(warning, 400)}") for warning in run.plan.warnings if not run.state.ended],
        *_ending(run),
        *_buttons(run, now),
        context("  ·  ".join(_small_print(run, name))),
    ]
    return fit_card(Card(f"{run.ref} {one_line(run.title, 200)}: {RUN_WORD[run.state]}", blocks))


def _facts(run: Run, name: Namer) -> list[tuple[str, str]]:
    rows = [("Target", code(run.target, 120)), ("State", _state(run, name))]
    if run.state is RunState.PROPOSED:
        rows.append(("Risk", _capital(RISK.get(run.risk, one_line(run.risk, 60)))))
        rows.append(("Takes about", _forecast(run)))
    return rows


def _forecast(run: Run) -> str:
    if run.plan.forecast_s is None:
        return "not measured yet"
    took, past = duration(run.plan.forecast_s), run.plan.forecast_runs
    if past:
        return f"{took} (as the last one)" if past == 1 else f"{took} (median of the last {past})"
    return f"{took} (reckoned, never run here)"


def _state(run: Run, name: Namer) -> str:
    said = RUN_WORD[run.state].capitalize()
    by = one_line(name(run.approved_by), 60)
    if run.state in (RunState.APPROVED, RunState.RUNNING) and by:
        return f"{said}, approved by {by}"
    took = lasted(run.started_at, run.ended_at)
    return f"{said} in {took}" if took and run.state is RunState.VERIFIED else said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _survey(run: Run) -> list[Block]:
    if run.state.ended or not run.plan.facts:
        return []
    rows = [
        f"*{one_line(label, 80)}*  {one_line(value, 200)}" for label, value in run.plan.facts[:FACTS_SHOWN]
    ]
    more = len(run.plan.facts) - len(rows)
    if more > 0:
        rows.append(f"and {more} more: `show {run.ref}`")
    return [section("\n".join(rows))]


def _checklist(run: Run) -> str:
    """Guards, steps and checks with a tick for each that is done."""
    lines, number = [], 0
    for label, titles in (
        ("Check first", run.plan.before),
        ("Do", run.plan.steps),
        ("Verify", run.plan.after),
    ):
        if titles:
            lines.append(f"*{label}*")
        for title in titles:
            lines.append(f"{_tick(run, number)}  {one_line(title, STEP_TEXT)}")
            number += 1
    if len(lines) > STEPS_SHOWN:
        lines = [*lines[:STEPS_SHOWN], f"and {len(lines) - STEPS_SHOWN} more: `show {run.ref}`"]
    return "\n".join(lines)


def _tick(run: Run, number: int) -> str:
    if number < run.position or run.state is RunState.VERIFIED:
        return "✓"
    if number == run.position and run.state is RunState.RUNNING:
        return "▸"
    if number == run.position and run.state in _BROKEN:
        return "✗"
    return "○"


def _ending(run: Run) -> list[Block]:
    """The checklist while it matters; once all of it held, only the outcome and its evidence."""
    proven = run.state is RunState.VERIFIED and bool(run.evidence)
    made = [] if proven else [section(_checklist(run))]
    if run.plan.undo and not run.state.ended:
        made.append(context(f"Way back: {one_line('; '.join(run.plan.undo), 300)}"))
    if run.state is RunState.RUNNING and run.current:
        made.append(context(f"Now: {one_line(run.current, 300)}"))
    if run.state.ended and run.outcome:
        made.append(section(f"*{one_line(run.outcome, 900)}*"))
    if run.evidence:
        kept = run.evidence[-EVIDENCE_SHOWN:]
        hidden = len(run.evidence) - len(kept)
        first = [f"{hidden} earlier: `show {run.ref}`"] if hidden else []
        made.append(context("\n".join([*first, *(f"✓ {one_line(line, 300)}" for line in kept)])))
    return made


def _buttons(run: Run, now: str) -> list[Block]:
    if run.state is RunState.PROPOSED:
        deny = form_button("Deny", f"deny {run.ref}", "deny")
        cancel = button("Cancel", f"cancel {run.ref}", "cancel")
        return [actions(approve_button(run), deny, cancel, name="decide")]
    if run.state is RunState.VERIFIED and _undoable(run, now):
        sure = confirm(
            f"Undo {run.ref}?",
            clip("Takes back: " + plain("; ".join(run.plan.undo), 250), 300),
            "Undo",
            "Keep it",
            danger=True,
        )
        return [actions(button("Undo", f"undo {run.ref}", "undo", confirm=sure), name="after")]
    return []


def _undoable(run: Run, now: str) -> bool:
    return bool(
        run.plan.undo and run.undo_until and run.undone_by is None and (not now or now < run.undo_until)
    )


def approve_button(run: Run) -> Block:
    """Approve what is shown: the line names the plan's digest; destructive runs ask for a typed name."""
    line = f"approve {run.ref} digest={run.digest}"
    if run.risk == "destructive":
        return form_button("Approve…", line, "approve", "danger")
    sure = confirm(
        f"Run it on {plain(run.target, 60)}?",
        f"{plain(run.title, 150)}. {RISK.get(run.risk, '')}".strip(),
        "Approve",
    )
    return button("Approve", line, "approve", "primary", sure)


def _small_print(run: Run, name: Namer) -> list[str]:
    parts = [f"*{run.ref}*", f"asked by {one_line(name(run.requested_by), 60)}"]
    if run.incident is not None:
        parts.append(f"for INC-{run.incident}")
    if run.state is RunState.PROPOSED and run.expires_at:
        parts.append(f"expires {moment(run.expires_at, '{time}')}")
    if run.undo_of is not None:
        parts.append(f"takes back RUN-{run.undo_of}")
    if run.undone_by is not None:
        parts.append(f"taken back by RUN-{run.undone_by}")
    elif run.state is RunState.VERIFIED and run.undo_until:
        parts.append(f"undo until {moment(run.undo_until)}")
    return [*parts, f"plan {code(run.digest[:DIGEST_SHOWN], 12)}"]
