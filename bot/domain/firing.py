"""What a notification says about an alert that may be known: a new firing, a change, or nothing new."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class News(Enum):
    """What a notification means for one alert."""

    NEW = "new"  # a firing that nobody has judged
    CHANGED = "changed"  # the firing that is known ended, or became another matter
    REPEATED = "repeated"  # the same again: newest words are kept, nobody is woken
    STALE = "stale"  # older than what is known: counted only
    UNKNOWN_RESOLVED = "unknown-resolved"  # the end of what never reached us: kept, nobody is woken


@dataclass(slots=True)
class Known:
    """What is stored of an alert; times are ISO 8601 UTC text, which sorts."""

    firing: bool
    starts_at: str
    ends_at: str
    labels: str
    truncated: int
    judged: bool
    last_seen: str


def news(
    known: Known | None, firing: bool, starts_at: str, ends_at: str, labels: str, truncated: int, reopen: str
) -> News:
    """Decide. Safe in any order and any number of times, as at-least-once delivery brings them.

    `ends_at` of a resolved alert is set. `reopen`: a firing that was resolved before this moment and is
    reported again with its old start is no late duplicate, it came back (a monitor lost its sender).
    Labels are news because sources that are not Prometheus keep a priority there.
    """
    if known is None:
        return News.NEW if firing else News.UNKNOWN_RESOLVED
    if firing:
        return _news_of_firing(known, starts_at, labels, truncated, reopen)
    if not known.firing:
        return News.REPEATED if starts_at >= known.starts_at else News.STALE
    # Two monitors may see one firing start at different moments: an end after the known start ends it.
    return News.CHANGED if max(starts_at, ends_at) >= known.starts_at else News.STALE


def _news_of_firing(known: Known, starts_at: str, labels: str, truncated: int, reopen: str) -> News:
    if starts_at > known.starts_at:
        return News.NEW
    if not known.firing:
        came_back = starts_at == known.starts_at and known.last_seen < reopen
        return News.NEW if came_back else News.STALE
    if starts_at < known.starts_at:
        return News.STALE
    if labels != known.labels or truncated > known.truncated:
        return News.CHANGED
    return News.REPEATED
