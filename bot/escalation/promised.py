"""What whoever changes an incident reads at once: by when it is to be answered, and who is told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incident import Incident
from bot.domain.response import Via
from bot.escalation.rows import Tell, clock_of, tells_of
from bot.escalation.words import hour
from bot.store.database import Read


def promised(read: Read, incident: Incident) -> str:
    """By when somebody has to answer it, and whom drbot tells while nobody does; '' where no clock runs."""
    clock = clock_of(read, incident.id)
    if clock is None or not clock.runs:
        return ""
    due = f"It is to be answered by {hour(clock.due_at, clock.began_at)} UTC: `ack {incident.ref}`."
    ahead = [
        one
        for one in tells_of(read, incident.id, clock.round)
        if one.step.ways != (Via.CHANNEL,) and not one.told_at
    ]
    return f"{due} While nobody does, drbot tells {_listed(ahead, clock.began_at)}." if ahead else due


def asked_anew(read: Read, incident: Incident) -> bool:
    """Whether the change that it was just given began its response clock anew."""
    clock = clock_of(read, incident.id)
    return clock is not None and clock.runs and clock.started_at == incident.updated_at


def _listed(ahead: Sequence[Tell], began_at: str) -> str:
    return ", ".join(f"{one.step.tell} {_at(one, began_at)}" for one in ahead)


def _at(one: Tell, began_at: str) -> str:
    return "now" if one.due_at <= began_at else f"at {hour(one.due_at, began_at)} UTC"
