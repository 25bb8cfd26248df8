"""What a digest says of today beside its period: action items and drills that wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.action_items import record
from bot.domain.action_item import due_words
from bot.drills.trend import drill_records
from bot.drills.words import overdue_words
from bot.plan.models import DrPlan
from bot.store.database import Store

SHOWN = 5


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what it is called, what it is, and why it is named, in plain words."""

    ref: str
    text: str
    because: str


@dataclass(frozen=True)
class Standing:
    """`overdue` items, those `unowned` (no owner or no date), `drills` that are due; and how many more."""

    open_items: int = 0
    overdue: tuple[Waiting, ...] = ()
    overdue_more: int = 0
    unowned: tuple[Waiting, ...] = ()
    unowned_more: int = 0
    drills: tuple[Waiting, ...] = ()


def standing_of(store: Store, plan: DrPlan, now: datetime) -> Standing:
    """As things stand at this moment. Raises StoreDown."""
    today = plan.local(now).date()
    items = record.open_items(store.read)
    overdue = [
        Waiting(one.ref, one.text, f"{plan.called(one.owner) or 'no owner'}, {due_words(one, today)}")
        for one in items
        if one.is_overdue(today)
    ]
    unowned = [
        Waiting(one.ref, one.text, f"INC-{one.incident}, no {one.lacks.replace(' and ', ', no ')}")
        for one in items
        if one.lacks and not one.is_overdue(today)
    ]
    return Standing(
        open_items=len(items),
        overdue=tuple(overdue[:SHOWN]),
        overdue_more=max(0, len(overdue) - SHOWN),
        unowned=tuple(unowned[:SHOWN]),
        unowned_more=max(0, len(unowned) - SHOWN),
        drills=tuple(_drills(store, plan, now)),
    )


def _drills(store: Store, plan: DrPlan, now: datetime) -> list[Waiting]:
    return [
        Waiting(one.name, one.test.title, overdue_words(one.due.overdue) or "never passed")
        for one in drill_records(store, plan, now)
        if one.due.is_due
    ][:SHOWN]
