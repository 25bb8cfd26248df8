"""A store of either engine with a clock that is set, the demo's people, and every verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot.action_items import ActionItems
from bot.action_items.reminding import Reminders
from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.switchboard import Switchboard
from bot.domain.action_item import ActionItem
from bot.domain.answer import Answer
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.incidents import Incidents
from bot.messages import Ears
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store.database import Store
from bot.store.journal import of_incident
from bot.timeline import timeline
from tests.store.conftest import Clock, Opened, opened, postgres_url, store  # noqa: F401 - fixtures

PEOPLE = {
    "ana": {"name": "Ana Souza", "slack": "@ana", "roles": ["on-call"]},
    "bruno": {"name": "Bruno Lima", "slack": "@bruno", "roles": ["on-call", "approver"]},
}
STRANGER = Person("U0STRANGER", "Somebody", known=False)
SHELL = Where("shell")


@dataclass
class Room:
    """The room with a console before it; times are the store's own clock."""

    store: Store
    clock: Clock
    plan: DrPlan = field(default_factory=lambda: plan_of())

    def __post_init__(self) -> None:
        self.items = ActionItems(self.store, self.plan, self.clock)
        self.incidents = Incidents(self.store, self.plan, lambda _tx, _one: None)
        self.reminders = Reminders(self.store, self.plan, self.clock)
        runs = cast(Runs, SimpleNamespace())
        desk = _ClockedDesk(self.plan, Path("plan.yaml"), self.store, self.incidents, runs, {}, None)  # type: ignore[arg-type]
        desk.__dict__["clock"] = self.clock
        self.console = Switchboard(desk)

    def say(self, line: str, who: str = "ana", where: Where = SHELL) -> Answer:
        return self.console.execute(line, self.plan.person(who) or STRANGER, where)

    def person(self, who: str = "ana") -> Person:
        found = self.plan.person(who)
        assert found is not None
        return found

    def declare(self, title: str = "The pool is exhausted") -> Incident:
        return self.incidents.declare(self.person(), title, Severity.SEV3)

    def talk(
        self, incident: Incident, *said: tuple[str, str], channel: str = "C0HOME", thread: str = ""
    ) -> None:
        """Words in the incident's channel, a second after each other, at the clock's time."""
        self.store.write(
            lambda tx: tx.run("UPDATE incidents SET channel = ? WHERE id = ?", (channel, incident.id))
        )
        ears = Ears(self.store)
        for who, text in said:
            self.clock.forward(seconds=1)
            ts = f"{self.clock.now.timestamp():.6f}"
            ears.posted(channel, ts, thread, who, self.plan.called(who), text)

    def item(self, number: int = 1) -> ActionItem:
        return self.items.get(number)

    def told(self, incident: int = 1) -> list[str]:
        """The lines in the incident's thread, in order, and calls without whom they call."""
        rows = self.store.read(
            "SELECT payload FROM outbox WHERE subject = ? AND key NOT LIKE '%:own'"
            " AND kind IN ('incident-note', 'incident-call') ORDER BY created_at, LENGTH(key), key",
            (incident,),
        )
        return [row[0] for row in rows]

    def reminders_sent(self) -> list[tuple[str, str]]:
        """Outbox key and payload of each reminder."""
        rows = self.store.read("SELECT key, payload FROM outbox WHERE key LIKE 'action-item:%' ORDER BY key")
        return [(row[0], row[1]) for row in rows]

    def said(self, incident: int = 1) -> list[str]:
        """The timeline's words."""
        return [one.what for one in timeline(of_incident(self.store, incident), (), {})]

    def kinds(self, incident: int = 1) -> list[str]:
        return [one.kind for one in of_incident(self.store, incident)]


class _ClockedDesk(Desk):
    """The desk, whose items go by the test's clock."""

    @property
    def action_items(self) -> ActionItems:
        return ActionItems(self.store, self.plan, self.__dict__["clock"])


def plan_of(**sections: object) -> DrPlan:
    return DrPlan.model_validate({"people": PEOPLE, **sections})


@pytest.fixture
def room(opened: Opened) -> Room:  # noqa: F811 - the fixture
    return Room(opened.store, opened.clock)


Build = Callable[..., Room]
