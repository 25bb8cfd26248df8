"""The response clock on the incident's card: by when, and who is told. True whenever it is read."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incident import Incident, IncidentState
from bot.domain.response import Via
from bot.domain.response_clock import ANSWERED, ResponseClock
from bot.escalation.rows import TOLD, VACANT, Tell, clock_of, tells_of
from bot.slack.cards.words import Namer
from bot.slack.scene import Press
from bot.slack.text import lasted, moment, one_line
from bot.store.database import Store

LABEL = "Answer"
NAME_LIMIT = 40
SHOWN = 4


def response_facts(store: Store, incident: Incident, name: Namer) -> tuple[tuple[str, str], ...]:
    """One line, or none for an incident without a clock. The card is not drawn anew every minute: it names
    moments, not how long is left.
    """
    clock = clock_of(store.read, incident.id)
    if clock is None or not clock.round:
        return ()
    if clock.runs:
        said = _running(clock, tells_of(store.read, incident.id, clock.round))
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


def _running(clock: ResponseClock, tells: Sequence[Tell]) -> str:
    """`by 03:15; told: On-call engineer 03:00; then Engineering lead 03:15, CTO 03:30`."""
    people = [one for one in tells if one.step.ways != (Via.CHANNEL,)]
    told = [f"{_name(one)} {_hour(one.told_at)}" for one in people if one.outcome == TOLD]
    vacant = [_name(one) for one in people if one.outcome == VACANT]
    ahead = [f"{_name(one)} {_hour(one.due_at)}" for one in people if not one.told_at]
    again = "" if clock.round == 1 or clock.reason == "reopened" else f" ({one_line(clock.reason, 40)})"
    parts = [f"due *{_hour(clock.due_at)}*{again}"]
    if told:
        parts.append(f"told: {', '.join(told[-SHOWN:])}")
    if vacant:
        parts.append(f"vacant: {', '.join(vacant[-SHOWN:])}")
    if ahead:
        parts.append(f"then {', '.join(ahead[:SHOWN])}")
    elif people:
        parts.append("nobody is left to tell")
    return "; ".join(parts)


def _name(tell: Tell) -> str:
    return one_line(tell.step.tell, NAME_LIMIT)


def _hour(at: str) -> str:
    return moment(at, "{time}")
