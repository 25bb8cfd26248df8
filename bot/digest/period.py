"""The week or month that a digest is about, from midnight to midnight on the plan's own clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["weekly", "monthly"]
_WEEK = re.compile(r"([0-9]{4})-?W([0-9]{1,2})", re.IGNORECASE)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")


@dataclass(frozen=True)
class Period:
    """`name` is `2026-W47` or `2026-11`; `begins` belongs to it, `ends` is the first moment after it."""

    kind: Kind
    name: str
    begins: datetime
    ends: datetime

    @property
    def before(self) -> Period:
        """The one before it, of the same kind."""
        return holding(self.kind, self.begins - timedelta(hours=12))

    @property
    def days(self) -> str:
        """`16 to 22 November 2026`, `November 2026`."""
        last = self.ends - timedelta(hours=12)
        if self.kind == "monthly":
            return f"{self.begins:%B %Y}"
        first = f"{self.begins.day}"
        first += "" if self.begins.month == last.month else f"{self.begins: %B}"
        first += "" if self.begins.year == last.year else f"{self.begins: %Y}"
        return f"{first} to {last.day} {last:%B %Y}"


def holding(kind: Kind, moment: datetime) -> Period:
    """The week (Monday to Sunday) or month that a moment lies in, in the moment's own zone."""
    zone, day = moment.tzinfo, moment.date()
    if kind == "weekly":
        monday = day - timedelta(days=day.weekday())
        return _period(kind, f"{monday:%G-W%V}", monday, monday + timedelta(days=7), zone)
    first = day.replace(day=1)
    return _period(kind, f"{first:%Y-%m}", first, (first + timedelta(days=32)).replace(day=1), zone)


def last_whole(kind: Kind, now: datetime) -> Period:
    """The newest one that is over."""
    return holding(kind, now).before


def named(text: str, zone: tzinfo) -> Period:
    """Read `2026-W47` or `2026-11`, which has one before it. Raises ValueError with the form."""
    said = text.strip()
    try:
        if week := _WEEK.fullmatch(said):
            day = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return _with_one_before(holding("weekly", datetime.combine(day, time(12), zone)))
        if month := _MONTH.fullmatch(said):
            day = date(int(month[1]), int(month[2]), 1)
            return _with_one_before(holding("monthly", datetime.combine(day, time(12), zone)))
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{said[:40]!r} is no week or month: write 2026-W47 or 2026-11")


def _with_one_before(period: Period) -> Period:
    """The same; OverflowError where the calendar begins with it."""
    period.before.begins.astimezone(UTC)
    return period


def _period(kind: Kind, name: str, first: date, after: date, zone: tzinfo | None) -> Period:
    return Period(kind, name, datetime.combine(first, time(), zone), datetime.combine(after, time(), zone))
