"""A walk: a person led through a runbook step by step, and what comes next, decided without looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal, TypeAlias

from bot.domain.run import Run, RunState


class WalkState(Enum):
    UNDER_WAY = "under way"
    DONE = "done"
    STOPPED = "stopped"


class StepState(Enum):
    TODO = "to do"
    DOING = "doing"  # its newest run waits for its approval or runs
    BY_HAND = "by hand"  # a person does it and says so
    HELD = "held"
    FAILED = "failed"
    REFUSED = "refused"  # a survey or a guard said no; nothing was changed
    NOT_RUN = "not run"  # denied, taken back or expired
    PASSED = "passed"  # a person went on past it
    SPARED = "spared"  # only for when the step before failed, and it held


@dataclass(frozen=True)
class Doing:
    """One action of a step, its parameters filled in when the walk began; `looks`: it changes nothing."""

    action: str
    label: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    looks: bool = False

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.label or self.action.replace("-", " ").capitalize()


@dataclass(frozen=True)
class WalkStep:
    """One step: what the plan says, and how far it is.

    `command` is what a person does where `does` is empty. `runs` are the runs of this attempt, in the order
    of `does`, and `held` says how many of them held; `said` is how it ended, in a sentence. Times are ISO
    8601 UTC: `stood_at` since when it stands for a person's word, `waited_s` how long it stood so before.
    """

    title: str
    command: str = ""
    does: tuple[Doing, ...] = ()
    only_if_failed: bool = False
    state: StepState = StepState.TODO
    attempt: int = 1
    runs: tuple[int, ...] = ()
    held: int = 0
    said: str = ""
    began_at: str = ""
    ended_at: str = ""
    stood_at: str = ""
    waited_s: float = 0.0

    @property
    def changes(self) -> bool:
        """Whether it is meant to change something: work by hand is."""
        return not self.does or not all(one.looks for one in self.does)


@dataclass(frozen=True)
class Walk:
    """One walk as it stands; times are ISO 8601 UTC. The steps are those of the plan when it began."""

    id: int
    runbook: str
    title: str
    environment: str
    started_by: str
    started_at: str
    steps: tuple[WalkStep, ...]
    state: WalkState = WalkState.UNDER_WAY
    incident: int | None = None
    ended_at: str = ""
    said: str = ""

    @property
    def ref(self) -> str:
        """`RB-3`, as people say it."""
        return f"RB-{self.id}"

    @property
    def run(self) -> int | None:
        """The run that it waits for."""
        return next((one.runs[-1] for one in self.steps if one.state is StepState.DOING and one.runs), None)

    def with_step(self, index: int, step: WalkStep) -> Walk:
        """The same with one step changed."""
        return replace(self, steps=(*self.steps[:index], step, *self.steps[index + 1 :]))


@dataclass(frozen=True)
class Propose:
    """Ask for the run of this step's action number `doing`."""

    step: int
    doing: int


@dataclass(frozen=True)
class Settle:
    """The step ends with so many of its actions `held`, or a person's turn begins."""

    step: int
    state: StepState
    said: str = ""
    held: int = 0


@dataclass(frozen=True)
class Finish:
    """Every step ended well, was passed or was not needed."""


@dataclass(frozen=True)
class Rest:
    """Nothing to do now: it waits for the run of `step`, or for a person (`standing`), or is over."""

    step: int | None = None
    standing: bool = False


Move: TypeAlias = "Propose | Settle | Finish | Rest"
How: TypeAlias = Literal["on", "retry", "skip"]

_ENDS: Mapping[RunState, StepState] = {
    RunState.VERIFIED: StepState.HELD,
    RunState.REFUSED: StepState.REFUSED,
    RunState.DENIED: StepState.NOT_RUN,
    RunState.CANCELLED: StepState.NOT_RUN,
    RunState.EXPIRED: StepState.NOT_RUN,
    RunState.FAILED: StepState.FAILED,
    RunState.UNDONE: StepState.FAILED,
    RunState.STOPPED: StepState.FAILED,
}
_FINE = (StepState.HELD, StepState.SPARED)


def next_step(walk: Walk, runs: Mapping[int, Run]) -> Move:
    """What the conductor does next. `runs` are those that the walk waits for, by number.

    A step begins when the one before held, or was passed by a person; with `only_if_failed`, when the one
    before failed (or was passed unproven). A refusal, a denial and an expiry wait for a person.
    """
    if walk.state is not WalkState.UNDER_WAY:
        return Rest()
    before = StepState.HELD
    for index, step in enumerate(walk.steps):
        if step.state is StepState.DOING:
            return _judged(walk, index, runs)
        if step.state is StepState.BY_HAND:
            return Rest(index, standing=True)
        if before is StepState.FAILED and not step.only_if_failed:
            return Rest(index - 1, standing=True)
        if step.state is StepState.TODO:
            if step.only_if_failed and before in _FINE:
                return Settle(index, StepState.SPARED, "not needed: the step before held")
            return Propose(index, len(step.runs)) if step.does else Settle(index, StepState.BY_HAND)
        if step.state in (StepState.REFUSED, StepState.NOT_RUN):
            return Rest(index, standing=True)
        before = step.state
    return Rest(len(walk.steps) - 1, standing=True) if before is StepState.FAILED else Finish()


def _judged(walk: Walk, index: int, runs: Mapping[int, Run]) -> Move:
    """What the newest run of a step means for it."""
    step = walk.steps[index]
    run = runs.get(step.runs[-1]) if step.runs else None
    if run is None or not run.state.ended:
        return Rest(index)
    ended, held = _ENDS[run.state], len(step.runs)
    said = f"{run.ref} {run.state.value}: {run.outcome}" if run.outcome else run.ref
    if ended is not StepState.HELD:
        return Settle(index, ended, said, held - 1)
    if run.found_red and proves(walk.steps, index, held - 1):
        return Settle(index, StepState.FAILED, f"{run.ref} found: {run.found_red}", held - 1)
    return Propose(index, held) if held < len(step.does) else Settle(index, ended, said, held)


def proves(steps: Sequence[WalkStep], index: int, doing: int) -> bool:
    """Whether this look is to prove that what was done holds, so that finding red is a failure.

    It is where something was to be changed before it, or where the next step is only for its failure. What is
    looked at before anything is changed, or first in a step that then changes something, is there to be
    known: the trouble that a runbook is for must not stop the runbook.
    """
    does = steps[index].does
    if not does[doing].looks or not all(one.looks for one in does[doing + 1 :]):
        return False
    if index + 1 < len(steps) and steps[index + 1].only_if_failed:
        return True
    return any(one.changes for one in steps[:index]) or not all(one.looks for one in does[:doing])


def standing_at(walk: Walk) -> int | None:
    """The step at which a person decides, or None while it goes by itself or is over."""
    move = next_step(walk, {})
    return move.step if isinstance(move, Rest) and move.standing else None


def continued(walk: Walk, index: int, how: How, by: str, reason: str = "") -> Walk:
    """The walk after a person's word at the step where it stands.

    `on` is: done (by hand), try again (failed, not run), go on past it (refused). What had held in the step
    is not done again. Raises ValueError where there is nothing to try again.
    """
    step = walk.steps[index]
    if how == "skip":
        because = f": {reason}" if reason else ""
        return walk.with_step(index, _passed(step, f"skipped by {by}{because}"))
    if step.state is StepState.BY_HAND:
        if how == "retry":
            raise ValueError("it is done by hand: say `continue` when it is done")
        return walk.with_step(index, replace(step, state=StepState.HELD, said=f"done by hand by {by}"))
    if step.state is StepState.REFUSED and how == "on":
        return walk.with_step(index, _passed(step, f"{by} went on past it ({step.said})"))
    again = replace(
        step, state=StepState.TODO, attempt=step.attempt + 1, runs=step.runs[: step.held], said=""
    )
    return walk.with_step(index, again)


def _passed(step: WalkStep, said: str) -> WalkStep:
    return replace(step, state=StepState.PASSED, said=said)


def parse_walk_ref(text: str) -> int:
    """Read `RB-3`, `rb3` or `3`. Raises ValueError with the form that would be right."""
    digits = text.strip().upper().removeprefix("RB").removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise ValueError(f"{text!r} is not a runbook under way: say RB- and its number")
    return int(digits)
