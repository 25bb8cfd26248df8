"""Reminders: the owner hears of an item the working day before it is due, on the day, then each week.

Each is known by its day, kept on the row in the transaction that asks for the message: a bot that was killed,
or whose clock jumped, sends the one that is due now and none twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.action_items import record
from bot.action_items.telling import entry_of, short
from bot.announce import card_key
from bot.domain.action_item import ActionItem, due_words, reminder_due
from bot.domain.incident import Incident
from bot.domain.person import DRBOT
from bot.plan.models import DrPlan
from bot.store import incidents as incident_rows
from bot.store.database import Clock, Store, Tx, utc_now
from bot.store.journal import append
from bot.store.outbox import Wanted, want

PAGE = 200
AHEAD = timedelta(days=3)
"""What is due on a Monday is told on the Friday before."""
RANK = 4


class Reminders:
    """Asked every half minute by the clockwork. Each turn reads a few rows where nothing is due."""

    def __init__(self, store: Store, plan: DrPlan, clock: Clock = utc_now) -> None:
        self._store = store
        self._plan = plan
        self._clock = clock

    def turn(self) -> int:
        """Send what is due; how many were. Safe to repeat. Raises StoreDown: then it is due still."""
        now = self._plan.local(self._clock())
        sent = [self._store.write(partial(self._remind, item.id, now)) for item in list(self._due(now))]
        return sum(sent)

    def _due(self, now: datetime) -> Iterator[ActionItem]:
        until = (now.date() + AHEAD).isoformat()
        last = 0
        while page := record.owed(self._store.read, until, last, PAGE):
            yield from (item for item in page if reminder_due(item, now))
            last = page[-1].id

    def _remind(self, number: int, now: datetime, tx: Tx) -> int:
        """The row, the journal and the message, or none of them; 1 where it was sent, 0 where before."""
        item = record.find(tx.all, number)
        day = reminder_due(item, now) if item else None
        if item is None or day is None:
            return 0
        reminded = replace(item, reminded_at=day.isoformat())
        record.save(tx, reminded)
        said = f"{short(item)} is {due_words(item, now.date())}"
        name = self._plan.called(item.owner)
        append(tx, entry_of("action-item-reminded", DRBOT, reminded, f"{name} was reminded: {said}"))
        found = incident_rows.find(tx, item.incident)
        if found:
            want(tx, self._wanted(reminded, found.incident, said))
        return 1

    def _wanted(self, item: ActionItem, incident: Incident, said: str) -> Wanted:
        """A call to the owner, in the incident's own channel where it has one, else under its card."""
        owner = self._plan.people.get(item.owner)
        name = owner.name if owner else f"{item.owner}, whom the plan no longer names"
        own = incident.own_channel
        helps = f"`item done {item.ref}` when it is, `item due {item.ref} DAY` to move it."
        told = f"{name}: {said}, from {incident.ref} {incident.title[:100]}. {helps}"
        return Wanted(
            f"action-item:{item.id}:{item.reminded_at}",
            "incident-call",
            incident.id,
            own or self._plan.communication.channel,
            parent="" if own else card_key(incident.id),
            rank=RANK,
            payload=f"{owner.slack if owner else ''}\n{told}",
        )
