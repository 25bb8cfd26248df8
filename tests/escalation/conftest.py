"""A house whose clocks are set by hand: the wall's, and the one that never jumps."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.alarms import Alarms
from bot.consequences import follow
from bot.correlation.correlator import Correlator
from bot.domain.entry import Entry
from bot.domain.incident import Incident, IncidentState
from bot.domain.person import Person
from bot.domain.response_clock import ResponseClock
from bot.domain.severity import Severity
from bot.escalation import clock as minding
from bot.escalation.lateness import Lateness
from bot.escalation.rows import Tell, clock_of, tells_of
from bot.escalation.steady import Beat
from bot.escalation.telling import Telling
from bot.escalation.ticker import Escalation
from bot.house import VOCABULARY
from bot.incidents import Incidents
from bot.intake import Intake
from bot.oncall import PlanOnCall, Roster
from bot.plan.models import DrPlan
from bot.store import incidents as rows
from bot.store.database import Store, Tx
from bot.store.journal import of_incident
from bot.store.opening import open_store
from bot.triage import Triage, load_vocabulary
from tests.store.conftest import postgres_url  # noqa: F401 - a fixture

_numbers = itertools.count(1)
NIGHT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PEOPLE: Mapping[str, object] = {
    "ana": {"name": "Ana Lima", "slack": "U0ANA", "email": "ana@example.org", "roles": ["on-call"]},
    "rui": {"name": "Rui Costa", "slack": "@rui", "email": "rui@example.org", "roles": ["on-call"]},
    "eva": {"name": "Eva Reis", "slack": "U0EVA", "email": "eva@example.org", "roles": ["lead"]},
    "leo": {"name": "Leo Dias", "slack": "U0LEO", "email": "leo@example.org", "roles": ["cto"]},
}
SEVERITIES: Mapping[str, object] = {
    "SEV-1": {"description": "Complete outage", "response": "15m"},
    "SEV-2": {"description": "Partial outage", "response": "30m"},
    "SEV-3": {"description": "Minor issue", "response": "4h"},
    "SEV-4": {"description": "Low impact", "response": "24h"},
}
TABLE: list[dict[str, object]] = [
    {"tell": "Slack #belezza-alerts", "via": "automated"},
    {"tell": "On-call engineer", "via": "PagerDuty", "roles": ["on-call"]},
    {"tell": "Engineering lead", "at_least": "SEV-2", "roles": ["lead"]},
    {"tell": "CTO", "at_least": "SEV-1", "roles": ["cto"]},
]


def plan_of(**sections: object) -> DrPlan:
    """The written plan's table and times; each section can be given anew."""
    return DrPlan.model_validate(
        {
            "people": PEOPLE,
            "severities": SEVERITIES,
            "communication": {"internal": TABLE},
            "environments": {"production": {"customers": True}},
            **sections,
        }
    )


@dataclass
class Clocks:
    """Time goes on for both; `jump` sets the wall's alone; `reboot` begins another steady one."""

    now: datetime = NIGHT
    beat: Beat = field(default_factory=lambda: Beat("first-boot", 1_000_000))

    def wall(self) -> datetime:
        return self.now

    def steady(self) -> Beat:
        return self.beat

    def forward(self, **kind: float) -> None:
        passed = timedelta(**kind)
        self.now += passed
        self.beat = Beat(self.beat.boot, self.beat.ms + round(passed.total_seconds() * 1000))

    def jump(self, **kind: float) -> None:
        self.now += timedelta(**kind)

    def reboot(self) -> None:
        self.beat = Beat(f"{self.beat.boot}-next", 5_000)


class World:
    """The store, incidents, alarms with real triage, and the escalation, turned by hand."""

    def __init__(self, url: str, plan: DrPlan, clocks: Clocks, pager: bool = False) -> None:
        self.url = url
        self.plan = plan
        self.clocks = clocks
        self.pager = pager
        self.ours = True
        self.store: Store = open_store(url, clocks.wall)
        self.intake = Intake(self.store)
        self.roster: Roster = PlanOnCall(plan).last()
        self.reports: list[int] = []
        self.incidents = Incidents(self.store, plan, lambda _tx, one: self.reports.append(one.id))
        triage = Triage(plan, load_vocabulary(VOCABULARY))
        self.correlator = Correlator(self.store, plan, triage, lambda _tx, _one: None)
        self.begin_anew()

    def begin_anew(self, telling: Telling | None = None) -> None:
        """What a bot that was started again knows: only what is stored."""
        alarms = Alarms(self.store, self.intake.accept, self.clocks.wall)
        telling = telling or Telling(self.store, self.plan, self.pager)
        self.escalation = Escalation(
            self.store, self.plan, telling, Lateness(self.store, alarms),
            lambda: self.roster, lambda: self.ours, self.clocks.wall, self.clocks.steady,
        )  # fmt: skip

    def turn(self) -> str:
        return self.escalation.turn()

    def live(self, minutes: float, step_s: float = 30.0) -> None:
        """Let time pass as it does: a look every so often."""
        self.turn()
        for _ in range(round(minutes * 60 / step_s)):
            self.clocks.forward(seconds=step_s)
            self.turn()

    def fold(self) -> None:
        while self.correlator.fold_once():
            pass

    def person(self, name: str) -> Person:
        found = self.plan.person(name)
        assert found is not None
        return found

    def declare(self, severity: Severity = Severity.SEV1, title: str = "database down") -> Incident:
        return self.incidents.declare(self.person("ana"), title, severity)

    def reopen(self) -> None:
        """The first incident, as an alert that comes back does it."""

        def work(tx: Tx) -> None:
            found = rows.find(tx, 1)
            assert found is not None
            again = replace(
                found.incident,
                state=IncidentState.OPEN,
                acknowledged_at="",
                acknowledged_by="",
                resolved_at="",
                resolved_by="",
            )
            rows.save(tx, again, tx.now)
            follow(tx, self.plan, again)

        self.store.write(work)

    def incident(self, number: int = 1) -> Incident:
        found = rows.get(self.store, number)
        assert found is not None
        return found

    def clock(self, number: int = 1) -> ResponseClock:
        found = clock_of(self.store.read, number)
        assert found is not None
        return found

    def tells(self, number: int = 1) -> tuple[Tell, ...]:
        return tells_of(self.store.read, number, self.clock(number).round)

    def journal(self, *kinds: str, number: int = 1) -> list[Entry]:
        return [one for one in of_incident(self.store, number) if not kinds or one.kind in kinds]

    def told(self, number: int = 1) -> list[str]:
        """`Engineering lead 03:15`, as the journal has it, the card's post left out."""
        return [
            f"{one.data['tell']} {one.at[11:16]}"
            for one in self.journal("escalated", "seat-vacant", number=number)
            if one.data["ways"] != ["channel"]
        ]

    def jobs(self, way: str = "mail") -> list[str]:
        found = self.store.read("SELECT key FROM outbound WHERE way = ? ORDER BY position", (way,))
        return [str(row[0]) for row in found]

    def thread(self) -> list[str]:
        found = self.store.read(
            "SELECT payload FROM outbox WHERE kind IN ('incident-note', 'incident-news', 'incident-call')"
            " ORDER BY created_at, key"
        )
        return [str(row[0]) for row in found]

    def close(self) -> None:
        self.escalation.stop()
        self.store.close()


Build = Callable[..., World]


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(minding, "steady_now", made.steady)
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/drbot.db"
    server = str(request.getfixturevalue("postgres_url"))
    name = f"escalation_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}".encode())
    return server.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
def build(tmp_path: Path, clocks: Clocks) -> Iterator[Build]:
    made: list[World] = []

    def make(url: str = "", pager: bool = False, **sections: object) -> World:
        url = url or f"sqlite:///{tmp_path}/drbot.db"
        made.append(World(url, plan_of(**sections), clocks, pager))
        return made[-1]

    yield make
    for one in made:
        one.close()
