"""How long a walk takes, by step and in all, and how much of it was waiting for people. Pure; no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.walk import StepState, Walk, WalkState, WalkStep, standing_at

_STANDS = (StepState.BY_HAND, StepState.FAILED, StepState.REFUSED, StepState.NOT_RUN)


@dataclass(frozen=True)
class Asking:
    """A run that step `step` (from 0) asked for: since when it waited for a person, until when ('' still)."""

    step: int
    since: str
    until: str


@dataclass(frozen=True)
class StepClock:
    """`took_s` holds `waited_s`: approvals, work by hand, and decisions where it stood."""

    took_s: float
    waited_s: float


@dataclass(frozen=True)
class WalkClock:
    """A whole walk; a step that has not begun has no clock."""

    total_s: float
    waited_s: float
    steps: tuple[StepClock | None, ...]


@dataclass(frozen=True)
class Promise:
    """What the plan promises of a walk: `target_s` of `name` (`RTO`), which counts since the trouble began.

    `since` is when the incident `incident` was opened ('' where there is none: then since the walk began).
    """

    name: str = ""
    target_s: float | None = None
    incident: str = ""
    since: str = ""


def stamped(step: WalkStep, now: str) -> WalkStep:
    """The step with the times of the state that it has just come to. Safe to do twice."""
    if step.state is StepState.TODO:
        return replace(_folded(step, now), ended_at="")
    began = step.began_at or now
    if step.state is StepState.DOING:
        return replace(_folded(step, now), began_at=began, ended_at="")
    ended = "" if step.state is StepState.BY_HAND else now
    if step.state in _STANDS:
        return replace(step, began_at=began, ended_at=ended, stood_at=step.stood_at or now)
    return replace(_folded(step, now), began_at=began, ended_at=ended)


def rested(walk: Walk, now: str) -> Walk:
    """The walk with the time that it stood until now counted: what is done before it is stopped."""
    index = standing_at(walk)
    if index is None:
        return walk
    return walk.with_step(index, replace(_folded(walk.steps[index], now), ended_at=now))


def measured(walk: Walk, asked: Sequence[Asking], now: str) -> WalkClock:
    """How long it took until it ended, or until `now` while it is under way."""
    until = walk.ended_at or now
    standing = standing_at(walk)
    steps = tuple(
        _measured(step, [one for one in asked if one.step == index], until, index == standing)
        for index, step in enumerate(walk.steps)
    )
    waited_s = sum(one.waited_s for one in steps if one is not None)
    return WalkClock(seconds(walk.started_at, until), waited_s, steps)


def _measured(step: WalkStep, asked: Sequence[Asking], until: str, stands: bool) -> StepClock | None:
    if not step.began_at:
        return None
    waited_s = step.waited_s + sum(seconds(one.since, one.until or until) for one in asked)
    if stands and step.stood_at:
        waited_s += seconds(step.stood_at, until)
    ended = "" if stands else step.ended_at
    took_s = seconds(step.began_at, ended or until)
    return StepClock(took_s, min(waited_s, took_s))


def _folded(step: WalkStep, now: str) -> WalkStep:
    if not step.stood_at:
        return step
    return replace(step, waited_s=step.waited_s + seconds(step.stood_at, now), stood_at="")


def clock_text(walk: Walk, clock: WalkClock, promise: Promise, now: str) -> str:
    """`12 min 40 s of 4 h RTO, 3 min of it waiting for people`; `Recovered in 21 min 3 s; RTO 4 h`."""
    waited = f", {length_text(clock.waited_s)} of it waiting for people" if clock.waited_s >= 1 else ""
    total = length_text(clock.total_s)
    since_s = seconds(promise.since, walk.ended_at or now) if promise.since else clock.total_s
    opened = f"; {promise.incident} was opened {length_text(since_s)} before" if promise.since else ""
    if promise.target_s is None:
        return f"{total} {'so far' if walk.state is WalkState.UNDER_WAY else 'in all'}{waited}"
    limit = f"{length_text(promise.target_s)} {promise.name}"
    over_s = since_s - promise.target_s
    missed = f"; past the {promise.name} by {length_text(over_s)}" if over_s > 0 else ""
    if walk.state is WalkState.UNDER_WAY:
        opened = f"; {promise.incident} is open for {length_text(since_s)}" if promise.since else ""
        return f"{total} of {limit}{waited}{opened}{missed}"
    said = "Recovered in" if recovered(walk) else "Ended after"
    return f"{said} {total}{waited}; {promise.name} {length_text(promise.target_s)}{opened}{missed}"


def step_text(clock: StepClock | None) -> str:
    """`2 min 3 s, 1 min of it waiting`; '' for a step that has not begun or took no time."""
    if clock is None or clock.took_s < 1:
        return ""
    waited = f", {length_text(clock.waited_s)} of it waiting" if clock.waited_s >= 1 else ""
    return f"{length_text(clock.took_s)}{waited}"


def recovered(walk: Walk) -> bool:
    """Whether it came to its end with every step held (or not needed, or mended by the one after it).

    What only looked recovered nothing.
    """
    passed = any(step.state is StepState.PASSED for step in walk.steps)
    return walk.state is WalkState.DONE and not passed and any(step.changes for step in walk.steps)


def seconds(since: str, until: str) -> float:
    """From one ISO time to another; 0 where one of them is none, or a clock went back."""
    try:
        return max(0.0, (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def length_text(length_s: float) -> str:
    """`40 s`, `12 min 40 s`, `4 h`, `2 h 5 min`, `1 d 3 h`: the two greatest units that are not 0."""
    left = max(0, round(length_s))
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {unit}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "0 s"
