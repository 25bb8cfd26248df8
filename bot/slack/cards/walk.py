"""A runbook's card: each step with how it went, what is waited for, and what can be pressed."""

from __future__ import annotations

from bot.domain.run import Run, RunState
from bot.domain.walk import StepState, WalkState, WalkStep, standing_at
from bot.runbooks.view import WalkView
from bot.slack.blocks import (
    Block,
    Card,
    actions,
    button,
    confirm,
    context,
    form_button,
    header,
    section,
)
from bot.slack.cards.words import RUN_WORD, Namer, as_written, run_sign
from bot.slack.fit import fit_card
from bot.slack.text import escape, moment, one_line, plain

STEPS_SHOWN = 20
SAID = 220
COMMAND = 900
SIGN = {
    StepState.HELD: "✓",
    StepState.FAILED: "✗",
    StepState.REFUSED: "⛔",
    StepState.NOT_RUN: "✗",
    StepState.DOING: "▸",
    StepState.BY_HAND: "✋",
    StepState.PASSED: "↷",
    StepState.SPARED: "–",
}
_STATE = {WalkState.UNDER_WAY: "🧭", WalkState.DONE: "✅", WalkState.STOPPED: "◻️"}
# What going on means where it stands.
_ON = {
    StepState.BY_HAND: "Done",
    StepState.FAILED: "Try again",
    StepState.NOT_RUN: "Ask again",
    StepState.REFUSED: "Continue",
}


def walk_card(shown: WalkView, name: Namer = as_written) -> Card:
    """The one message of a walk, edited in place."""
    walk = shown.walk
    blocks = [
        header(f"{_STATE[walk.state]} Runbook: {walk.title}"),
        context("  ·  ".join(_small_print(shown, name))),
        section(_checklist(shown)),
        *_now(shown),
        *_buttons(shown),
    ]
    said = shown.waits or walk.said
    return fit_card(Card(f"{walk.ref} {one_line(walk.title, 120)}: {one_line(said, 300)}", blocks))


def _small_print(shown: WalkView, name: Namer) -> list[str]:
    walk = shown.walk
    parts = [f"*{walk.ref}*", one_line(walk.environment, 60)]
    if walk.incident is not None:
        parts.append(f"for INC-{walk.incident}")
    parts.append(
        f"begun by {one_line(name(walk.started_by), 60)} {moment(walk.started_at, '{time}')}".strip()
    )
    parts.append(one_line(shown.took, 200))
    if shown.due:
        parts.append(f"promised until {moment(shown.due, '{time}')}")
    return [part for part in parts if part]


def _checklist(shown: WalkView) -> str:
    steps = shown.walk.steps
    lines = [_line(number, step, shown) for number, step in enumerate(steps[:STEPS_SHOWN], 1)]
    if len(steps) > STEPS_SHOWN:
        lines.append(f"and {len(steps) - STEPS_SHOWN} more: `runbook {shown.walk.ref}`")
    return "\n".join(lines)


def _line(number: int, step: WalkStep, shown: WalkView) -> str:
    title = one_line(step.title, 100)
    now = step.state in (StepState.DOING, StepState.BY_HAND)
    written = f"{SIGN.get(step.state, '○')}  {number}. {f'*{title}*' if now else title}"
    if step.only_if_failed and step.state is StepState.TODO:
        written += "  _(only if the step before fails)_"
    took = shown.steps[number - 1] if number <= len(shown.steps) else ""
    if took and not now:
        written += f"  _({one_line(took, 80)})_"
    runs = [shown.runs[run] for run in step.runs if run in shown.runs]
    ends = [_run(run, one_line(run.title, 80) if len(step.does) > 1 else "") for run in runs]
    found = step.state is StepState.FAILED and bool(runs) and runs[-1].state is RunState.VERIFIED
    if found:  # a look that held as a run, and whose finding is the failure
        ends[-1] = one_line(step.said, SAID)
    if step.state in (StepState.REFUSED, StepState.PASSED, StepState.SPARED) or (step.said and not runs):
        ends.append(one_line(step.said, SAID))
    return "\n".join([written, *(f"      {end}" for end in ends if end)])


def _run(run: Run, title: str) -> str:
    """What a run of the step came to; its title only where the step has several."""
    said = RUN_WORD[run.state] if not run.state.ended or not run.outcome else one_line(run.outcome, SAID)
    sign = "" if run.state is RunState.VERIFIED else f"{run_sign(run)} "
    return f"{sign}{run.ref}{f' {title}' if title else ''}: {said}"


def _now(shown: WalkView) -> list[Block]:
    """What it waits for; a command to be done by hand stands whole."""
    walk = shown.walk
    if walk.state is not WalkState.UNDER_WAY:
        return [section(f"*{one_line(walk.said, 600)}*")] if walk.said else []
    index = standing_at(walk)
    step = walk.steps[index] if index is not None else None
    if step is None:
        return [context(one_line(shown.waits, 400))] if shown.waits else []
    if step.state is not StepState.BY_HAND:
        return [section(f"*{one_line(shown.waits, 300)}* Nothing further is done until somebody decides.")]
    made = [section(f"*Do by hand:* {one_line(step.title, 200)}, then press Done.")]
    if step.command:
        made.append(section(f"```{_verbatim(step.command)}```"))
    return made


def _verbatim(command: str) -> str:
    """A command inside a block of code that it cannot leave."""
    return escape("\n".join(plain(line, 300) for line in command.replace("```", "'''").splitlines()), COMMAND)


def _buttons(shown: WalkView) -> list[Block]:
    walk = shown.walk
    if walk.state is not WalkState.UNDER_WAY:
        return []
    sure = confirm(
        f"Stop {walk.ref}?",
        "A run that is under way goes on to its own end; what waits for approval is taken back.",
        "Stop it",
        "Go on",
    )
    stop = button("Stop", f"stop {walk.ref}", "stop", confirm=sure)
    index = standing_at(walk)
    if index is None:
        run = shown.runs.get(walk.run or 0)
        look = button(f"Show {run.ref}", f"show {run.ref}", "show") if run else None
        return [actions(look, stop, name="walk")]
    line = f"continue {walk.ref} step={index + 1}"
    state = walk.steps[index].state
    on = button(_ON[state], line, "continue", "primary")
    again = button("Try again", f"{line} retry=yes", "retry") if state is StepState.REFUSED else None
    return [actions(on, again, form_button("Skip…", line, "skip"), stop, name="walk")]
