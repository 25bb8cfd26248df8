"""Times stated in words, as UTC: "16:09 to 16:13", "desde as 8h42 de Brasília", "7 minutes ago"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.findings import words

_TIME = re.compile(
    r"(?<![\w.:/,$+-])(?P<hour>[01]?\d|2[0-3])(?:(?P<colon>[:h])(?P<minute>[0-5]\d)"
    r"(?::(?P<second>[0-5]\d))?(?:\.\d+)?"
    r"|(?P<bare>h)(?![\w:])|(?=\s*(?:[ap]\.?m\b|uhr\b)))(?!\d|[:.]\d)\s*(?P<half>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"\b(?P<iso>20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s?(?P<isozone>Z|UTC|[+-]\d\d:?\d\d)?"
    r"|\b(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<clock>\d\d:\d\d:\d\d)\s+(?P<year>20\d\d)\s+(?:GMT|UTC)"
)
_AGO = re.compile(
    r"(?:(?:há|hace|vor|for(?: the)?(?: last| past)?)\s+(?:(?:uns|cerca de|unos|etwa|about)\s+)?)?"
    r"(?<![\d.,])(?P<count>\d{1,3})\s*(?P<unit>s(?:ec\w*)?|m(?:in\w*)?|h(?:\b|ours?|oras?|rs?)"
    r"|stunden?|seg\w*|sek\w*)\b(?P<ago>\s+(?:ago|atr[aá]s))?",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(r"\b(?:yesterday|last night|ontem|ayer|anoche|gestern)\b", re.IGNORECASE)
_OFFSET = re.compile(r"\b(?:UTC|GMT)\s?(?P<sign>[+-−])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?\b")

_LOCAL = re.compile(
    r"\b(?:local(?: time)?|my time|our time|here|hora local|aqui|aquí|ortszeit|hier|hora de cá)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b("
    + "|".join(sorted(map(re.escape, (*words.ZONE_HOURS, *words.ZONE_PLACES)), key=len, reverse=True))
    + r")\b",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
_ZONE_REACH = 32
_EARLY = timedelta(hours=2)
_SLACK = timedelta(minutes=3)


@dataclass(frozen=True)
class Stated:
    """A moment that a text names: where it stands (`start`, `end`), and whether to the second."""

    at: datetime
    start: int
    end: int
    exact: bool
    local: bool = False


@dataclass(frozen=True)
class Watch:
    """What a stated time is read against.

    `first_sign` is the first sign of trouble; `zones` are those of the person and of the others.
    """

    first_sign: datetime
    zones: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo | None:
    """The zone of an IANA name, or None where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def stated_times(text: str, said_at: datetime, watch: Watch) -> tuple[Stated, ...]:
    """Every clock time of a text as UTC, in the order of the text.

    A named zone counts for its sentence. Without one, UTC is meant where that makes sense; otherwise
    the people's zones are tried: a moment told is not later than its telling.
    """
    stamps = list(_stamps(text))
    found = list(stamps)
    for hit in _TIME.finditer(text):
        if any(stamp.start <= hit.start() < stamp.end for stamp in stamps) or not _is_clock(hit, text):
            continue
        at = _resolve(hit, text, said_at, watch)
        if at is not None:
            local = at.hour != _hour(hit)
            found.append(Stated(at, hit.start(), hit.end(), hit["second"] is not None, local))
    return tuple(sorted(found, key=lambda one: one.start))


def ago(text: str, said_at: datetime) -> Stated | None:
    """`7 minutes ago`, `há 10 min`, `vor 5 Minuten`: said_at minus that, or None."""
    for hit in _AGO.finditer(text):
        prefixed = re.match(r"(?:há|hace|vor)\b", hit[0], re.IGNORECASE)
        if hit["ago"] or prefixed:
            unit = hit["unit"][0].lower() if hit["unit"][:2].lower() not in ("st",) else "h"
            seconds = int(hit["count"]) * {"s": 1, "m": 60, "h": 3600}[unit]
            return Stated(said_at - timedelta(seconds=seconds), hit.start(), hit.end(), False)
    return None


def _is_clock(hit: re.Match[str], text: str) -> bool:
    """`9h` is a clock only after "at" (às, a las): otherwise nine hours."""
    if hit["bare"]:
        return re.search(r"(?:\b[àa]s?|\ba las?|\bat)\s*$", text[: hit.start()], re.IGNORECASE) is not None
    return True


def _stamps(text: str) -> Sequence[Stated]:
    found = []
    for hit in _STAMP.finditer(text):
        try:
            at = _stamp(hit)
        except ValueError:
            continue
        found.append(Stated(at, hit.start(), hit.end(), True))
    return found


def _stamp(hit: re.Match[str]) -> datetime:
    if hit["iso"]:
        zone = hit["isozone"] or "Z"
        return datetime.fromisoformat(hit["iso"].replace(" ", "T") + zone.replace("UTC", "Z")).astimezone(UTC)
    hour, minute, second = map(int, hit["clock"].split(":"))
    month = _MONTHS.get(hit["month"], 0)
    return datetime(int(hit["year"]), month, int(hit["day"]), hour, minute, second, tzinfo=UTC)


def _resolve(hit: re.Match[str], text: str, said_at: datetime, watch: Watch) -> datetime | None:
    hour, minute, second = _hour(hit), int(hit["minute"] or 0), int(hit["second"] or 0)
    named, local = _zone_after(text, hit)
    days_back = 1 if _YESTERDAY.search(text) else 0
    latest = said_at + _SLACK
    if named is not None:
        return _on_day(named, hour, minute, second, said_at, days_back)
    zones: list[tzinfo] = [] if local else [UTC]
    zones += [zone for name in watch.zones if (zone := zone_of(name)) is not None]
    candidates = [_on_day(zone, hour, minute, second, said_at, days_back) for zone in zones]
    earliest = watch.first_sign - _EARLY - timedelta(days=days_back)
    fitting = next((at for at in candidates if earliest <= at <= latest), None)
    if fitting is None and not watch.zones:
        fitting = _guessed(hour, minute, second, said_at, earliest)
    return fitting or (candidates[0] if candidates else None)


def _hour(hit: re.Match[str]) -> int:
    """The hour of the day, `1 pm` as 13."""
    hour, half = int(hit["hour"]), (hit["half"] or "").lower()[:1]
    return hour % 12 + (12 if half == "p" else 0) if half and hour <= 12 else hour


def _guessed(hour: int, minute: int, second: int, said_at: datetime, earliest: datetime) -> datetime | None:
    """Where nobody's zone is known: the whole-hour zone in which it was told soonest afterwards."""
    zones = [timezone(timedelta(hours=hours)) for hours in range(-8, 10)]
    found = [_on_day(zone, hour, minute, second, said_at, 0) for zone in zones]
    return max((at for at in found if earliest <= at <= said_at), default=None)


def _on_day(zone: tzinfo, hour: int, minute: int, second: int, said_at: datetime, days_back: int) -> datetime:
    day = said_at.astimezone(zone) - timedelta(days=days_back)
    at = day.replace(hour=hour, minute=minute, second=second, microsecond=0).astimezone(UTC)
    # Told after midnight about the evening before.
    if at > said_at + timedelta(hours=12):
        at -= timedelta(days=1)
    return at


def _zone_after(text: str, hit: re.Match[str]) -> tuple[tzinfo | None, bool]:
    """The zone named behind a time in its sentence, and whether "local" is said instead."""
    sentence = re.split(r"[.!?](?:\s|$)|\n", text[hit.end() : hit.end() + 120])[0]
    near = (
        sentence[:_ZONE_REACH]
        if not re.match(r"\s*(?:-|–|to|and|until|até|bis|und|e|a|y)\b", sentence)
        else sentence
    )
    # "16:42 UTC, 13:42 in São Paulo": the zone right behind belongs to its own time.
    following = _TIME.search(near)
    if following is not None and _NAMED.search(near[: following.start()]):
        near = near[: following.start()]
    offset = _OFFSET.search(near)
    if offset is not None:
        sign = 1 if offset["sign"] == "+" else -1
        hours = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return (timezone(sign * hours), False) if hours < timedelta(hours=15) else (None, False)
    named = _NAMED.search(near)
    if named is not None:
        word = named[1].lower()
        if word in words.ZONE_HOURS:
            return timezone(timedelta(hours=words.ZONE_HOURS[word])), False
        return zone_of(words.ZONE_PLACES[word]), False
    return None, _LOCAL.search(near) is not None
