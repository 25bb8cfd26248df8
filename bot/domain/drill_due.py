"""When a drill is due, and how long it has been: the plan's `every` against the newest one that passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.drill import Drill


@dataclass(frozen=True)
class DrillDue:
    """`at` is when it is due (UTC), None where it never passed: then it is due now.

    `overdue` is how long it has been due; zero while it is not. Something that never passed is due, and
    nobody knows since when: its `overdue` is zero as well.
    """

    at: datetime | None
    overdue: timedelta = timedelta()

    @property
    def never(self) -> bool:
        """Whether it never passed."""
        return self.at is None

    @property
    def is_due(self) -> bool:
        """Whether it should be held now."""
        return self.never or self.overdue > timedelta()


def drill_due(every_days: int, newest_passed: Drill | None, now: datetime) -> DrillDue:
    """From the plan's frequency in days (`FREQUENCY_DAYS`), and the newest drill of the name that passed.

    Reckoned from when that one began, so that a monthly drill keeps its day. A failed drill proves nothing,
    so it never puts off the next one.
    """
    if newest_passed is None:
        return DrillDue(None)
    held = datetime.fromisoformat(newest_passed.started_at).astimezone(UTC)
    due = held + timedelta(days=every_days)
    return DrillDue(due, max(timedelta(), now - due))
