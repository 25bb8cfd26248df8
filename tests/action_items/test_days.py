"""The day that a person names: read right or refused, whatever is typed; and the days of reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action_items.days import FURTHEST, read_day
from bot.domain.action_item import ActionItem, due_words, newest_reminder, reminder_due, working_day_before

MONDAY = date(2026, 11, 23)
days = st.dates(date(2020, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-12-01", "2026-12-01"),
        ("today", "2026-11-23"),
        (" Tomorrow ", "2026-11-24"),
        ("friday", "2026-11-27"),
        ("Fri", "2026-11-27"),
        ("monday", "2026-11-30"),
        ("thurs", "2026-11-26"),
        ("3d", "2026-11-26"),
        ("2w", "2026-12-07"),
        ("0d", "2026-11-23"),
    ],
)
def test_a_day_as_people_write_it(said: str, day: str) -> None:
    assert read_day(said, MONDAY).isoformat() == day


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("2026-11-22", "is over (today is 2026-11-23)"),
        ("2026-02-30", "is no day"),
        ("2062-12-01", "more than five years"),
        ("9999d", "more than five years"),
        ("fr", "is no day"),
        ("soon", "is no day"),
        ("", "is no day"),
        ("-3d", "is no day"),
        ("٣d", "is no day"),
        ("01/12/2026", "is no day"),
    ],
)
def test_what_is_no_day_is_refused_with_what_to_write(said: str, why: str) -> None:
    with pytest.raises(ValueError, match="write 2026-12-01, friday, tomorrow, 3d or 2w") as refused:
        read_day(said, MONDAY)
    assert why in str(refused.value)


@given(st.text(max_size=60), days)
def test_whatever_is_typed_is_a_day_to_come_or_a_sentence(said: str, today: date) -> None:
    refused = ""
    found = today
    try:
        found = read_day(said, today)
    except ValueError as error:
        refused = str(error)
    assert not refused or "write 2026-12-01" in refused
    assert len(refused) < 200
    assert today <= found <= today + FURTHEST


@given(days, st.integers(0, 1800))
def test_a_day_is_read_as_it_is_written(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    assert read_day(day.isoformat(), today) == read_day(f"{ahead}d", today) == day


@given(days, st.sampled_from(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]))
def test_a_weekday_is_the_next_one(today: date, name: str) -> None:
    day = read_day(name, today)
    assert f"{day:%A}".lower() == name
    assert 1 <= (day - today).days <= 7


@given(days)
def test_the_working_day_before(day: date) -> None:
    before = working_day_before(day)
    assert before < day
    assert before.weekday() < 5
    assert (day - before).days <= 3


@given(days, st.integers(-5, 60), st.integers(0, 23))
def test_reminders_come_before_on_the_day_and_each_week(due: date, after: int, hour: int) -> None:
    now = datetime(due.year, due.month, due.day, hour, tzinfo=UTC) + timedelta(days=after)
    day = newest_reminder(due, now)
    all_days = [working_day_before(due), due, *(due + timedelta(weeks=n) for n in range(1, 12))]
    come = [one for one in all_days if datetime(one.year, one.month, one.day, 9, tzinfo=UTC) <= now]
    assert day == (come[-1] if come else None)


@given(days, st.lists(st.integers(-200, 1500), min_size=1, max_size=30))
def test_none_is_sent_twice_however_the_clock_jumps(due: date, hours: list[int]) -> None:
    """And whatever the clock showed at its latest was told."""
    item = ActionItem(1, 1, "x", "ana", due.isoformat())
    begin = datetime(due.year, due.month, due.day, tzinfo=UTC)
    sent: list[str] = []
    for hour in hours:
        day = reminder_due(item, begin + timedelta(hours=hour))
        if day is not None:
            sent.append(day.isoformat())
            item = ActionItem(1, 1, "x", "ana", due.isoformat(), reminded_at=day.isoformat())
    assert sent == sorted(set(sent))
    newest = newest_reminder(due, begin + timedelta(hours=max(hours)))
    assert (sent[-1] if sent else None) == (newest.isoformat() if newest else None)


def test_when_it_is_due_in_words() -> None:
    def words(due: str) -> str:
        return due_words(ActionItem(1, 1, "x", due=due), MONDAY)

    assert words("") == "no date"
    assert words("2026-11-23") == "due today"
    assert words("2026-11-24") == "due tomorrow"
    assert words("2026-12-04") == "due Friday 2026-12-04"
    assert words("2026-11-22") == "1 day overdue (due 2026-11-22)"
    assert words("2026-11-01") == "22 days overdue (due 2026-11-01)"
