"""Action items by people's hands: keep what the report proposes, add, give, move, finish, drop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from bot.action_items import record
from bot.action_items.owners import owner_or_nobody
from bot.action_items.plan_days import due_of, reminded_of, today_of
from bot.action_items.taking import TEXT_LIMIT, Proposed, proposals
from bot.action_items.telling import NO_MORE, entry_of, in_words, short, tell, tell_kept
from bot.domain.action_item import ActionItem, ItemState, due_words, same_words
from bot.domain.answer import Already, Refusal, UsageError
from bot.domain.entry import Json
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.plan.models import DrPlan
from bot.redact import redact_secrets
from bot.store import incidents as incident_rows
from bot.store.database import Clock, Store, Tx, utc_now

REASON_LIMIT = 500
Change: TypeAlias = "Callable[[Tx, ActionItem], tuple[ActionItem, str]]"
"""What becomes of an item and what is said of it; raises Refusal where nothing would change."""


class ActionItems:
    """Every change is one transaction: row, journal entry, a line in the incident's thread, or none."""

    def __init__(self, store: Store, plan: DrPlan, clock: Clock = utc_now) -> None:
        self._store = store
        self._plan = plan
        self._clock = clock

    def get(self, item: int) -> ActionItem:
        """The item. Raises UsageError where there is none of that number."""
        return _found(record.find(self._store.read, item), item)

    def of_incident(self, incident: int) -> Sequence[ActionItem]:
        """The incident's items, oldest first."""
        return record.of_incident(self._store.read, incident)

    def open(self) -> Sequence[ActionItem]:
        """Every open item, what is due first comes first."""
        return record.open_items(self._store.read)

    def every(self) -> Sequence[ActionItem]:
        """The newest items, whatever their state."""
        return record.newest(self._store.read)

    def today(self) -> date:
        """The day on the plan's own clock."""
        return self._plan.local(self._clock()).date()

    def person(self, text: str, asking: Person) -> str:
        """The plan id that a word means: an id, a handle, a name, `me`. Raises UsageError for nobody."""
        return owner_or_nobody(self._plan, text, asking)

    def name(self, person_id: str) -> str:
        """How people write an owner."""
        return self._plan.called(person_id)

    def proposed(self, incident: int) -> tuple[Proposed, ...]:
        """What the report of the incident proposes and nobody kept yet. Reads the whole conversation."""
        kept = {same_words(item.text) for item in self.of_incident(incident)}
        return tuple(
            one for one in proposals(self._store, self._plan, incident) if same_words(one.text) not in kept
        )

    def add(
        self, person: Person, incident: int, text: str, owner: str = "", due: str = "", request_key: str = ""
    ) -> ActionItem:
        """A person writes an item; its secrets are not kept. With a `request_key` it is made once."""
        self._known(person, "add an action item")
        text = redact_secrets(" ".join(text.split()))[:TEXT_LIMIT]
        if not text:
            raise UsageError(
                f"an action item needs words: `item add INC-{incident} TEXT owner=PERSON due=friday`"
            )
        owner = owner_or_nobody(self._plan, owner, person)

        def work(tx: Tx) -> ActionItem:
            known = record.of_request(tx.all, request_key)
            if known is not None:
                return known
            found = self._incident(tx, incident)
            self._new_words(tx, incident, text)
            item = ActionItem(0, incident, text, owner, due_of(self._plan, tx.now, due))
            kept = self._insert(tx, item, person, request_key)
            said = f"{person.name} added {in_words(self._plan, kept, self._today(tx))}"
            tell(tx, self._plan, found, entry_of("action-item-added", person.id, kept, said))
            return kept

        return self._store.write(work)

    def take(self, person: Person, incident: int) -> tuple[ActionItem, ...]:
        """Keep what the report proposes, each once however often it is pressed; what was new.

        Owner and day are those that were said. Raises Refusal where there is nothing new to keep.
        """
        self._known(person, "keep action items")
        wanted = self.proposed(incident)

        def work(tx: Tx) -> tuple[ActionItem, ...]:
            found = self._incident(tx, incident)
            known = {same_words(item.text) for item in record.of_incident(tx.all, incident)}
            kept: list[ActionItem] = []
            for one in wanted:
                if same_words(one.text) in known:
                    continue
                known.add(same_words(one.text))
                item = ActionItem(0, incident, one.text, one.owner, one.due, evidence=one.evidence)
                kept.append(self._insert(tx, item, person, _take_key(incident, one.text)))
            if not kept:
                raise Refusal(f"the report of {found.ref} proposes nothing that is not kept yet")
            tell_kept(tx, self._plan, found, (person.id, person.name), kept, self._today(tx))
            return tuple(kept)

        return self._store.write(work)

    def finish(self, person: Person, item: int) -> ActionItem:
        """It is done. A second press changes nothing (Already)."""

        def change(tx: Tx, found: ActionItem) -> tuple[ActionItem, str]:
            if found.state is ItemState.DONE:
                raise Already(f"{found.ref} is done already, since {found.ended_at[:10]}")
            self._still_open(found)
            return replace(found, state=ItemState.DONE, ended_at=tx.now), f"did {short(found)}"

        return self._change(person, item, change)

    def drop(self, person: Person, item: int, reason: str) -> ActionItem:
        """It will not be done, and why: the reason stands in the journal and in the thread."""
        because = redact_secrets(" ".join(reason.split()))[:REASON_LIMIT]
        if not because:
            raise UsageError(f"whoever reads it later wants to know why: `item drop AI-{item} REASON`")

        def change(tx: Tx, found: ActionItem) -> tuple[ActionItem, str]:
            self._still_open(found)
            dropped = replace(found, state=ItemState.DROPPED, ended_at=tx.now)
            return dropped, f"dropped {short(found)}: {because}"

        return self._change(person, item, change, {"reason": because})

    def reopen(self, person: Person, item: int, reason: str = "") -> ActionItem:
        """It is not done, or dropped, after all; owner and day stay. Already where it is open."""
        because = redact_secrets(" ".join(reason.split()))[:REASON_LIMIT]

        def change(tx: Tx, found: ActionItem) -> tuple[ActionItem, str]:
            if found.is_open:
                raise Already(f"{found.ref} is open already")
            reminded = reminded_of(self._plan, tx.now, found.due)
            again = replace(found, state=ItemState.OPEN, ended_at="", reminded_at=reminded)
            return again, f"reopened {short(found)}{f': {because}' if because else ''}"

        return self._change(person, item, change, {"reason": because} if because else NO_MORE)

    def give(self, person: Person, item: int, owner: str) -> ActionItem:
        """It is this person's now; `none` takes it from whoever has it."""
        to = owner_or_nobody(self._plan, owner, person)

        def change(tx: Tx, found: ActionItem) -> tuple[ActionItem, str]:
            del tx
            self._still_open(found)
            if found.owner == to:
                raise Already(f"{found.ref} is {self.name(to) or 'nobody'}’s already")
            return replace(found, owner=to), f"gave {short(found)} to {self.name(to) or 'nobody'}"

        return self._change(person, item, change)

    def move(self, person: Person, item: int, day: str) -> ActionItem:
        """It is due on another day; `none` takes the day away."""

        def change(tx: Tx, found: ActionItem) -> tuple[ActionItem, str]:
            self._still_open(found)
            due = due_of(self._plan, tx.now, day)
            if found.due == due:
                raise Already(f"{found.ref} {due_words(found, self._today(tx))} already")
            moved = replace(found, due=due, reminded_at=reminded_of(self._plan, tx.now, due))
            was = f" (was {found.due})" if found.due else ""
            return moved, f"set {short(found)}: {due_words(moved, self._today(tx))}{was}"

        return self._change(person, item, change)

    def _change(
        self, person: Person, item: int, change: Change, more: Mapping[str, Json] = NO_MORE
    ) -> ActionItem:
        self._known(person, "change an action item")

        def work(tx: Tx) -> ActionItem:
            changed, said = change(tx, _found(record.find(tx.all, item), item))
            record.save(tx, changed)
            incident = self._incident(tx, changed.incident)
            entry = entry_of("action-item-changed", person.id, changed, f"{person.name} {said}", more)
            tell(tx, self._plan, incident, entry)
            return changed

        return self._store.write(work)

    def _insert(self, tx: Tx, item: ActionItem, person: Person, request_key: str) -> ActionItem:
        made = replace(
            item,
            created_by=person.id,
            created_at=tx.now,
            reminded_at=reminded_of(self._plan, tx.now, item.due),
        )
        return record.insert(tx, made, request_key)

    def _today(self, tx: Tx) -> date:
        return today_of(self._plan, tx.now)

    def _incident(self, tx: Tx, incident: int) -> Incident:
        found = incident_rows.find(tx, incident)
        if found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        return found.incident

    def _new_words(self, tx: Tx, incident: int, text: str) -> None:
        same = same_words(text)
        twin = next(
            (one for one in record.of_incident(tx.all, incident) if same_words(one.text) == same), None
        )
        if twin is not None:
            raise Refusal(f"{twin.ref} says the same and is {twin.state.value}")

    def _still_open(self, item: ActionItem) -> None:
        if not item.is_open:
            raise Refusal(
                f"{item.ref} is {item.state.value} already, since {item.ended_at[:10]}:"
                f" `item reopen {item.ref}` opens it again"
            )

    def _known(self, person: Person, deed: str) -> None:
        if not person.known:
            raise Refusal(f"the plan does not name you, so you may not {deed}")


def _found(item: ActionItem | None, number: int) -> ActionItem:
    if item is None:
        raise UsageError(f"there is no AI-{number}: `items` lists the open ones")
    return item


def _take_key(incident: int, text: str) -> str:
    return f"take:{incident}:{hashlib.sha256(same_words(text).encode()).hexdigest()[:32]}"
