"""Sentences about response clocks: what the timeline, the thread and a letter say."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.person import Person
from bot.domain.response import Step, Via
from bot.domain.response_clock import ANSWERED, OPENED, REOPENED, RESOLVED, ResponseClock
from bot.drills.words import span
from bot.escalation.rows import Tell
from bot.store.database import from_iso

TOLD_BEFORE = "told in an earlier round"
NAMES_SHOWN = 8
LAST = "There is nobody behind them in the plan's table: whoever reads this, take it."
_WAY = {
    Via.CHANNEL: "the incident's card",
    Via.PAGE: "PagerDuty",
    Via.MAIL: "mail",
    Via.MENTION: "a mention in the incident's thread",
}


def started(clock: ResponseClock, within_s: float, tells: Sequence[Tell]) -> str:
    """By when somebody has to answer, and whom the plan tells until then."""
    begun = "" if clock.reason == OPENED else f" anew ({clock.reason})"
    said = f"The response clock began{begun}: {clock.severity.value} is to be answered within"
    said += f" {span(within_s)}, by {hour(clock.due_at, clock.began_at)} UTC."
    lines = ", ".join(
        f"{one.step.tell} {hour(one.due_at, clock.began_at)}" for one in tells if not one.told_at
    )
    return f"{said} While nobody does it tells {lines}." if lines else said


def stopped(clock: ResponseClock, why: str, by: str, now: str) -> str:
    """Who answered and how fast, or why nobody needs to any more."""
    after_s = seconds_between(clock.began_at, now)
    if why == ANSWERED:
        late = "" if now <= clock.due_at else f", {span(seconds_between(clock.due_at, now))} late"
        return f"{by} answered after {span(after_s)}{late}: the response clock stopped."
    if why == RESOLVED:
        return f"The incident ended after {span(after_s)} unanswered: the response clock stopped."
    return "The plan has no response time for its severity: the response clock stopped."


def posted(step: Step, reason: str) -> str:
    """What the channel was told when a round began: the card is there by then, and is only edited."""
    what = "that it is graver is said there, and its card edited"
    if reason == OPENED:
        what = "the incident's card is posted there by itself"
    elif reason == REOPENED:
        what = "that it is open again is said there, and its card edited"
    return f"{step.tell} was told: {what}."


def told(step: Step, ways: Sequence[Via], who: Sequence[Person], late_s: float) -> str:
    """`Engineering lead was told by mail and a mention in the incident's thread: Carla Dias.`"""
    said = f"{step.tell} was told by {over(ways)}"
    said += f": {names(who)}" if who else ""
    return f"{said}, {span(late_s)} late." if late_s else f"{said}."


def vacant(step: Step, following: Tell | None, late_s: float) -> str:
    """Nobody holds the seat, or nobody who does can be reached; and who is told instead."""
    roles = " or ".join(step.roles) or "of that line"
    said = f"{step.tell}: nobody has the role {roles}"
    said += f" (looked {span(late_s)} late)" if late_s else ""
    return f"{said}. {instead(following)}"


def unreachable(step: Step, who: Sequence[Person], following: Tell | None, mail: bool = True) -> str:
    """The seat is held, and the plan has no way to whoever holds it."""
    said = f"{step.tell}: the plan has neither mail address nor Slack account of {names(who)}"
    if not mail:
        said = f"{step.tell}: the plan has no Slack account of {names(who)}, and drbot sends no mail"
    return f"{said}. {instead(following)}"


def instead(following: Tell | None) -> str:
    if following is None:
        return LAST
    return f"{following.step.tell} is told now, instead of waiting."


def call(ref: str, sentence: str, waited_s: float, following: Tell | None, now: str) -> str:
    """The line in the incident's thread; whoever it mentions reads what to do. `now` is an ISO moment."""
    nobody = f"nobody has answered for {span(waited_s)}" if waited_s >= 1 else "it needs an answer"
    then = f"{following.step.tell} is next, at {hour(following.due_at, now)} UTC." if following else LAST
    return f"{nobody}. {sentence} {then} {where_to_answer(ref)}"


def where_to_answer(ref: str) -> str:
    """Where whoever takes it presses, and what they say instead."""
    return f"Acknowledge on the card, or with `/dr ack {ref}`."


def subject(ref: str, severity: str, title: str, waited_s: float) -> str:
    """The letter's first words have to do on a locked screen."""
    nobody = f"unanswered for {span(waited_s)}" if waited_s >= 1 else "needs an answer"
    return f"{severity} {ref} {nobody}: {title}"[:200]


def letter(
    ref: str,
    severity: str,
    title: str,
    step: Step,
    since: str,
    channel: str,
    following: Tell | None,
    now: str,
) -> str:
    """What happened, why you, and what to do; nothing that is only in Slack."""
    then = (
        f"If nobody does, {following.step.tell} is told at {hour(following.due_at, now)} UTC."
        if following
        else "There is nobody behind you in the plan's table."
    )
    return (
        f"{severity} {ref}: {title}\n\n"
        f"It waits for an answer since {since[:16].replace('T', ' ')} UTC, and nobody has acknowledged it.\n"
        f"The plan tells you as: {step.tell}.\n\n"
        f"What to do now: acknowledge it, on its card in {channel} or with\n"
        f"  dr ack {ref}\n{then}\n"
    )


def over(ways: Sequence[Via]) -> str:
    """`mail and a mention in the incident's thread`."""
    return " and ".join(_WAY[way] for way in ways)


def names(who: Sequence[Person]) -> str:
    """At most eight of them by name."""
    said = ", ".join(person.name for person in who[:NAMES_SHOWN])
    more = len(who) - NAMES_SHOWN
    return f"{said} and {more} more" if more > 0 else said


def hour(moment: str, now: str = "") -> str:
    """`03:15` of an ISO moment; `2026-11-24 03:15` where that is another day than `now`."""
    another = bool(now) and moment[:10] != now[:10]
    return f"{moment[:10]} {moment[11:16]}" if another else moment[11:16]


def seconds_between(since: str, until: str) -> float:
    """Never less than nothing, whatever the wall clock did."""
    return max(0.0, round((from_iso(until) - from_iso(since)).total_seconds(), 3))
