"""A store of either engine with a clock that is set, the shipped plan, its people, and every verb."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.switchboard import Switchboard
from bot.consequences import follow
from bot.domain.answer import Answer
from bot.domain.entry import Entry
from bot.domain.incident import Incident, IncidentState
from bot.domain.outbound import Job, JobState, Sent
from bot.domain.person import Person
from bot.domain.publication import Publication
from bot.domain.severity import Severity
from bot.incidents import Incidents
from bot.outbound.record import Record
from bot.outside import Outside, Reminders
from bot.outside import record as rows
from bot.plan.load import load_plan
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store import incidents as incident_rows
from bot.store.database import Store, Tx
from bot.store.journal import of_incident
from bot.store.outbound import jobs_of
from bot.timeline import timeline
from tests.store.conftest import Clock, Opened, opened, postgres_url, store  # noqa: F401 - fixtures

SHIPPED = Path(__file__).parents[2] / "data" / "belezza.yaml"
STRANGER = Person("U0STRANGER", "Somebody", known=False)
SHELL = Where("shell")
PAGE_ID = "8kbf7d35c070"


def plan_of(**outside: Any) -> DrPlan:
    """The shipped plan with a status page that knows the database, or what the test says."""
    plan = load_plan(SHIPPED)
    rules = plan.communication.outside.model_copy(update={"components": {"database": PAGE_ID}} | outside)
    communication = plan.communication.model_copy(update={"outside": rules})
    return plan.model_copy(update={"communication": communication})


class Room:
    """The room with a console before it; times are the store's own clock."""

    def __init__(
        self,
        store: Store,  # noqa: F811
        clock: Clock,
        plan: DrPlan | None = None,
        unset: frozenset[str] = frozenset(),
    ) -> None:
        self.store = store
        self.clock = clock
        self.plan = plan or plan_of()
        self.outside = Outside(store, self.plan, unset)
        self.incidents = Incidents(store, self.plan, lambda _tx, _one: None)
        self.reminders = Reminders(store, self.plan, clock)
        runs = cast(Runs, SimpleNamespace())
        self.desk = Desk(self.plan, SHIPPED, store, self.incidents, runs, {}, cast(Any, None), unset=unset)
        self.console = Switchboard(self.desk)

    def person(self, who: str) -> Person:
        return self.plan.person(who) or STRANGER

    def say(self, line: str, who: str = "ana", where: Where = SHELL) -> Answer:
        return self.console.execute(line, self.person(who), where)

    def open(self, severity: Severity = Severity.SEV1, **changed: Any) -> Incident:
        """An incident of production's database, as alerts open it."""
        told: dict[str, Any] = {
            "title": "belezza-db-prod:5432 refuses connections",
            "component": "database",
            "environment": "production",
            "alert_names": ("PostgresDown", "HikariPoolExhausted"),
            "state": IncidentState.OPEN,
        }

        def work(tx: Tx) -> Incident:
            number = incident_rows.next_id(tx)
            made = Incident(
                id=number,
                severity=severity,
                correlation=f"test/{number}",
                opened_at=tx.now,
                **(told | changed),
            )
            incident_rows.save(tx, made, tx.now)
            follow(tx, self.plan, made)
            return made

        return self.store.write(work)

    def publish(self, one: Publication | int, who: str = "carla") -> Publication:
        number = one if isinstance(one, int) else one.id
        return self.outside.approve(self.person(who), number, self.outside.get(number).digest)

    def became(self, one: Publication, state: JobState, said: str = "") -> None:
        """What the outbound does once the other end has answered."""
        job = next(job for job in self.jobs(one.incident) if job.key == one.job)
        outbound = Record(self.store, self.plan)
        begun = outbound.begin(job)
        assert begun is not None
        if state is JobState.DONE:
            outbound.done(begun, Sent("p31zjtct2jer", said))
        else:
            outbound.ended(begun, state, said)

    def jobs(self, incident: int = 1) -> Sequence[Job]:
        return jobs_of(self.store.read, incident)

    def all(self, incident: int = 1) -> Sequence[Publication]:
        return rows.of_incident(self.store.read, incident)

    def journal(self, *kinds: str) -> list[Entry]:
        return [one for one in of_incident(self.store, 1) if not kinds or one.kind in kinds]

    def told(self) -> list[str]:
        """The timeline's sentences."""
        return [line.what for line in timeline(of_incident(self.store, 1), ())]

    def notes(self) -> list[str]:
        """What was said in the incident's thread about the outside, but for what waits for an approval."""
        found = self.store.read(
            "SELECT payload FROM outbox WHERE key LIKE 'incident:%:outside:%' AND key NOT LIKE '%:waits:%'"
            " ORDER BY created_at, key"
        )
        return [str(payload) for (payload,) in found]


@pytest.fixture
def room(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Room:  # noqa: F811
    monkeypatch.setattr("bot.commands.outside.utc_now", opened.clock)
    return Room(opened.store, opened.clock)
