"""When something of the plan's schedules is to be done: decided from the clock and from what was answered.

Nothing here looks at anything, so a clock that jumps can be played through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

SCHEDULE = "schedule:"
"""What the id of a schedule begins with where a person's would stand: `schedule:daily-backup`."""
BEHIND = timedelta(minutes=5)
"""A clock that stands this far before the moment that was answered last is wrong, or was."""
CATCH_UP_AT_LEAST = timedelta(minutes=1)
"""However short `catch_up` is: a moment that has only just come was not missed."""


class Call(Enum):
    """What is to be done about a schedule now."""

    REST = "rest"  # nothing is due
    NOTE = "note"  # seen for the first time: what was due before is not drbot's to catch up
    ASK = "ask"  # due, and nobody answered it yet
    MISS = "miss"  # due, and too old to be caught up
    DISTRUST = "distrust"  # the clock stands long before what was answered: nothing is done by it


@dataclass(frozen=True)
class Answered:
    """What is known of a schedule. `due` is the moment that was answered last, None where none was yet.

    `held`: that moment is not done: it and whatever came after it is held back, and `due` is the first.
    """

    due: datetime | None
    held: bool = False


def by_clock(now: datetime, due: datetime | None, known: Answered | None, catch_up_s: float) -> Call:
    """What a schedule by cron calls for. `due` is its newest moment at or before `now`, None for never.

    Of several moments that were missed the newest alone is asked for: it is caught up once. The time to
    catch up what is held back is counted from the first of them, so that the next does not hide it.
    """
    if known is None:
        return Call.NOTE
    answered = known.due
    if answered is not None and now < answered - BEHIND:
        return Call.DISTRUST
    if known.held and answered is not None:
        return _in_time(now - answered, catch_up_s)
    if due is None or (answered is not None and due <= answered):
        return Call.REST
    return _in_time(now - due, catch_up_s)


def by_event(now: datetime, happened: datetime | None, known: Answered | None, catch_up_s: float) -> Call:
    """What a schedule `after` another one calls for. `happened` is when the newest one of it succeeded.

    Whether it was answered goes by that very moment and not by the clock's order, which may have jumped.
    """
    if known is None:
        return Call.NOTE
    if known.held and known.due is not None:
        return _in_time(now - known.due, catch_up_s)
    if happened is None or happened == known.due:
        return Call.REST
    return _in_time(now - happened, catch_up_s)


def schedule_id(name: str) -> str:
    """Who asks where the schedule of this name does: `schedule:daily-backup`."""
    return f"{SCHEDULE}{name}"


def _in_time(age: timedelta, catch_up_s: float) -> Call:
    late = age > max(CATCH_UP_AT_LEAST, timedelta(seconds=catch_up_s))
    return Call.MISS if late else Call.ASK
