"""A cron schedule: is it written right, when was it due last, and how long can it leave a gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise

_BOUNDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_FROM = datetime(2024, 1, 1, tzinfo=UTC)
_DAYS_LOOKED_AT = 1500
_DAY_S = 86400
_FORM = "write five fields, as in 0 2 * * *"


@dataclass(frozen=True)
class Cron:
    """Five fields of numbers, `*`, `a-b`, `*/n` and lists of these, in UTC."""

    written: str
    fields: tuple[frozenset[int], ...]

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read `0 2 * * *`. Raises ValueError naming the field that is wrong."""
        words = text.split()
        if len(words) != len(_BOUNDS) or len(text) > 200:
            raise ValueError(f"{text[:60]!r} is not a schedule: {_FORM}")
        return cls(" ".join(words), tuple(map(_field, words, _BOUNDS)))

    @cached_property
    def longest_gap_s(self) -> float:
        """The longest time between two runs (infinite where it never runs): what a loss can cost."""
        minutes, hours, *_ = self.fields
        times = sorted(hour * 3600 + minute * 60 for hour in hours for minute in minutes)
        days = [count for count in range(_DAYS_LOOKED_AT) if self._runs_on(_FROM + timedelta(days=count))]
        nights = [(after - before) * _DAY_S + times[0] - times[-1] for before, after in pairwise(days)]
        within = [after - before for before, after in pairwise(times)]
        return float(max(nights + within)) if nights else float("inf")

    def latest(self, now: datetime) -> datetime | None:
        """The newest moment (UTC, a whole minute) at or before `now` at which it is due; None: never."""
        now = now.astimezone(UTC)
        for back in range(_DAYS_LOOKED_AT):
            day = datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=back)
            if self._runs_on(day):
                earlier = [moment for moment in self._moments(day) if moment <= now]
                if earlier:
                    return earlier[-1]
        return None

    def following(self, now: datetime) -> datetime | None:
        """The first moment (UTC) after `now` at which it is due; None: never."""
        now = now.astimezone(UTC)
        for ahead in range(_DAYS_LOOKED_AT):
            day = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=ahead)
            if self._runs_on(day):
                later = [moment for moment in self._moments(day) if moment > now]
                if later:
                    return later[0]
        return None

    def _moments(self, day: datetime) -> list[datetime]:
        """The moments of a day, oldest first."""
        minutes, hours, *_ = self.fields
        return [
            day + timedelta(hours=hour, minutes=minute)
            for hour in sorted(hours)
            for minute in sorted(minutes)
        ]

    def _runs_on(self, day: datetime) -> bool:
        _, _, days, months, weekdays = self.fields
        if day.month not in months:
            return False
        in_month, in_week = day.day in days, day.isoweekday() % 7 in {weekday % 7 for weekday in weekdays}
        either = len(days) < 31 and len({weekday % 7 for weekday in weekdays}) < 7
        return in_month or in_week if either else in_month and in_week

    def __str__(self) -> str:
        return self.written


def _field(text: str, bounds: tuple[str, int, int]) -> frozenset[int]:
    name, low, high = bounds
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        numbers = (first, last or (str(high) if step else first), step or "1")
        if not all(number.isascii() and number.isdigit() and len(number) <= 4 for number in numbers):
            raise ValueError(f"{text[:40]!r} is not a {name}: {_FORM}")
        start, end, every = map(int, numbers)
        if not low <= start <= end <= high or every < 1:
            raise ValueError(f"{text[:40]!r} is not a {name} between {low} and {high}: {_FORM}")
        found.update(range(start, end + 1, every))
    return frozenset(found)
