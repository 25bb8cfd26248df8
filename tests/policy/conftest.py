"""A house with toy actions, a plan that can be varied, and a clock that is set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.incident import Incident, IncidentState
from bot.domain.person import Person
from bot.domain.run import Run, RunState
from bot.domain.severity import Severity
from bot.engine.lease import Holder, Lease
from bot.engine.ledger import Ledger
from bot.engine.phase import Patience
from bot.oncall import OnCall
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store import incidents
from bot.store import runs as rows
from bot.store.database import Tx
from bot.store.journal import of_run
from bot.store.sqlite import SqliteStore
from tests.engine.toys import ACTIONS, Shelf

PEOPLE: Mapping[str, object] = {
    "ana": {"name": "Ana Lima", "roles": ["on-call"], "email": "ana@example.org"},
    "rui": {"name": "Rui Costa", "roles": ["on-call", "approver"], "email": "rui@example.org"},
    "eva": {"name": "Eva Reis", "roles": ["approver"], "email": "eva@example.org"},
    "leo": {"name": "Leo Dias", "roles": []},
}
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kind: float) -> None:
        self.now += timedelta(**kind)


class World:
    """What a test asks, and how it lets runs end without an engine."""

    def __init__(self, root: Path, sections: Mapping[str, object], on_call: OnCall | None = None) -> None:
        (root / "shelf").mkdir(exist_ok=True)
        self.root = root
        self.plan = plan_of(sections)
        self.clock = Clock()
        self.shelf = Shelf(root / "shelf")
        self.store = SqliteStore(root / "drbot.db", self.clock)
        self.actions = dict(ACTIONS)
        self.runs = Runs(self.store, self.plan, self.shelf.toolbox(), self.actions, self.clock, on_call)
        lease = Lease(self.store, Holder.here(), 60.0)
        channel = self.plan.communication.channel
        self.ledger = Ledger(self.store, lease, channel, Patience(0.01), self.runs.note_end)

    def person(self, who: str) -> Person:
        found = self.plan.person(who)
        assert found is not None
        return found

    def ask(self, risk: str = "low", who: str = "ana", place: str = "hall", **more: object) -> Run:
        return self.runs.propose(self.person(who), f"{risk}-shelve", {"place": place}, **more)  # type: ignore[arg-type]

    def approve(self, run: Run, who: str = "eva", typed: str = "hall") -> Run:
        return self.runs.approve(self.person(who), run.id, typed=typed)

    def go(
        self, state: RunState, risk: str = "low", place: str = "hall", who: str = "rui", **more: object
    ) -> Run:
        """Ask, approve, start and end it so; a second passes."""
        run = self.ask(risk, "ana", place, **more)
        self.approve(run, who)
        return self.end(run, state)

    def end(self, run: Run, state: RunState, keep_s: float = 3600.0) -> Run:
        assert self.ledger.begin(run.id) is not None
        self.clock.forward(seconds=1)
        self.ledger.finish(
            run.id, state, f"it ended {state.value}", keep_s if state is RunState.VERIFIED else 0
        )
        return self.runs.get(run.id)

    def declare(self, number: int = 7, state: IncidentState = IncidentState.OPEN) -> int:
        incident = Incident(
            number, "slow", Severity.SEV2, state, "api", "staging", "c", "2026-01-01T00:00:00Z"
        )

        def work(tx: Tx) -> None:
            incidents.save(tx, incident, tx.now)

        self.store.write(work)
        return number

    def notes(self) -> list[str]:
        return [row[0] for row in self.store.read("SELECT payload FROM outbox WHERE kind = 'incident-note'")]

    def kinds(self, run: Run) -> list[str]:
        return [entry.kind for entry in of_run(self.store, run.id)]

    def forget(self, run: Run) -> None:
        """Let a run have ended long ago, for the limits."""
        past = replace(run, started_at="2020-01-01T00:00:00.000000Z", ended_at="2020-01-01T00:00:01.000000Z")
        self.store.write(lambda tx: rows.save(tx, past))

    def close(self) -> None:
        self.store.close()


def plan_of(sections: Mapping[str, object]) -> DrPlan:
    return DrPlan.model_validate(
        {
            "people": PEOPLE,
            "environments": {"staging": {}},
            "risks": {
                "look": {"ask": [], "approve": []},
                "low": {"ask": ["on-call"], "approve": ["on-call", "approver"]},
                "high": {"ask": ["on-call"], "approve": ["on-call", "approver"]},
                "destructive": {"ask": ["on-call"], "approve": ["approver"], "second_person": True},
            },
            **sections,
        }
    )


Build = Callable[..., World]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    made: list[World] = []

    def make(on_call: OnCall | None = None, **sections: object) -> World:
        made.append(World(tmp_path, sections, on_call))
        return made[-1]

    yield make
    for one in made:
        one.close()
