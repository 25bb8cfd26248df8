"""The outside: texts for the status page, customers and the public, each approved by a person."""

from __future__ import annotations

from collections.abc import Callable

from bot.outside.desk import Drafted, EditedMeanwhile, Outside
from bot.outside.reminding import Reminders
from bot.outside.ticking import OutsideClock
from bot.outside.ways import unset_ways
from bot.plan.models import DrPlan
from bot.store.database import Store

__all__ = [
    "Drafted",
    "EditedMeanwhile",
    "Outside",
    "OutsideClock",
    "Reminders",
    "outside_clock_of",
    "unset_ways",
]


def outside_clock_of(store: Store, plan: DrPlan, ours: Callable[[], bool]) -> OutsideClock:
    """The clock of a house; its thread is not started yet."""
    return OutsideClock(store, Reminders(store, plan), ours)
