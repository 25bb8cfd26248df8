"""A store of the bot's own, and a clock that stands until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.oncall import Roster
from bot.plan.models import DrPlan
from bot.readiness.kept import Readiness
from bot.readiness.own import Own
from bot.store.sqlite import SqliteStore
from tests.readiness.measured import Slow


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kind: float) -> None:
        self.now += timedelta(**kind)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "drbot.db", clock)
    yield made
    made.close()


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.gate.set()


@pytest.fixture
def readiness(slow: Slow, store: SqliteStore, clock: Clock) -> Iterator[Readiness]:
    own = Own(DrPlan(), store, (), lambda: "host:1, 0 running", tuple, lambda: Roster(("ana",)))
    made = Readiness(slow, own, clock, every_s=3600)
    yield made
    made.stop()
