"""Times stated in words, as UTC: "16:09 to 16:13", "desde as 8h42 de Brasília", "7 minutes ago"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from bot.findings.spans import ago_span
from bot.findings.zones import Watch, Whose, clock_of, zone_of

__all__ = ["TOLD", "Stated", "Watch", "ago", "only_clock", "stated_times"]

_TIME = re.compile(
    r"(?<![\w.:/,$+-])(?P<hour>[01]?\d|2[0-3])(?:(?P<colon>[:h])(?P<minute>[0-5]\d)"
    r"(?::(?P<second>[0-5]\d))?(?:\.\d+)?"
    r"|(?P<bare>h)(?![\w:])|(?=\s*(?:[ap]\.?m\b|uhr\b|o'clock\b)))(?!\d|[:.]\d)\s*(?P<half>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
# A quick look that spares most messages the dearer reading.
TOLD = re.compile(r"\d[:h]\d\d|\d\s?(?:[aApP]\.?[mM]\b|[Uu]hr\b|o'clock)|\dh\b")
_STAMP = re.compile(
    r"\b(?P<iso>20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s?(?P<isozone>Z|UTC|[+-]\d\d:?\d\d)?"
    r"|\b(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<clock>\d\d:\d\d:\d\d)\s+(?P<year>20\d\d)\s+(?:GMT|UTC)"
)
_YESTERDAY = re.compile(r"\b(?:yesterday|last night|ontem|ayer|anoche|gestern)\b", re.IGNORECASE)
_YESTERDAY_BEHIND = re.compile(
    r"\s*(?:of |de |do |d[ae] noite de |uhr )?(?:yesterday|last night|ontem|ayer|anoche|gestern)\b",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
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


def stated_times(text: str, said_at: datetime, watch: Watch) -> tuple[Stated, ...]:
    """Every clock time of a text as UTC, in the order of the text.

    A zone that is named for a time counts. Those without one are read on one clock together: on UTC or on
    a clock of the people, the first on which all of them lie between the trouble's first sign and the
    telling. "3:41" may be the afternoon's.
    """
    found = list(_stamps(text))
    hits = [hit for hit in _TIME.finditer(text) if _is_clock(hit, text) and not _within(hit, found)]
    if not hits:
        return tuple(found)
    nights = _nights(text, hits)
    told = [
        _Told(hit, clock_of(text, hit.start(), hit.end(), said_at, watch), night, said_at)
        for hit, night in zip(hits, nights, strict=True)
    ]
    for one, at in zip(told, _read(told, watch), strict=True):
        hit = one.hit
        if at is not None:
            local = at.hour != _hour(hit)
            found.append(Stated(at, hit.start(), hit.end(), hit["second"] is not None, local))
    return tuple(sorted(found, key=lambda one: one.start))


def only_clock(text: str, said_at: datetime, watch: Watch) -> tzinfo | None:
    """The one clock, UTC or the speaker's, that the times of a text without a zone can be on; else None."""
    hits = [hit for hit in _TIME.finditer(text) if _is_clock(hit, text)]
    own = zone_of(watch.zones[0]) if watch.zones else None
    if not hits or own is None or own.utcoffset(said_at.astimezone(own)) == timedelta(0):
        return None
    told = [_Told(hit, clock_of(text, hit.start(), hit.end(), said_at, watch), 0, said_at) for hit in hits]
    free = [one for one in told if one.clock is None]
    fitting = [zone for zone in (UTC, own) if free and all(one.on(zone, watch, twice=False) for one in free)]
    return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True)
class _Told:
    """A time as it stands in a text: the clock it names, and how many nights before the telling."""

    hit: re.Match[str]
    clock: tzinfo | Whose | None
    night: int
    said_at: datetime

    def on(self, zone: tzinfo, watch: Watch, *, twice: bool = True, strict: bool = True) -> datetime | None:
        """The moment on this clock, if it lies between the first sign and the telling."""
        earliest = watch.first_sign - _EARLY - timedelta(days=0 if strict else self.night)
        for hour in _hours(self.hit) if twice else (_hour(self.hit),):
            at = self._at(zone, hour)
            if earliest <= at <= self.said_at + _SLACK:
                return at
        return None

    def plainly(self, zone: tzinfo) -> datetime:
        return self._at(zone, _hour(self.hit))

    def guessed(self, watch: Watch) -> datetime | None:
        """Where nobody's zone is known: the whole-hour zone in which it was told soonest afterwards."""
        zones = [timezone(timedelta(hours=hours)) for hours in range(-8, 10)]
        earliest = watch.first_sign - _EARLY
        found = (self.plainly(zone) for zone in zones)
        return max((at for at in found if earliest <= at <= self.said_at), default=None)

    def _at(self, zone: tzinfo, hour: int) -> datetime:
        minute, second = int(self.hit["minute"] or 0), int(self.hit["second"] or 0)
        day = self.said_at.astimezone(zone) - timedelta(days=self.night)
        at = day.replace(hour=hour, minute=minute, second=second, microsecond=0).astimezone(UTC)
        # Told after midnight about the evening before.
        return at - timedelta(days=1) if at > self.said_at + timedelta(hours=12) else at


def _read(told: Sequence[_Told], watch: Watch) -> list[datetime | None]:
    people = [zone for name in watch.zones if (zone := zone_of(name)) is not None]
    free = [one for one in told if one.clock is None]
    order: list[tzinfo] = [*people[:1], UTC, *people[1:]] if watch.local else [UTC, *people]
    together = next((zone for zone in order if free and all(one.on(zone, watch) for one in free)), None)
    if together is not None:
        order = [together]
    return [_moment(one, order, people, watch) for one in told]


def _moment(one: _Told, order: Sequence[tzinfo], people: Sequence[tzinfo], watch: Watch) -> datetime | None:
    if isinstance(one.clock, tzinfo):
        return one.on(one.clock, watch) or one.plainly(one.clock)
    if one.clock is Whose.OWN and people:
        order = people
    elif one.clock is Whose.OTHERS and people[1:]:
        order = [*people[1:], people[0]]
    for strict in (True, False):
        fitting = next((at for zone in order if (at := one.on(zone, watch, strict=strict))), None)
        if fitting is not None:
            return fitting
    guessed = None if people else one.guessed(watch)
    return guessed or (one.plainly(order[0]) if order else None)


def ago(text: str, said_at: datetime) -> Stated | None:
    """`7 minutes ago`, `há 10 min`, `vor 5 Minuten`: said_at minus that, or None."""
    span = ago_span(text)
    if span is None:
        return None
    seconds, start, end = span
    return Stated(said_at - timedelta(seconds=seconds), start, end, False)


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


def _within(hit: re.Match[str], stamps: Sequence[Stated]) -> bool:
    return any(stamp.start <= hit.start() < stamp.end for stamp in stamps)


def _hour(hit: re.Match[str]) -> int:
    """The hour of the day, `1 pm` as 13."""
    hour, half = int(hit["hour"]), (hit["half"] or "").lower()[:1]
    return hour % 12 + (12 if half == "p" else 0) if half and hour <= 12 else hour


def _hours(hit: re.Match[str]) -> tuple[int, ...]:
    """As written; `3:41` without am or pm also as the afternoon's."""
    hour = _hour(hit)
    either = not hit["half"] and 1 <= hour <= 12 and not hit["hour"].startswith("0") and hit["colon"] == ":"
    return (hour, (hour + 12) % 24) if either else (hour,)


def _nights(text: str, hits: Sequence[re.Match[str]]) -> list[int]:
    """For each time 1 where "yesterday" or "last night" belongs to it: right behind it, or before it.

    A range goes on in the same night only while its clock goes on: "20:41 yesterday to 0:14".
    """
    if not _YESTERDAY.search(text):
        return [0] * len(hits)
    found: list[int] = []
    spoken_from = 0
    for index, hit in enumerate(hits):
        behind = _YESTERDAY_BEHIND.match(text, hit.end())
        before = text[spoken_from : hit.start()]
        goes_on = index > 0 and found[-1] == 1 and _hour(hit) >= _hour(hits[index - 1])
        ahead = _YESTERDAY.search(before) is not None or (goes_on and len(before) <= 12)
        found.append(1 if behind or ahead else 0)
        spoken_from = behind.end() if behind else hit.end()
    return found
