"""Freeze windows: times in which the plan wants nothing changed. A look is never frozen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from bot.domain.policy import DESTRUCTIVE, HIGH, LOOK
from bot.domain.restraint import Block, Subject

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
_WEEKLY = re.compile(
    rf"(?P<from_day>{'|'.join(DAYS)}) (?P<from_hour>[0-2]?\d):(?P<from_min>[0-5]\d)"
    rf" ?[-–] ?(?P<until_day>{'|'.join(DAYS)}) (?P<until_hour>[0-2]?\d):(?P<until_min>[0-5]\d)"
)


@dataclass(frozen=True)
class Weekly:
    """A window of every week, by the clock on the wall: minutes since Monday 00:00, the end not in it."""

    begins_min: int
    ends_min: int

    @classmethod
    def parse(cls, text: str) -> Weekly:
        """Read `fri 18:00 - mon 08:00`. Raises ValueError with the form."""
        found = _WEEKLY.fullmatch(" ".join(text.lower().split()))
        if found is None or not (_is_hour(found["from_hour"]) and _is_hour(found["until_hour"])):
            raise ValueError(f"{text[:60]!r} is not a weekly window: write fri 18:00 - mon 08:00")
        begins = _minute(found["from_day"], found["from_hour"], found["from_min"])
        ends = _minute(found["until_day"], found["until_hour"], found["until_min"])
        if begins == ends:
            raise ValueError(f"{text[:60]!r} ends when it begins: say two different times")
        return cls(begins, ends)

    def end_of(self, local: datetime) -> datetime | None:
        """The end of the window that holds at this local time; None where none does."""
        minute = local.weekday() * DAY_MIN + local.hour * 60 + local.minute
        if (minute - self.begins_min) % WEEK_MIN >= (self.ends_min - self.begins_min) % WEEK_MIN:
            return None
        # Arithmetic on a local time is by the wall's clock, so a change to summer time moves no window.
        return local.replace(second=0, microsecond=0) + timedelta(minutes=(self.ends_min - minute) % WEEK_MIN)

    def __str__(self) -> str:
        return f"{_say_minute(self.begins_min)} - {_say_minute(self.ends_min)}"


@dataclass(frozen=True)
class Freeze:
    """One window: from `begins` until `ends`, or `weekly`. No environments means all of them."""

    title: str
    because: str
    zone: tzinfo = UTC
    begins: datetime | None = None
    ends: datetime | None = None
    weekly: Weekly | None = None
    environments: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset({HIGH, DESTRUCTIVE})
    contact: str = ""

    def end_of(self, now: datetime) -> datetime | None:
        """When the window that holds now ends, in the freeze's own zone; None where none holds."""
        local = now.astimezone(self.zone)
        if self.weekly is not None:
            return self.weekly.end_of(local)
        if self.begins is None or self.ends is None or not self.begins <= now < self.ends:
            return None
        return self.ends.astimezone(self.zone)

    def covers(self, subject: Subject) -> bool:
        """Whether it is about such a run at all."""
        if subject.risk == LOOK or subject.risk not in self.risks:
            return False
        return not self.environments or subject.environment in self.environments


def frozen(freezes: Iterable[Freeze], subject: Subject, now: datetime) -> Block | None:
    """The freeze that lasts longest of those that hold now."""
    holding = [
        (end, freeze)
        for freeze in freezes
        if freeze.covers(subject) and (end := freeze.end_of(now)) is not None
    ]
    if not holding:
        return None
    end, freeze = max(holding, key=lambda pair: pair[0])
    contact = f" {freeze.contact} knows more." if freeze.contact else ""
    return Block(
        "freeze",
        f"{subject.environment or 'everything'} is frozen for {subject.risk} runs until"
        f" {end.strftime('%a %d %b %H:%M')} ({end.tzname()}) by “{freeze.title}”:"
        f" {freeze.because.rstrip('. ')}.{contact}",
    )


def _is_hour(text: str) -> bool:
    return int(text) < 24


def _minute(day: str, hour: str, minute: str) -> int:
    return DAYS.index(day) * DAY_MIN + int(hour) * 60 + int(minute)


def _say_minute(minute: int) -> str:
    day, rest = divmod(minute, DAY_MIN)
    return f"{DAYS[day]} {rest // 60:02d}:{rest % 60:02d}"
