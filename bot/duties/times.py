"""Moments and lengths as a handover says them: by the minute, since nobody plans by the second at 03:00."""

from __future__ import annotations

from bot.drills.words import between_s, clock, span

MINUTE_S = 60
ROUNDED_FROM_S = 120


def length(since: str, until: str) -> str:
    """`45 s`, `42 min`, `2 h 5 min`."""
    took_s = max(0.0, between_s(since, until))
    return span(round(took_s / MINUTE_S) * MINUTE_S if took_s >= ROUNDED_FROM_S else round(took_s))


def at(moment: str, now: str) -> str:
    """`03:12 UTC`, with the day where it is another than now's."""
    return clock(moment, now)


def since(moment: str, now: str) -> str:
    """`since 03:12 UTC, for 42 min`."""
    return f"since {at(moment, now)}, for {length(moment, now)}"
