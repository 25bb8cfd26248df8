"""What a drill does next, decided without looking. One part after the other; each is a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.drill import Drill, DrillState, PartState
from bot.domain.run import Run, RunState


@dataclass(frozen=True)
class Ask:
    """Ask for the run of part `index`."""

    index: int


@dataclass(frozen=True)
class Approve:
    """Its run waits: it is approved as what the one who began the drill confirmed with it."""

    index: int
    run: int


@dataclass(frozen=True)
class Settle:
    """Part `index` ends."""

    index: int
    state: PartState
    said: str


@dataclass(frozen=True)
class End:
    """Every part has ended: measure, judge, certify."""


@dataclass(frozen=True)
class Rest:
    """Nothing to do now: a run works, or the drill is over."""


Move: TypeAlias = "Ask | Approve | Settle | End | Rest"
SPARED = "not run: what came before it failed"


def next_move(drill: Drill, runs: Mapping[int, Run]) -> Move:
    """What comes next. `runs` are the drill's own, by number.

    A part begins when the one before it held. After one that did not, only what changes nothing is still
    run: it says how things stand, and cannot make them worse.
    """
    if drill.state is not DrillState.UNDER_WAY:
        return Rest()
    failed = False
    for index, part in enumerate(drill.parts):
        if part.state is PartState.DOING:
            return _judged(index, runs.get(part.run))
        if part.state is PartState.TODO:
            if failed and not part.only_looks:
                return Settle(index, PartState.SPARED, SPARED)
            return Ask(index)
        failed = failed or part.state is PartState.FAILED
    return End()


def never_began(run: Run) -> bool:
    """Refused before its first guard: the world moved, or another run took the target, in between.

    Nothing was rehearsed by it, so it says nothing about recovery: it is asked for again.
    """
    return run.state is RunState.REFUSED and not run.started_at


def _judged(index: int, run: Run | None) -> Move:
    """What a part's run means for it."""
    if run is None:
        return Rest()
    if run.state is RunState.PROPOSED:
        return Approve(index, run.id)
    if not run.state.ended:
        return Rest()
    if never_began(run):
        return Ask(index)
    if run.state is RunState.VERIFIED:
        return Settle(index, PartState.HELD, run.outcome)
    return Settle(
        index, PartState.FAILED, f"{run.ref} {run.state.value}{f': {run.outcome}' if run.outcome else ''}"
    )
