"""An incident with its clock's page, a real store, and PagerDuty's events as they come in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.correlation.correlator import Correlator
from bot.domain.incident import Incident
from bot.domain.outbound import Job, JobState, Sent, Way
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.house import VOCABULARY
from bot.incidents import Incidents
from bot.intake import Intake
from bot.paging.answers import Answers
from bot.paging.hearing import Hearing
from bot.paging.names import own_pages
from bot.paging.pages import ask_page
from bot.paging.who import Who
from bot.plan.models import DrPlan
from bot.sources import pagerduty
from bot.store import incidents as incident_rows
from bot.store.database import Store, Tx
from bot.store.identity import identity
from bot.store.journal import of_incident
from bot.store.outbound import heads, jobs_of, mark_done, mark_sending
from bot.triage import Triage, load_vocabulary
from bot.ways.pagerduty import PagerDuty
from bot.ways.pagerduty_calls import Rest
from tests.real.pagerduty import API_KEY, ROUTING_KEY, PagerDutyThere
from tests.real.pagerduty_account import Event
from tests.real.pagerduty_account import Incident as There
from tests.store.conftest import Clock

ANA, BRUNO = "ana@example.org", "bruno@example.org"
SECTIONS: Mapping[str, Any] = {
    "people": {
        "ana": {"name": "Ana Souza", "roles": ["on-call"], "email": ANA},
        "bruno": {"name": "Bruno Lima", "roles": ["on-call"], "email": BRUNO},
    },
}


def plan_with(**pager: object) -> DrPlan:
    return DrPlan.model_validate({**SECTIONS, "communication": {"pager": pager}})


def no_report(tx: Tx, incident: Incident) -> None:
    del tx, incident


@dataclass
class Desk:
    """What a test does here (`ana` presses), what happens there, and what goes between them."""

    store: Store
    clock: Clock
    there: PagerDutyThere
    plan: DrPlan

    def __post_init__(self) -> None:
        self.own = own_pages(identity(self.store))
        self.incidents = Incidents(self.store, self.plan, no_report)
        self.intake = Intake(self.store)
        triage = Triage(self.plan, load_vocabulary(VOCABULARY))
        self.correlator = Correlator(self.store, self.plan, triage, no_report)
        who = Who(self.plan, Rest(API_KEY, self.there.url))
        self.answers = Answers(self.store, Hearing(self.plan, self.incidents), who)
        self.sender = PagerDuty(ROUTING_KEY, API_KEY, self.there.url, self.there.url)
        self.told = 0

    def person(self, name: str = "ana") -> Person:
        found = self.plan.person(name)
        assert found is not None
        return found

    def tick(self) -> None:
        self.clock.forward(seconds=1)

    def declare(self, severity: Severity = Severity.SEV1) -> int:
        self.tick()
        return self.incidents.declare(self.person(), "checkout is down", severity).id

    def page(self, incident: int, number: int = 1, said: str = "Nobody has it.") -> bool:
        """The clock's line for whoever is on call is due."""
        self.tick()

        def work(tx: Tx) -> bool:
            found = incident_rows.find(tx, incident)
            assert found is not None
            return ask_page(tx, self.plan, found.incident, number, said, "Ana Souza")

        return self.store.write(work)

    def acknowledge(self, incident: int) -> None:
        self.tick()
        self.incidents.acknowledge(self.person(), incident)

    def resolve(self, incident: int) -> None:
        self.tick()
        self.incidents.resolve(self.person(), incident)

    def get(self, incident: int) -> Incident:
        return self.incidents.get(incident)

    def jobs(self, incident: int) -> list[Job]:
        return list(jobs_of(self.store.read, incident))

    def actions(self, incident: int) -> list[str]:
        return [job.action for job in self.jobs(incident)]

    def send(self) -> int:
        """What the outbound does: everything that waits for PagerDuty, in order; how many went out."""
        sent = 0
        while waiting := heads(self.store.read, Way.PAGERDUTY):
            for job in waiting:
                begun = self.store.write(lambda tx, job=job: mark_sending(tx, job))  # type: ignore[misc]
                assert begun is not None
                answer: Sent = self.sender.send(begun, "")
                self.store.write(lambda tx, job=begun, said=answer: mark_done(tx, job, said))  # type: ignore[misc]
                sent += 1
        return sent

    def deliver(self, *events: Event) -> None:
        """These webhooks come in, and are folded."""
        for event in events:
            self.intake.accept(pagerduty.parse(json.dumps(event).encode(), self.own)).result(10)
        self.tick()
        while self.correlator.fold_once():
            pass
        while self.answers.fold_once():
            pass

    def hear(self) -> None:
        """Everything that PagerDuty told since the last time."""
        events, self.told = self.there.account.events[self.told :], len(self.there.account.events)
        self.deliver(*events)

    def settle(self) -> int:
        """Both ways until nothing is left to say; how many requests that took. Bounded."""
        before = len(self.there.writes)
        for _ in range(10):
            if not self.send() and self.told == len(self.there.account.events):
                return len(self.there.writes) - before
            self.hear()
        raise AssertionError("they tell each other the same for ever")

    def only(self) -> There:
        return self.there.account.only()

    def kinds(self, incident: int) -> list[str]:
        return [entry.kind for entry in of_incident(self.store, incident)]

    def said(self, incident: int, kind: str) -> list[str]:
        return [str(e.data.get("said", "")) for e in of_incident(self.store, incident) if e.kind == kind]

    def waiting(self, incident: int) -> list[Job]:
        return [job for job in self.jobs(incident) if job.state is JobState.WAITING]
