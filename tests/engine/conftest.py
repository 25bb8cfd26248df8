"""A store, a shelf, people, and an engine on real DBOS for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.person import Person
from bot.domain.run import Run
from bot.engine import Engine, system_url
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.store.database import Store, utc_now
from bot.store.journal import of_run
from bot.store.sqlite import SqliteStore
from tests.engine.toys import ACTIONS, Shelf
from tests.real.postgres import embedded_programs, real_postgres

PLAN = DrPlan.model_validate(
    {
        "people": {
            "ana": {"name": "Ana Lima", "roles": ["on-call"]},
            "rui": {"name": "Rui Costa", "roles": ["on-call", "approver"]},
            "eva": {"name": "Eva Reis", "roles": ["approver"]},
            "leo": {"name": "Leo Dias", "roles": []},
        },
        "environments": {"staging": {}},
        "risks": {
            "look": {"ask": [], "approve": []},
            "low": {"ask": ["on-call"], "approve": ["on-call"]},
            "high": {"ask": ["on-call"], "approve": ["on-call"]},
            "destructive": {"ask": ["on-call"], "approve": ["approver"], "second_person": True},
        },
    }
)
STRANGER = Person("U123", "somebody", known=False)


@dataclass
class Clock:
    """The machine's time, and what a test adds to it."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class World:
    """Everything but Slack: what a test talks to."""

    def __init__(self, root: Path, store: Store | None = None) -> None:
        self.root = root
        self.clock = Clock()
        (root / "shelf").mkdir(exist_ok=True)
        self.shelf = Shelf(root / "shelf")
        self.database_url = f"sqlite:///{root}/drbot.db"
        self.store: Store = store or SqliteStore(root / "drbot.db", self.clock)
        self.actions = dict(ACTIONS)
        self.runs = Runs(self.store, PLAN, self.shelf.toolbox(), self.actions, self.clock)
        self.engine: Engine | None = None

    def start(self, url: str = "", standby: bool = False) -> Engine:
        engine = Engine(
            self.store, self.runs, self.shelf.toolbox(), self.actions, url or system_url(self.database_url),
            clock=self.clock, poll_s=0.1, backoff_s=0.01,
        )  # fmt: skip
        if engine.start(standby=standby):
            self.engine = engine
        return engine

    def stop(self, drain_s: float = 10.0) -> bool:
        engine, self.engine = self.engine, None
        return engine.stop(drain_s) if engine else True

    def ask(self, who: str = "ana", risk: str = "low", place: str = "hall", **given: str) -> Run:
        return self.runs.propose(person(who), f"{risk}-shelve", {"place": place, **given})

    def ended(self, run: Run, timeout_s: float = 20.0) -> Run:
        ended = self.runs.wait(run.id, timeout_s)
        assert ended.state.ended, ended
        return ended

    def kinds(self, run: Run) -> list[str]:
        return [entry.kind for entry in of_run(self.store, run.id)]

    def locks(self) -> int:
        return len(self.store.read("SELECT target FROM locks"))

    def close(self) -> None:
        self.shelf.gate.set()
        self.stop()
        self.store.close()


def person(who: str) -> Person:
    found = PLAN.person(who)
    assert found is not None
    return found


def go(world: World, risk: str = "low", place: str = "hall", **given: str) -> Run:
    """Propose, approve and wait for the end."""
    run = world.ask(risk=risk, place=place, **given)
    world.runs.approve(person("rui"), run.id)
    return world.ended(run)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def another_world() -> Iterator[Callable[[Path], World]]:
    """Worlds made in the middle of a test: a second process over the same store."""
    made: list[World] = []

    def make(root: Path) -> World:
        made.append(World(root))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def system_database() -> Iterator[str]:
    """The address of an empty database on a real PostgreSQL."""
    with real_postgres(embedded_programs()) as server:
        with server.connect() as session:
            session.execute("CREATE DATABASE workflows")
        yield server.url("workflows")
