"""Whose clock a stated time is on: "IST", "(UTC)", "Irish time", "on the berlin clock", "here"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.findings import words


class Whose(Enum):
    """A clock that is named by its person only."""

    OWN = "the speaker's"
    OTHERS = "the listener's"


@dataclass(frozen=True)
class Watch:
    """What a stated time is read against.

    `first_sign` is the first sign of trouble; `zones` are those of the person and of the others. `local`
    is set where this person (or else the team) is known to write local times without saying so.
    """

    first_sign: datetime
    zones: tuple[str, ...] = ()
    local: bool = False


_REACH = 80
_TIME = r"(?:\d{1,2}(?:[:h]\d\d){1,2}(?:\s*[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?)"
_TIMES = re.compile(_TIME, re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n")
_OFFSET = re.compile(r"(?:UTC|GMT)\s?(?P<sign>[+−-])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?\b")
_SHORT = {
    **{name.upper(): name for name in words.ZONE_HOURS},
    **{name.upper(): name for name in words.ZONE_LETTERS},
}
# Small letters only where the word is no other one: "14:00 cet", never German "ist" or French "est".
_SMALL = "|".join(sorted(name for name in words.ZONE_HOURS if name not in words.ZONE_WORDS))


def _any(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_TOKEN = re.compile(
    r"(?<!\w)(?:(?P<offset>(?:UTC|GMT)\s?[+−-]\s?\d{1,2}(?::?\d\d)?\b)"
    rf"|(?P<short>(?:{_any(_SHORT)})|(?i:{_SMALL}))"
    rf"|(?P<own>(?i:{'|'.join(words.OWN_CLOCK)}))"
    rf"|(?P<others>(?i:{'|'.join(words.OTHERS_CLOCK)}))"
    rf"|(?P<people>(?i:{_any(words.ZONE_PEOPLE)}))(?=\s+(?i:(?:summer |standard )?(?:time|clock)))"
    rf"|(?P<place>(?i:{_any(words.ZONE_PLACES)})))(?!\w)"
)
# What may stand between a time and its zone without ending the time's own words.
_FILLER = re.compile(
    r"[\s,;:()\[\]/–—→>|-]+|&gt;|(?:on|in|at|by|to|and|until|till|through|both|all|last|one|first|the|times?|clocks?"
    r"|logs?|are|is|was|local|uhr|h|hrs?|de|do|da|em|no|na|nas|às|as|à|a|e|y|o|la|las|los|el|horas?|hor[aá]rio"
    r"|bis|und|nach|um|der|die|das|dem|at[eé]|hasta|yesterday|today|tonight|ontem|hoje|ayer|hoy|gestern|heute"
    r"|morning|evening|night|afternoon|zone|also|so|that's|p\.?m\.?|a\.?m\.?)(?!\w)",
    re.IGNORECASE,
)
_CONNECTED = re.compile(
    r"[-–—→>]|\b(?:to|and|until|till|through|both|all|bis|und|at[eé]|hasta|a|e|y|last)\b", re.IGNORECASE
)
_ARTICLE = re.compile(r"\b(?:the|der|die|das|el|la|los|las|our|their)\s+$", re.IGNORECASE)
_CLOCK = re.compile(r"\s*(?:time|clocks?|zeit|uhr|hora|standard|summer|side)\b", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?:\b(?P<short>{_any(_SHORT)})"
    rf"|\b(?P<place>(?i:{_any((*words.ZONE_PLACES, *words.ZONE_PEOPLE))}))\s(?i:time|clock))"
    r"\s*[:,]?\s*(?:it(?:'s| is|was)?\s+|at\s+)?$"
)


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo | None:
    """The zone of an IANA name, or None where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def clock_of(text: str, start: int, end: int, said_at: datetime, watch: Watch) -> tzinfo | Whose | None:
    """The zone that is named for the time at `start`…`end` of a text, or None where none is."""
    tail = text[end : end + _REACH]
    stop = _SENTENCE_END.search(tail)
    tail = tail[: stop.start()] if stop else tail
    token = _token_behind(tail)
    if token is not None:
        return _zone(token, said_at, watch)
    before = _BEFORE.search(text[max(0, start - 30) : start])
    if before is None:
        return None
    if before["short"]:
        return _abbreviated(before["short"], said_at, watch)
    return _placed(before["place"])


def _token_behind(tail: str) -> re.Match[str] | None:
    """The name of a zone behind a time, with only small words, or a range's other times, before it."""
    at, crossed, connected = 0, False, False
    while at < len(tail):
        token = _TOKEN.match(tail, at)
        if token is not None:
            # "16:42, 13:42 here" is another clock's time, "the berlin cluster" no clock.
            named = token["place"] is None or _CLOCK.match(tail, token.end()) is not None
            own = not crossed or connected
            return token if own and (named or _ARTICLE.search(tail[:at]) is None) else None
        small = _FILLER.match(tail, at)
        other = None if small else _TIMES.match(tail, at)
        step = small or other
        if step is None:
            return None
        crossed = crossed or other is not None
        connected = connected or (small is not None and _CONNECTED.search(small[0]) is not None)
        at = step.end()
    return None


def _zone(token: re.Match[str], said_at: datetime, watch: Watch) -> tzinfo | Whose | None:
    if token["offset"]:
        return _offset(token["offset"])
    if token["short"]:
        return _abbreviated(token["short"], said_at, watch)
    if token["own"] or token["others"]:
        return Whose.OWN if token["own"] else Whose.OTHERS
    return _placed(token["place"] or token["people"])


def _offset(text: str) -> tzinfo | None:
    hit = _OFFSET.match(text)
    if hit is None:
        return None
    hours = timedelta(hours=int(hit["hours"]), minutes=int(hit["minutes"] or 0))
    sign = 1 if hit["sign"] == "+" else -1
    return timezone(sign * hours) if hours < timedelta(hours=15) else None


def _placed(word: str) -> tzinfo | None:
    word = word.lower()
    return zone_of(words.ZONE_PLACES.get(word) or words.ZONE_PEOPLE[word])


def _abbreviated(word: str, said_at: datetime, watch: Watch) -> tzinfo | None:
    """`IST` is Dublin's, Kolkata's or Jerusalem's: that of the speaker first, then of the people here."""
    hours = words.ZONE_HOURS.get(word.lower())
    if hours == 0:
        return UTC
    for name in watch.zones:
        if word.upper() in _names(name, said_at.year):
            return zone_of(name)
    if hours is not None:
        return timezone(timedelta(hours=hours))
    return zone_of(words.ZONE_LETTERS[word.lower()])


@lru_cache(maxsize=256)
def _names(name: str, year: int) -> frozenset[str]:
    """What a zone is called in winter and in summer."""
    zone = zone_of(name)
    if zone is None:
        return frozenset()
    months = (datetime(year, month, 1, tzinfo=zone) for month in (1, 7))
    return frozenset(found.upper() for one in months if (found := one.tzname()))
