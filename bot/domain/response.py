"""Who is told when, while nobody answers (sections 4.1 and 4.2): the lines of the plan as due steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.domain.severity import Severity

HALF = 0.5


class Via(Enum):
    """Over what a line of the table is told."""

    CHANNEL = "channel"
    PAGE = "page"
    MAIL = "mail"
    MENTION = "mention"


BY_HAND = (Via.MAIL, Via.MENTION)


@dataclass(frozen=True)
class Line:
    """One line of the communication table as the plan has it. `after_s` is None where the plan says none."""

    tell: str
    via: str = ""
    roles: tuple[str, ...] = ()
    at_least: Severity | None = None
    after_s: float | None = None


@dataclass(frozen=True)
class Step:
    """A line that will be told `after_s` seconds after the clock began. `number` is its row of the table."""

    number: int
    tell: str
    ways: tuple[Via, ...]
    roles: tuple[str, ...]
    after_s: float


def steps(severity: Severity, response_s: float, lines: Sequence[Line]) -> tuple[Step, ...]:
    """What this severity tells whom, in the order in which it falls due (section 4.2).

    The channel is told at once. The first line of people too from SEV-2 up, after half the response time
    below: nobody is woken for a cosmetic issue. Each further line is told one response time later than the
    one before. A line's own `after` holds as the plan has it; a line without one is never told before those
    above it in the table. An incident has one page: a second line by PagerDuty is told as if it had no way.
    """
    found: list[Step] = []
    people = 0
    for number, line in enumerate(lines):
        if severity is Severity.NONE or (line.at_least and line.at_least.worse_than(severity)):
            continue
        ways = ways_of(line.via)
        if ways == (Via.PAGE,) and any(one.ways == ways for one in found):
            ways = BY_HAND
        usual = 0.0 if ways == (Via.CHANNEL,) else _usual_s(severity, response_s, people)
        people += ways != (Via.CHANNEL,)
        above = max((one.after_s for one in found), default=0.0)
        after_s = max(usual, above) if line.after_s is None else line.after_s
        found.append(Step(number, line.tell, ways, line.roles, after_s))
    return tuple(sorted(found, key=lambda one: (one.after_s, one.number)))


def ways_of(via: str) -> tuple[Via, ...]:
    """The plan's own word for the way. What drbot has no way for is told by mail and in the thread."""
    said = via.strip().lower()
    if said == "automated" or "slack" in said:
        return (Via.CHANNEL,)
    if "pagerduty" in said:
        return (Via.PAGE,)
    return BY_HAND


def with_or_without_pager(ways: tuple[Via, ...], pager: bool) -> tuple[Via, ...]:
    """The ways that there are: without a pager whoever is to be paged gets a mail and a mention."""
    return ways if pager or Via.PAGE not in ways else BY_HAND


def without_mail(ways: tuple[Via, ...]) -> tuple[Via, ...]:
    """What is left of the ways where no mail goes out."""
    return tuple(way for way in ways if way is not Via.MAIL)


def pulled(ahead: Sequence[Step], at_s: float) -> tuple[Step, ...]:
    """The steps behind one that reached nobody: the first of them is told at once, the others when due."""
    if not ahead or ahead[0].after_s <= at_s:
        return tuple(ahead)
    first = ahead[0]
    return (Step(first.number, first.tell, first.ways, first.roles, at_s), *ahead[1:])


def _usual_s(severity: Severity, response_s: float, people_before: int) -> float:
    if people_before:
        return response_s * people_before
    return 0.0 if severity.worse_than(Severity.SEV3) else response_s * HALF
