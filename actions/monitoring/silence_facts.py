"""What a silence would hush, and how drbot knows its own: parameters, facts, the mark in the comment."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.failures import Refused
from actions.monitoring.matchers import Matcher, joined, read_matchers
from actions.tools.monitors.monitoring import Firing, Monitoring, Silence

AUTHOR = "drbot"
SHORTEST_S, LONGEST_S = 300.0, 86_400.0
SHOWN = 20
MOST_NAMES = 10
BECAUSE_LIMIT = 300
_UNITS_S = {"m": 60.0, "h": 3600.0}


def read_duration_s(text: str) -> float:
    """Seconds of `30m` or `2h`, from 5 minutes to a day. Raises ValueError with the form."""
    found = re.fullmatch(r"([0-9]{1,4})([mh])", text.strip())
    seconds = float(found[1]) * _UNITS_S[found[2]] if found else 0.0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise ValueError(f"{text[:40]!r} is no duration from 5m to 24h: write 30m or 2h")
    return seconds


@dataclass(frozen=True)
class SilenceParams:
    """`matchers` as Alertmanager writes them, or the name of an alert; `duration` from 5m to 24h."""

    environment: str
    matchers: str
    duration: str = "1h"
    because: str = ""

    def __post_init__(self) -> None:
        read_matchers(self.matchers)
        read_duration_s(self.duration)
        if len(self.because) > BECAUSE_LIMIT or not (self.because.isprintable()):
            raise ValueError(f"because is one line of at most {BECAUSE_LIMIT} characters")

    @property
    def read(self) -> tuple[Matcher, ...]:
        return read_matchers(self.matchers)


@dataclass(frozen=True)
class Hushed:
    """One alert that fires now and that the silence would hush."""

    fingerprint: str
    name: str
    words: str
    already: bool


@dataclass(frozen=True)
class SilenceFacts:
    """`names` are all alert names that would be hushed; `alerts` the first, `more` the others."""

    place: str
    matchers: str
    alerts: tuple[Hushed, ...]
    more: int
    names: tuple[str, ...]

    @property
    def number(self) -> int:
        return len(self.alerts) + self.more


def survey_of(tool: Monitoring, matchers: tuple[Matcher, ...]) -> SilenceFacts:
    """What these matchers hush now. Raises Refused where that is more than a silence should."""
    found = sorted(tool.alerts(matchers), key=lambda one: (one.words, one.fingerprint))
    names = tuple(sorted({one.name for one in found}))
    if len(names) > MOST_NAMES:
        raise Refused(
            f"{joined(matchers)} would hush {len(found)} alerts of {len(names)} names"
            f" ({', '.join(names[:5])}, …); at most {MOST_NAMES} names are hushed at once."
            ' Nothing was changed. Name the alert: alertname="X"'
        )
    shown = tuple(map(_hushed, found[:SHOWN]))
    return SilenceFacts(tool.of_alertmanager.place, joined(matchers), shown, len(found) - len(shown), names)


def drift(planned: SilenceFacts, now: SilenceFacts) -> str | None:
    """More instances of the alerts that were shown are the same thing; another alert is not."""
    if (planned.place, planned.matchers) != (now.place, now.matchers):
        return "another Alertmanager, or other matchers, than were shown"
    new = sorted(set(now.names) - set(planned.names))
    if new:
        return f"it would now hush {', '.join(new)} too, which did not fire when it was shown"
    if planned.names and not now.names:
        return f"{', '.join(planned.names)} fires no more: there is nothing to hush"
    return None


def mark(run: int) -> str:
    """How the comment of a run's silence begins, so that a repeat finds it."""
    return f"drbot RUN-{run}:"


def own(tool: Monitoring, run: int, matchers: tuple[Matcher, ...]) -> Silence | None:
    """The silence that this run has made and that has not ended."""
    return next((one for one in ever_own(tool, run, matchers) if one.state != "expired"), None)


def ever_own(tool: Monitoring, run: int, matchers: tuple[Matcher, ...]) -> tuple[Silence, ...]:
    """Those that this run has made, also ended ones, for as long as Alertmanager remembers them."""
    wanted = sorted(map(str, matchers))
    return tuple(
        one
        for one in tool.silences()
        if one.created_by == AUTHOR
        and one.comment.startswith(mark(run))
        and sorted(map(str, one.matchers)) == wanted
    )


def _hushed(one: Firing) -> Hushed:
    return Hushed(one.fingerprint, one.name, one.words, one.state == "suppressed")
