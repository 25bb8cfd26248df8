"""Days on the plan's own clock: today, a day that is set, and the reminders that whoever sets it knows."""

from __future__ import annotations

from datetime import date

from bot.action_items.days import read_day
from bot.action_items.owners import NOTHING
from bot.domain.action_item import newest_reminder
from bot.domain.answer import UsageError
from bot.plan.models import DrPlan
from bot.store.database import from_iso


def today_of(plan: DrPlan, now: str) -> date:
    """The day of a moment (ISO 8601 UTC) where the people are."""
    return plan.local(from_iso(now)).date()


def due_of(plan: DrPlan, now: str, text: str) -> str:
    """The ISO day that a person names, '' for none. Raises UsageError with what to write instead."""
    if not text.strip() or text.strip().lower() in NOTHING:
        return ""
    try:
        return read_day(text, today_of(plan, now)).isoformat()
    except ValueError as error:
        raise UsageError(str(error)) from error


def reminded_of(plan: DrPlan, now: str, due: str) -> str:
    """Whoever sets the day knows it: the newest reminder that lies before counts as sent ('' for none)."""
    if not due:
        return ""
    past = newest_reminder(date.fromisoformat(due), plan.local(from_iso(now)))
    return past.isoformat() if past else ""
