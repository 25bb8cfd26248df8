"""One change of a publication: its row, its journal entry and its cards, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from bot.announce import card_key, show_incident
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.domain.publication import Publication
from bot.outside import record
from bot.plan.models import DrPlan
from bot.store.database import Tx
from bot.store.journal import append
from bot.store.outbox import Wanted, want

QUOTE_LIMIT = 300
KEPT_TEXT = 2_900


def keep(
    tx: Tx, plan: DrPlan, incident: Incident, one: Publication, kind: str, actor: str, said: str
) -> None:
    """Save it, remember why, show it and its incident anew. `said` is the sentence of the timeline."""
    record.save(tx, one)
    append(tx, NewEntry(kind, actor, _data(one, said), incident.id))
    show(tx, plan, incident, one.id)
    show_incident(tx, plan, incident)


def show(tx: Tx, plan: DrPlan, incident: Incident, number: int) -> None:
    """The publication's own message, in the incident's thread. Safe to ask twice."""
    channel, parent = plan.communication.channel, card_key(incident.id)
    rank = incident.severity.rank
    want(tx, Wanted(f"publication:{number}:card", "publication-card", number, channel, parent, rank))


def call_once(tx: Tx, plan: DrPlan, incident: Incident, name: str, said: str, who: str = "") -> None:
    """A line in the incident's thread that calls whoever may let a text out; told once, however often asked.

    `name` is what it is about, among the incident's own; `who` (plan id) is called alone where it is given.
    """
    key = f"incident:{incident.id}:outside:{name}"
    if tx.one("SELECT 1 FROM outbox WHERE key = ?", (key,)) is not None:
        return
    able = plan.people_with(plan.communication.outside.approve)
    called_for = [person for person in able if not who or person.id == who] or able
    handles = " ".join(person.slack_id for person in called_for if person.slack_id)
    channel, parent = plan.communication.channel, card_key(incident.id)
    called = f"{handles}\n{said}"
    want(tx, Wanted(key, "incident-call", incident.id, channel, parent, incident.severity.rank, called))


def quote(text: str) -> str:
    """The text on one line, between quotation marks, bounded."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= QUOTE_LIMIT else line[: QUOTE_LIMIT - 1].rstrip() + '…'}”"


def _data(one: Publication, said: str) -> Mapping[str, Json]:
    return {
        "publication": one.ref,
        "kind": one.kind.value,
        "stage": one.stage.value,
        "subject": one.subject,
        "text": one.text[:KEPT_TEXT],
        "digest": one.digest,
        "said": said,
    }
