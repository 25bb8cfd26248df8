"""The response clock on the incident's card: by when, and who is told. True whenever it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.incident import Incident, IncidentState
from bot.domain.response import Via
from bot.domain.response_clock import ANSWERED, ResponseClock
from bot.escalation.rows import TOLD, VACANT, Tell, clock_of, tells_of
from bot.slack.cards.words import Namer
from bot.slack.scene import Press
from bot.slack.text import lasted, moment, one_line
from bot.store.database import Store, from_iso

LABEL = "Answer"
NAME_LIMIT = 40
SHOWN = 4


def response_facts(
    store: Store, incident: Incident, name: Namer, now: datetime
) -> tuple[tuple[str, str], ...]:
    """One line, or none for an incident without a clock. The card is not drawn anew every minute: it names
    moments, not how long is left; when the answer falls due it is drawn anew, and says so.

    `now` is in the time zone that says which day it is.
    """
    clock = clock_of(store.read, incident.id)
    if clock is None or not clock.round:
        return ()
    if clock.runs:
        said = _running(clock, tells_of(store.read, incident.id, clock.round), now)
    elif clock.outcome == ANSWERED:
        said = f"answered after {lasted(clock.began_at, clock.stopped_at)} by"
        said += f" {one_line(name(incident.acknowledged_by), 60)}"
    else:
        return ()
    return ((LABEL, said),)


def response_presses(store: Store, incident: Incident) -> tuple[Press, ...]:
    """Acknowledge once more where it grew worse since somebody did; a new incident's card has its own."""
    if incident.state is not IncidentState.ACKNOWLEDGED:
        return ()
    clock = clock_of(store.read, incident.id)
    if clock is None or not clock.runs:
        return ()
    label = f"Acknowledge {clock.severity.value}"
    return (Press(label, f"ack {incident.ref}", "ack-again", primary=True),)


def _running(clock: ResponseClock, tells: Sequence[Tell], now: datetime) -> str:
    """`due 03:15; told: On-call engineer 03:00; told next: Engineering lead 03:15, CTO 03:30`."""
    people = [one for one in tells if one.step.ways != (Via.CHANNEL,)]
    told = [f"{_name(one)} {_hour(one.told_at, now)}" for one in people if one.outcome == TOLD]
    vacant = [_name(one) for one in people if one.outcome == VACANT]
    ahead = [f"{_name(one)} {_hour(one.due_at, now)}" for one in people if not one.told_at]
    again = "" if clock.round == 1 or clock.reason == "reopened" else f" ({one_line(clock.reason, 40)})"
    due = f"due *{_hour(clock.due_at, now)}*"
    late = from_iso(clock.due_at) <= now
    parts = [f"⚠️ {due}, *overdue*{again}" if late else f"{due}{again}"]
    if told:
        parts.append(f"told: {', '.join(told[-SHOWN:])}")
    if vacant:
        parts.append(f"vacant: {', '.join(vacant[-SHOWN:])}")
    if ahead:
        parts.append(f"told next: {', '.join(ahead[:SHOWN])}")
    elif people:
        parts.append("*nobody is left to tell*")
    return "; ".join(parts)


def _name(tell: Tell) -> str:
    return one_line(tell.step.tell, NAME_LIMIT)


def _hour(at: str, now: datetime) -> str:
    """Its time, and the day where it is another than today."""
    today = from_iso(at).astimezone(now.tzinfo).date() == now.date()
    return moment(at, "{time}" if today else "{date_short_pretty} {time}")
