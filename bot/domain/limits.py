"""How much an hour: of each risk in the whole house, and on each target. Looks and undos are free.

An undo is neither counted nor held up: taking back must never fail because something was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.policy import DESTRUCTIVE, HIGH, LOOK, LOW
from bot.domain.restraint import Block, Subject

HOUR = timedelta(hours=1)
MINUTE_BEGUN = timedelta(seconds=59, microseconds=999_999)
"""Said in whole minutes, a time is the next one: whoever asks then is not refused again."""
PER_HOUR: Mapping[str, int] = {LOW: 20, HIGH: 6, DESTRUCTIVE: 2}
PER_TARGET_HOUR = 4


@dataclass(frozen=True)
class Limits:
    """How many runs may start within an hour; a risk without a number has no limit."""

    per_hour: Mapping[str, int] = field(default_factory=lambda: PER_HOUR)
    per_target_hour: int = PER_TARGET_HOUR


@dataclass(frozen=True)
class Started:
    """A run that began to change something, or is about to: approved and not begun."""

    ref: str
    risk: str
    target: str
    at: datetime


def over_limit(limits: Limits, subject: Subject, started: Sequence[Started], now: datetime) -> Block | None:
    """The limit that one more such run would break. `started` are the runs of the last hour."""
    if subject.risk == LOOK or subject.is_undo:
        return None
    recent = [one for one in started if one.at > now - HOUR and one.risk != LOOK]
    same_risk = [one for one in recent if one.risk == subject.risk]
    most = limits.per_hour.get(subject.risk)
    if most is not None and len(same_risk) >= most:
        return _full(f"{subject.risk}-risk runs", most, same_risk)
    here = [one for one in recent if one.target == subject.target]
    if len(here) >= limits.per_target_hour:
        return _full(f"runs on {subject.target}", limits.per_target_hour, here)
    return None


def _full(what: str, most: int, counted: Sequence[Started]) -> Block:
    oldest_first = sorted(counted, key=lambda one: one.at)
    refs = ", ".join(one.ref for one in oldest_first[-6:]) or "none"
    said = f"the plan allows {most} {what} an hour, and {len(counted)} began in the last one ({refs})."
    if most:
        frees = oldest_first[len(counted) - most].at + HOUR + MINUTE_BEGUN
        said += f" The next may begin at {frees.strftime('%H:%M')} UTC."
    return Block("limit", said)
