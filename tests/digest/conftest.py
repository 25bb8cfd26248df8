"""A store of either engine, into which a test writes what happened, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.digest import Digest, digest_of
from bot.digest.period import Period, named
from bot.domain.entry import NewEntry
from bot.domain.incident import Incident, IncidentState
from bot.domain.run import PlanText, Run, RunState
from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from bot.store import incidents as incident_rows
from bot.store import runs as run_rows
from bot.store.database import Store, iso
from bot.store.journal import append
from tests.store.conftest import Clock, Opened, opened, postgres_url, store  # noqa: F401 - fixtures

SECTIONS: Mapping[str, Any] = {
    "people": {
        "ana": {"name": "Ana Souza", "slack": "@ana", "roles": ["on-call"]},
        "bruno": {"name": "Bruno Lima", "slack": "@bruno", "roles": ["approver"]},
    },
    "objectives": {"mttr": {"title": "MTTR", "target": "2h", "priority": "Standard"}},
    "severities": {
        "SEV-1": {"description": "down", "response": "15m"},
        "SEV-2": {"description": "half", "response": "1h"},
        "SEV-3": {"description": "slow", "response": "4h"},
        "SEV-4": {"description": "small", "response": "24h"},
    },
}
WEEK = "2026-W47"  # Monday 16 to Sunday 22 November


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class World:
    """What happened. Each thing is journalled at its own time, so tests write it in order."""

    store: Store
    clock: Clock
    plan: DrPlan

    def incident(
        self,
        opened_at: str,
        severity: Severity = Severity.SEV3,
        *,
        answered_after: float | None = None,
        over_after: float | None = None,
        title: str = "The pool is exhausted",
        alerts: tuple[str, ...] = (),
        by: str = "monitor",
    ) -> Incident:
        """An incident; minutes until somebody answered and until it was over."""
        begun = moment(opened_at)

        def at(minutes: float | None) -> str:
            return iso(begun + timedelta(minutes=minutes)) if minutes is not None else ""

        def work(tx: Any) -> Incident:
            made = Incident(
                id=incident_rows.next_id(tx),
                title=title,
                severity=severity,
                state=IncidentState.RESOLVED if over_after is not None else IncidentState.OPEN,
                component="database",
                environment="production",
                correlation="database/production",
                opened_at=iso(begun),
                acknowledged_at=at(answered_after),
                acknowledged_by="ana" if answered_after is not None else "",
                resolved_at=at(over_after),
                resolved_by=by if over_after is not None else "",
                alert_names=alerts,
                alerts_total=len(alerts),
            )
            incident_rows.save(tx, made, tx.now)
            return made

        made = self.store.write(work)
        if answered_after is not None:
            self.at(begun + timedelta(minutes=answered_after), "incident-acknowledged", "ana", {}, made.id)
        return made

    def at(
        self, when: datetime, kind: str, actor: str, data: Mapping[str, Any], incident: int | None = None
    ) -> None:
        """A journal entry of this moment."""
        self.clock.now = when
        self.store.write(lambda tx: append(tx, NewEntry(kind, actor, data, incident)))

    def fired(
        self, incident: Incident, name: str, after: float, lasts: float | None, print_: str = "f",
        severity: str = "SEV-3",
    ) -> None:  # fmt: skip
        """An alert of the incident, minutes after it opened, and how many it lasted."""
        at = moment(incident.opened_at[:19]) + timedelta(minutes=after)
        data = {"name": name, "fingerprint": print_, "severity": severity}
        self.at(at, "alert-fired", "monitor:alertmanager", data, incident.id)
        if lasts is not None:
            end = at + timedelta(minutes=lasts)
            self.at(end, "alert-resolved", "monitor:alertmanager", {**data}, incident.id)

    def run(self, requested_at: str, incident: int | None = None, **changed: Any) -> Run:
        """A run that held, ended a minute after it was asked for."""
        ended = iso(moment(requested_at) + timedelta(minutes=1))
        made = Run(
            id=0, action="restart-service", title="Restart api", risk="low", target="production/api",
            environment="production", params={}, facts={}, plan=PlanText((), (), (), ()), digest="d" * 64,
            state=RunState.VERIFIED, requested_by="ana", requested_at=iso(moment(requested_at)),
            expires_at=ended, incident=incident, ended_at=ended,
        )  # fmt: skip
        return self.store.write(lambda tx: run_rows.insert(tx, replace(made, **changed)))

    def period(self, name: str = WEEK) -> Period:
        return named(name, UTC)

    def digest(self, name: str = WEEK, now: str = "2026-11-23T08:00:00") -> Digest:
        return digest_of(self.store, self.plan, self.period(name), moment(now))


@pytest.fixture
def world(opened: Opened) -> World:  # noqa: F811 - the fixture
    return World(opened.store, opened.clock, DrPlan.model_validate(SECTIONS))
