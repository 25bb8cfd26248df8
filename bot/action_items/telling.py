"""A change of an item told: the journal's entry, a line in the incident's thread, its card anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.announce import show_incident, tell_thread
from bot.domain.action_item import ActionItem, due_words
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.plan.models import DrPlan
from bot.store.database import Tx
from bot.store.journal import append

WORDS = 160
NO_MORE: Mapping[str, Json] = {}


def entry_of(
    kind: str, actor: str, item: ActionItem, said: str, more: Mapping[str, Json] = NO_MORE
) -> NewEntry:
    """What the journal keeps of an item: as it stands, and the sentence."""
    data: dict[str, Json] = {
        "item": item.id,
        "text": item.text,
        "owner": item.owner,
        "due": item.due,
        "state": item.state.value,
        "evidence": list(item.evidence),
        "said": said,
        **more,
    }
    return NewEntry(kind, actor, data, item.incident)


def tell(tx: Tx, plan: DrPlan, incident: Incident, entry: NewEntry) -> None:
    """Journalled, told in the thread by the entry's own sentence, shown."""
    (stored,) = append(tx, entry)
    tell_thread(tx, plan, incident, stored.seq, str(entry.data["said"]))
    show_incident(tx, plan, incident)


def tell_kept(
    tx: Tx, plan: DrPlan, incident: Incident, who: tuple[str, str], kept: Sequence[ActionItem], today: date
) -> None:
    """An entry each, and one line for all of them. `who` is the person's plan id and name."""
    person, name = who
    words = [in_words(plan, item, today) for item in kept]
    entries = [
        entry_of("action-item-added", person, item, f"{name} kept {said}")
        for item, said in zip(kept, words, strict=True)
    ]
    seq = append(tx, *entries)[-1].seq
    count = f"{len(kept)} action item{'s' if len(kept) > 1 else ''}"
    tell_thread(tx, plan, incident, seq, f"{name} kept {count}: {'; '.join(words)}")
    show_incident(tx, plan, incident)


def in_words(plan: DrPlan, item: ActionItem, today: date) -> str:
    """`AI-3 “Raise the pool” (Ana Souza, due Friday 2026-12-04)`."""
    owner = plan.called(item.owner) or "no owner"
    return f"{short(item)} ({owner}, {due_words(item, today)})"


def short(item: ActionItem) -> str:
    """`AI-3 “Raise the pool”`, cut."""
    text = item.text if len(item.text) <= WORDS else f"{item.text[: WORDS - 1]}…"
    return f"{item.ref} “{text}”"
