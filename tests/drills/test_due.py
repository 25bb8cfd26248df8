"""When a drill is due: from the newest that passed, by the plan's frequency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.drill import Drill, DrillState
from bot.domain.drill_due import drill_due
from bot.drills.words import overdue_words

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
PASSED = Drill(
    7, "restore", "Restore", DrillState.PASSED, "ana", "2026-10-20T04:00:00.000000Z", "2026-10-20T04:01:00Z"
)


def test_what_never_passed_is_due_and_nobody_knows_since_when() -> None:
    due = drill_due(31, None, NOW)
    assert (due.at, due.never, due.is_due, due.overdue) == (None, True, True, timedelta())


def test_it_is_due_so_many_days_after_the_last_that_passed_began() -> None:
    due = drill_due(31, PASSED, NOW)
    assert due.at == datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert due.is_due
    assert overdue_words(due.overdue) == "2 d 23 h overdue"


def test_before_that_nothing_is_overdue() -> None:
    due = drill_due(92, PASSED, NOW)
    assert (due.is_due, due.overdue, due.never) == (False, timedelta(), False)
    assert overdue_words(due.overdue) == ""


def test_at_the_very_moment_it_is_not_overdue_yet() -> None:
    assert not drill_due(31, PASSED, datetime(2026, 11, 20, 4, tzinfo=UTC)).is_due
    assert drill_due(31, PASSED, datetime(2026, 11, 20, 4, 0, 1, tzinfo=UTC)).is_due
