"""The record of each drill of the plan: when last, how fast, how it changes, when the next one is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from bot.domain.drill import Drill, DrillState
from bot.domain.drill_due import DrillDue, drill_due
from bot.drills.proof import newest_proof
from bot.drills.words import span
from bot.plan.fields import FREQUENCY_DAYS
from bot.plan.models import DrPlan
from bot.plan.promises import PlannedTest
from bot.store import drills as rows
from bot.store.database import Store

OF_LAST = 10
_BARS = "▁▂▃▄▅▆▇█"
BROKEN = "✗"


@dataclass(frozen=True)
class DrillRecord:
    """One drill of the plan. The times are of the last ten that recovered, None where none did.

    `last` is the newest that ended, `under_way` one that has not; `held` the last ten that ended, the newest
    first.
    """

    name: str
    test: PlannedTest
    held: tuple[Drill, ...]
    under_way: Drill | None
    due: DrillDue
    rto_p50_s: float | None
    rto_max_s: float | None

    @property
    def last(self) -> Drill | None:
        return self.held[0] if self.held else None

    @property
    def rpo_s(self) -> float | None:
        """What a loss would have cost when it was last measured."""
        return next((one.rpo_s for one in self.held if one.rpo_s is not None), None)


def drill_records(store: Store, plan: DrPlan, now: datetime) -> tuple[DrillRecord, ...]:
    """Every drill of the plan that drbot holds (those without `does` are people's), in the plan's order."""
    tests = plan.testing.tests if plan.testing else {}
    return tuple(drill_record(store, plan, name, test, now) for name, test in tests.items() if test.does)


def drill_record(store: Store, plan: DrPlan, name: str, test: PlannedTest, now: datetime) -> DrillRecord:
    """The record of one drill."""
    newest = rows.recent(store, name, OF_LAST + 5)
    held = tuple(one for one in newest if one.state is not DrillState.UNDER_WAY)[:OF_LAST]
    times = [one.rto_s for one in held if one.rto_s is not None]
    return DrillRecord(
        name,
        test,
        held,
        next((one for one in newest if one.state is DrillState.UNDER_WAY), None),
        drill_due(FREQUENCY_DAYS[test.every], newest_proof(store, plan, name), now),
        median(times) if times else None,
        max(times, default=None),
    )


def sparkline(drills: Sequence[Drill]) -> str:
    """`▃▃▂▄✗▃`: recovery times from left (oldest) to right, a cross where it did not recover."""
    ended = sorted((one for one in drills if one.state is not DrillState.UNDER_WAY), key=lambda one: one.id)
    most = max((one.rto_s for one in ended if one.rto_s is not None), default=0.0)
    return "".join(BROKEN if one.rto_s is None else _bar(one.rto_s, most) for one in ended)


def _bar(value: float, most: float) -> str:
    share = value / most if most > 0 else 0.0
    return _BARS[min(len(_BARS) - 1, int(share * (len(_BARS) - 1) + 0.5))]


def measured_by_drills(records: Sequence[DrillRecord]) -> dict[str, str]:
    """What `plan show` prints beside the promises: `rto`, `rpo`, and `test:NAME` for each drill held."""
    told = {f"test:{one.name}": _last(one.last) for one in records if one.last is not None}
    rto = [
        f"{one.name} {span(one.rto_p50_s)}, at most {span(one.rto_max_s)} in {len(one.held)} drills"
        for one in records
        if one.rto_p50_s is not None and one.rto_max_s is not None
    ]
    rpo = [f"{one.name} {span(one.rpo_s)}" for one in records if one.rpo_s is not None]
    return told | {name: "; ".join(said) for name, said in (("rto", rto), ("rpo", rpo)) if said}


def _last(drill: Drill) -> str:
    took = f" in {span(drill.rto_s)}" if drill.rto_s is not None else ""
    return f"{drill.started_at[:10]}, {drill.state.value}{took} ({drill.ref})"
