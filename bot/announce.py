"""What an incident wants Slack to show: its card, its channel, a line in its thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.domain.incident import Incident
from bot.plan.models import DrPlan
from bot.store.database import Read, Tx
from bot.store.outbox import Kind, Wanted, want

OWN = ":own"
TITLE_SHOWN = 120
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
    if incident.is_open and own_channel_follows(plan, incident):
        want(tx, Wanted(f"incident:{incident.id}:channel", "incident-channel", incident.id, "", rank=rank))


def own_channel_follows(plan: DrPlan, incident: Incident) -> bool:
    """Whether it is grave enough for a channel of its own."""
    return not plan.communication.own_channel_from.worse_than(incident.severity)


def place_of(read: Read, plan: DrPlan, face: str) -> str:
    """The channel of the cards: for Slack as a link, once a card has been posted there; else its name."""
    name = plan.communication.channel
    if face != "slack":
        return name
    found = read(
        "SELECT c.channel FROM outbox c JOIN incidents i ON c.key = 'incident:' || i.id || ':card'"
        " WHERE c.ts <> '' ORDER BY i.id DESC LIMIT 1",
        (),
    )
    return f"<#{found[0][0]}>" if found else name


def about(incident: Incident) -> str:
    """`SEV-1 INC-7 “checkout is down”`: which trouble it is, for words that stand alone."""
    title = " ".join(incident.title.split())
    title = title if len(title) <= TITLE_SHOWN else f"{title[: TITLE_SHOWN - 1].rstrip()}…"
    return f"{incident.severity.value} {incident.ref} “{title}”"


def tell_thread(tx: Tx, plan: DrPlan, incident: Incident, seq: int, said: str) -> None:
    """One line under the card and its copy, told once: `seq` is the journal entry that it repeats."""
    _tell(tx, plan, incident, seq, "incident-note", said)
    _tell_own_channel(tx, incident, seq, "incident-note", said)


def tell_aloud(tx: Tx, plan: DrPlan, incident: Incident, seq: int, said: str) -> None:
    """The same, and the line is read in the channel as well, so it says which trouble it is about."""
    said = f"{about(incident)}: {said}"
    _tell(tx, plan, incident, seq, "incident-news", said)
    _tell_own_channel(tx, incident, seq, "incident-news", said)


def call_people(tx: Tx, plan: DrPlan, incident: Incident, seq: int, called: Sequence[str], said: str) -> None:
    """The same aloud, and Slack tells these people (plan ids) that it is about them, once."""
    handles = [entry.slack for one in called if (entry := plan.people.get(one)) and entry.slack]
    said = f"{about(incident)}: {said}"
    _tell(tx, plan, incident, seq, "incident-call", f"{' '.join(handles)}\n{said}")
    _tell_own_channel(tx, incident, seq, "incident-news", said)


def tell_where_things_stand(tx: Tx, plan: DrPlan, incident: Incident, seq: int, document: str) -> None:
    """A handover (Markdown) under the card, and in the incident's own channel for all who are there."""
    _tell(tx, plan, incident, seq, "handover", document)
    if own := incident.own_channel:
        key = f"{note_key(incident.id, seq)}{OWN}"
        want(tx, Wanted(key, "handover", incident.id, own, rank=incident.severity.rank, payload=document))


def _tell(tx: Tx, plan: DrPlan, incident: Incident, seq: int, kind: Kind, payload: str) -> None:
    key, parent, rank = note_key(incident.id, seq), card_key(incident.id), incident.severity.rank
    home = plan.communication.channel
    want(tx, Wanted(key, kind, incident.id, home, parent=parent, rank=rank, payload=payload))


def _tell_own_channel(tx: Tx, incident: Incident, seq: int, kind: Kind, said: str) -> None:
    if own := incident.own_channel:
        key, parent = f"{note_key(incident.id, seq)}{OWN}", copy_key(incident.id)
        rank = incident.severity.rank
        want(tx, Wanted(key, kind, incident.id, own, parent=parent, rank=rank, payload=said))
