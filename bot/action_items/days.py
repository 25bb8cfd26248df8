"""The day that a person names for an item: `2026-12-01`, `friday`, `3d`, `2w`, `tomorrow`."""

from __future__ import annotations

import re
from datetime import date, timedelta

FURTHEST = timedelta(days=5 * 366)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_AT_LEAST = 3
_AHEAD = re.compile(r"([0-9]{1,4})([dw])")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FORM = "write 2026-12-01, friday, tomorrow, 3d or 2w"


def read_day(text: str, today: date) -> date:
    """The day. A weekday is the next one after today. Raises ValueError with what to write instead.

    A day that is over, or more than five years ahead, is taken for a slip of the finger.
    """
    said = text.strip().lower()
    day = _day(said, today)
    if day is None:
        raise ValueError(f"{text.strip()[:40]!r} is no day: {_FORM}")
    if day < today:
        raise ValueError(f"{day} is over (today is {today}): {_FORM}")
    if day > today + FURTHEST:
        raise ValueError(f"{day} is more than five years ahead: {_FORM}")
    return day


def _day(said: str, today: date) -> date | None:
    near = {"today": 0, "tomorrow": 1}.get(said)
    if near is not None:
        return today + timedelta(days=near)
    if ahead := _AHEAD.fullmatch(said):
        return _after(today, int(ahead[1]) * (7 if ahead[2] == "w" else 1))
    if written := _DAY.fullmatch(said):
        return _written(*map(int, written.groups()))
    named = [
        number
        for number, name in enumerate(_WEEKDAYS)
        if len(said) >= _SHORT_AT_LEAST and name.startswith(said)
    ]
    return today + timedelta(days=(named[0] - today.weekday()) % 7 or 7) if named else None


def _after(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None


def _written(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
