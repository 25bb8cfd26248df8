"""A drill: a rehearsal of the plan's section 5, measured against what the plan promises."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class DrillState(Enum):
    UNDER_WAY = "under way"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Drill:
    """One time that a drill was held. `name` is its key among the plan's tests.

    `runs` are its runs, in order. `rto_s` is how long recovery took, from the declaration to the last check;
    `rpo_s` what a loss at that moment would have cost (None where it could not be measured). `certificate`
    is the JSON of the certificate, '' while under way. Times are ISO 8601 UTC.
    """

    id: int
    name: str
    title: str
    state: DrillState
    started_by: str
    started_at: str
    ended_at: str = ""
    runs: tuple[int, ...] = ()
    rto_s: float | None = None
    rpo_s: float | None = None
    said: str = ""
    certificate: str = ""

    @property
    def ref(self) -> str:
        return f"DRILL-{self.id}"
