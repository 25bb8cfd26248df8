"""What an incident wants Slack to show: its card, its channel, a line in its thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.domain.incident import Incident
from bot.plan.models import DrPlan
from bot.store.database import Tx
from bot.store.outbox import Wanted, want

# What follows a resolution, in its transaction: the report's draft.
OnResolve = Callable[[Tx, Incident], None]


def card_key(incident: int) -> str:
    """The outbox key of an incident's card; its thread hangs under it."""
    return f"incident:{incident}:card"


def show_incident(tx: Tx, plan: DrPlan, incident: Incident) -> None:
    """The card anew, and a channel of its own from the plan's severity up. Safe to ask twice."""
    tx.ring("incidents")
    rank = incident.severity.rank
    where = plan.communication.channel
    want(tx, Wanted(card_key(incident.id), "incident-card", incident.id, where, rank=rank))
    deserves_channel = not plan.communication.own_channel_from.worse_than(incident.severity)
    if incident.is_open and deserves_channel:
        want(tx, Wanted(f"incident:{incident.id}:channel", "incident-channel", incident.id, "", rank=rank))


def tell_thread(tx: Tx, plan: DrPlan, incident: Incident, seq: int, said: str) -> None:
    """One line under the card, told once: `seq` is the journal entry that it repeats."""
    want(
        tx,
        Wanted(
            f"incident:{incident.id}:note:{seq}",
            "incident-note",
            incident.id,
            plan.communication.channel,
            parent=card_key(incident.id),
            rank=incident.severity.rank,
            payload=said,
        ),
    )


def call_people(tx: Tx, plan: DrPlan, incident: Incident, seq: int, called: Sequence[str], said: str) -> None:
    """The same line, and Slack tells these people (plan ids) that it is about them."""
    handles = [entry.slack for one in called if (entry := plan.people.get(one)) and entry.slack]
    want(
        tx,
        Wanted(
            f"incident:{incident.id}:note:{seq}",
            "incident-call",
            incident.id,
            plan.communication.channel,
            parent=card_key(incident.id),
            rank=incident.severity.rank,
            payload=f"{' '.join(handles)}\n{said}",
        ),
    )
