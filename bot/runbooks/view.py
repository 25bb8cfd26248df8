"""Where a walk stands, in words: what every face shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.policy import names
from bot.domain.run import Run, RunState
from bot.domain.walk import Rest, StepState, Walk, WalkState, next_step
from bot.domain.walk_clock import Promise, clock_text, measured, step_text
from bot.plan.models import DrPlan
from bot.runbooks.promised import promised
from bot.runs import Runs
from bot.store import incidents as incident_rows
from bot.store import runs as run_rows
from bot.store import walks as walk_rows
from bot.store.database import Store, from_iso, iso, utc_now


@dataclass(frozen=True)
class WalkView:
    """A walk with its runs by number, and what it waits for in a sentence (empty once it is over).

    `took` says how long it takes or took beside what is promised, `steps` how long each step did ('' for one
    that has not begun); `due` is when the promised time is over (ISO 8601 UTC, '' where none is promised).
    """

    walk: Walk
    runs: Mapping[int, Run]
    waits: str
    took: str = ""
    steps: tuple[str, ...] = ()
    due: str = ""


def view(store: Store, plan: DrPlan, runs: Runs, walk: Walk) -> WalkView:
    """The walk with the newest state of its runs, and its clock."""
    numbers = [number for step in walk.steps for number in step.runs]
    found = {number: run for number in numbers if (run := run_rows.get(store, number)) is not None}
    now = iso(utc_now())
    clock = measured(walk, walk_rows.askings(store, walk.id), now)
    incident = incident_rows.get(store, walk.incident) if walk.incident is not None else None
    promise = promised(plan, walk, incident)
    return WalkView(
        walk,
        found,
        _waits(runs, walk, found),
        clock_text(walk, clock, promise, now),
        tuple(step_text(one) for one in clock.steps),
        _due(walk, promise),
    )


def _due(walk: Walk, promise: Promise) -> str:
    if promise.target_s is None or walk.state is not WalkState.UNDER_WAY:
        return ""
    return iso(from_iso(promise.since or walk.started_at) + timedelta(seconds=promise.target_s))


def rests(shown: WalkView) -> bool:
    """Whether nothing more happens by itself: it is over, or waits for a person's word or approval."""
    if shown.walk.state is not WalkState.UNDER_WAY:
        return True
    move = next_step(shown.walk, shown.runs)
    run = shown.runs.get(shown.walk.run or 0)
    asked = run is not None and run.state is RunState.PROPOSED
    return isinstance(move, Rest) and (move.standing or asked)


def _waits(runs: Runs, walk: Walk, found: Mapping[int, Run]) -> str:
    if walk.state is not WalkState.UNDER_WAY:
        return ""
    move = next_step(walk, found)
    if not isinstance(move, Rest) or move.step is None:
        return "It goes on by itself."
    if not move.standing:
        return _of_run(runs, found.get(walk.run or 0))
    step = walk.steps[move.step]
    at = f"step {move.step + 1}, {step.title}"
    if step.state is StepState.BY_HAND:
        return f"A person is needed for {at}."
    return f"It stands at {at}."


def _of_run(runs: Runs, run: Run | None) -> str:
    if run is None:
        return "It goes on by itself."
    if run.state is RunState.PROPOSED:
        able = names(runs.approvers(run))
        return f"{run.ref} waits for approval{f' by {able}' if able else ''}."
    if run.state in (RunState.APPROVED, RunState.RUNNING):
        return f"{run.ref} is running{f': {run.current}' if run.current else ''}."
    return "It goes on by itself."
