"""What an incident wants Slack to show: its card, its channel, a line in its thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.domain.incident import Incident
from bot.plan.models import DrPlan
from bot.store.database import Tx
from bot.store.outbox import Wanted, want

OWN = ":own"
# What follows a resolution, in its transaction: the report's draft.
OnResolve = Callable[[Tx, Incident], None]


def card_key(incident: int) -> str:
    """The outbox key of an incident's card; its thread hangs under it."""
    return f"incident:{incident}:card"


def copy_key(incident: int) -> str:
    """The outbox key of the card's copy in the incident's own channel."""
    return f"incident:{incident}:copy"


def note_key(incident: int, seq: int) -> str:
    """The outbox key of what is said under the card about a journal entry; `OWN` follows for the copy's."""
    return f"incident:{incident}:note:{seq}"


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
    """One line under the card and its copy, told once: `seq` is the journal entry that it repeats."""
    want(
        tx,
        Wanted(
            note_key(incident.id, seq),
            "incident-note",
            incident.id,
            plan.communication.channel,
            parent=card_key(incident.id),
            rank=incident.severity.rank,
            payload=said,
        ),
    )
    _tell_own_channel(tx, incident, seq, said)


def call_people(tx: Tx, plan: DrPlan, incident: Incident, seq: int, called: Sequence[str], said: str) -> None:
    """The same line, and Slack tells these people (plan ids) that it is about them, once."""
    handles = [entry.slack for one in called if (entry := plan.people.get(one)) and entry.slack]
    want(
        tx,
        Wanted(
            note_key(incident.id, seq),
            "incident-call",
            incident.id,
            plan.communication.channel,
            parent=card_key(incident.id),
            rank=incident.severity.rank,
            payload=f"{' '.join(handles)}\n{said}",
        ),
    )
    _tell_own_channel(tx, incident, seq, said)


def tell_where_things_stand(tx: Tx, plan: DrPlan, incident: Incident, seq: int, document: str) -> None:
    """A handover (Markdown) under the card, and in the incident's own channel for all who are there."""
    key, rank = note_key(incident.id, seq), incident.severity.rank
    home, parent = plan.communication.channel, card_key(incident.id)
    want(tx, Wanted(key, "handover", incident.id, home, parent=parent, rank=rank, payload=document))
    if own := incident.own_channel:
        want(tx, Wanted(f"{key}{OWN}", "handover", incident.id, own, rank=rank, payload=document))


def _tell_own_channel(tx: Tx, incident: Incident, seq: int, said: str) -> None:
    own = incident.own_channel
    if not own:
        return
    key, parent = f"{note_key(incident.id, seq)}{OWN}", copy_key(incident.id)
    want(
        tx,
        Wanted(
            key, "incident-note", incident.id, own, parent=parent, rank=incident.severity.rank, payload=said
        ),
    )
