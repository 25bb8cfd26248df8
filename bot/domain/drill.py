"""A drill: a rehearsal of the plan's section 5, measured against what the plan promises."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from bot.domain.walk import Doing


class DrillState(Enum):
    UNDER_WAY = "under way"
    PASSED = "passed"
    FAILED = "failed"


class PartState(Enum):
    TODO = "to do"
    DOING = "doing"  # its run was asked for and has not ended
    HELD = "held"
    FAILED = "failed"  # refused, failed, undone or never approved
    SPARED = "not run"  # something before it failed, and it does more than look


@dataclass(frozen=True)
class DrillPart:
    """One action of a drill, as the plan had it when the drill began.

    `only_looks` says that it changes nothing. `run` is 0 where it was not asked for, or was refused before
    it became a run; `said` is how it ended, in a sentence.
    """

    doing: Doing
    only_looks: bool = False
    state: PartState = PartState.TODO
    run: int = 0
    said: str = ""


@dataclass(frozen=True)
class Drill:
    """One time that a drill was held. `name` is its key among the plan's tests.

    `parts` are what it does, in order. `rto_s` is how long recovery took, from the declaration to the last
    check; `rpo_s` what a loss at that moment would have cost (None where it could not be measured).
    `certificate` is the JSON of the certificate, '' while under way. Times are ISO 8601 UTC.
    """

    id: int
    name: str
    title: str
    state: DrillState
    started_by: str
    started_at: str
    ended_at: str = ""
    parts: tuple[DrillPart, ...] = ()
    rto_s: float | None = None
    rpo_s: float | None = None
    said: str = ""
    certificate: str = ""

    @property
    def ref(self) -> str:
        return f"DRILL-{self.id}"

    @property
    def runs(self) -> tuple[int, ...]:
        """The numbers of its runs, in order."""
        return tuple(part.run for part in self.parts if part.run)

    def with_part(self, index: int, part: DrillPart) -> Drill:
        """The same with one part changed."""
        return replace(self, parts=(*self.parts[:index], part, *self.parts[index + 1 :]))


def parse_drill_ref(text: str) -> int:
    """Read `DRILL-3`, `drill3` or `3`. Raises ValueError with the form that would be right."""
    digits = text.strip().upper().removeprefix("DRILL").removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise ValueError(f"{text[:40]!r} is not a drill that was held: say DRILL- and its number")
    return int(digits)
