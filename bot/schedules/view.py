"""What people are shown of the plan's schedules: when each is due, and what it did last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.plan.models import DrPlan
from bot.plan.recovery import ScheduleEntry
from bot.readiness.own import Trouble
from bot.schedules.record import FIRST_SEEN
from bot.store import drills as drill_rows
from bot.store import runs as run_rows
from bot.store import schedules as rows
from bot.store.database import Store
from bot.store.schedules import Answer

_TOLD = ("held", "missed", "refused", "failed")


@dataclass(frozen=True)
class Shown:
    """One schedule: its plan id, what it does, when it is due next, what it did last, in words."""

    name: str
    title: str
    does: str
    due: str
    last: str


def shown(plan: DrPlan, store: Store, now: datetime) -> tuple[Shown, ...]:
    """Every schedule in the plan's order. Raises StoreDown."""
    known = rows.all_answers(store)
    return tuple(
        Shown(
            name,
            entry.title,
            entry.does,
            _due(plan, entry, now),
            _last(store, known.get(name)),
        )
        for name, entry in plan.schedules.items()
    )


def schedule_troubles(plan: DrPlan, store: Store) -> Iterator[Trouble]:
    """What of the schedules does not go as the plan says, for the board. Raises StoreDown."""
    for name, answer in rows.all_answers(store).items():
        entry = plan.schedules.get(name)
        if entry is not None and answer.outcome in _TOLD:
            yield Trouble(f"Schedule {entry.title}", answer.said)


def _due(plan: DrPlan, entry: ScheduleEntry, now: datetime) -> str:
    if entry.cron is None:
        before = plan.schedules.get(entry.after)
        return f"after {before.title if before else entry.after}"
    moment = entry.cron.following(now)
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"


def _last(store: Store, answer: Answer | None) -> str:
    if answer is None or answer.said == FIRST_SEEN:
        return "not due yet since drbot knows it"
    at = f"{answer.due_at[:16].replace('T', ' ')} UTC"
    if answer.outcome:
        return answer.said if answer.outcome in ("held", "seen") else f"{at}: {answer.said}"
    if answer.run is not None:
        run = run_rows.get(store, answer.run)
        return f"{at}: RUN-{answer.run} {run.state.value if run else 'is gone'}"
    drill = drill_rows.get(store, answer.drill) if answer.drill is not None else None
    return f"{at}: {drill.ref} {drill.state.value}" if drill else at
