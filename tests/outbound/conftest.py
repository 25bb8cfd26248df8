"""A store of either engine, a clock and a steady time that are set, and one way's lane turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.domain.incident import Incident, IncidentState
from bot.domain.outbound import Job, NewJob, Sender
from bot.domain.severity import Severity
from bot.outbound.lane import Lane
from bot.outbound.record import Follow
from bot.outbound.service import Outbound
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store import outbound as rows
from bot.store.database import Store, iso
from bot.store.outbound import send_later
from tests.outbound.fake import FakeEnd
from tests.outbound.ways import WAYS, OtherEnd
from tests.store.conftest import Opened, opened, postgres_url  # noqa: F401 - fixtures

PLAN = DrPlan.model_validate(
    {
        "people": {
            "ana": {"name": "Ana Lima", "roles": ["on-call"], "email": "ana@example.org"},
            "leo": {"name": "Leo Dias", "roles": []},
        },
        "communication": {"channel": "#alerts", "outside": {"mail_from": "drbot@salon.example"}},
    }
)


class Time:
    """The wall clock of the store, and a steady time beside it. `jump` moves the first alone."""

    def __init__(self, where: Opened) -> None:
        self.clock = where.clock
        self.steady_s = 1_000.0

    def forward(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)
        self.steady_s += seconds

    def jump(self, hours: float) -> None:
        self.clock.forward(hours=hours)


class Line:
    """One way, its rows and its other end."""

    def __init__(self, where: Opened, sender: Sender) -> None:
        self.store: Store = where.store
        self.time = Time(where)
        self.sender = sender
        self.on_trouble: Follow | None = None
        self.on_done: Follow | None = None
        self.lane = self.restarted()

    def restarted(self) -> Lane:
        """A lane that knows only what is stored, as after a restart."""
        self.lane = self.outbound().lanes[self.sender.way]
        return self.lane

    def outbound(self, ours: Callable[[], bool] = lambda: True) -> Outbound:
        way = self.sender.way
        return Outbound(
            self.store,
            PLAN,
            {way: self.sender},
            ours,
            {way: self.on_trouble} if self.on_trouble else {},
            {way: self.on_done} if self.on_done else {},
            self.time.clock,
            lambda: self.time.steady_s,
        )

    def ask(self, *jobs: NewJob) -> None:
        for job in jobs:
            self.store.write(lambda tx, job=job: send_later(tx, job))  # type: ignore[misc]  # bound at once

    def job(self, key: str) -> Job:
        found = rows.job_of(self.store.read, key)
        assert found is not None
        return found

    def open(self) -> int:
        return rows.count_open(self.store.read, self.sender.way)

    def play(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let this time pass, turning whenever there may be something to do, as the thread does."""
        end_s = self.time.steady_s + seconds
        for _ in range(20_000):
            wait_s = self.lane.turn()
            if until():
                return
            left_s = end_s - self.time.steady_s
            if wait_s > left_s:
                self.time.forward(left_s)
                return
            self.time.forward(min(wait_s, 2.0))
        raise AssertionError("it never rests")

    def finish(self) -> None:
        """Until every job has ended; at most ten minutes."""
        self.play(600, lambda: not self.open())
        assert not self.open()

    def states(self) -> dict[str, str]:
        return dict(self.store.read("SELECT key, state FROM outbound ORDER BY position"))

    def journal(self) -> list[str]:
        return [row[0] for row in self.store.read("SELECT kind FROM journal ORDER BY seq")]

    def notes(self, incident: int = 1) -> list[str]:
        """What the incident's thread is told, in order."""
        sql = (
            "SELECT payload FROM outbox WHERE kind = 'incident-note' AND subject = ? ORDER BY created_at, key"
        )
        return [row[0] for row in self.store.read(sql, (incident,))]

    def cards(self, incident: int = 1) -> int:
        """How often the incident's card was drawn."""
        key = f"incident:{incident}:card"
        rows = self.store.read("SELECT wanted FROM outbox WHERE key = ?", (key,))
        return int(rows[0][0]) if rows else 0

    def open_incidents(self, count: int) -> None:
        for number in range(1, count + 1):
            at = iso(self.time.clock())
            incident = replace(BLANK, id=number, correlation=str(number), opened_at=at)
            self.store.write(lambda tx, one=incident: incidents.save(tx, one, tx.now))  # type: ignore[misc]


BLANK = Incident(1, "Database down", Severity.SEV1, IncidentState.OPEN, "", "", "", "")


@pytest.fixture
def fake() -> FakeEnd:
    return FakeEnd()


@pytest.fixture
def line(opened: Opened, fake: FakeEnd) -> Line:  # noqa: F811 - the fixture
    """The fake way with three open incidents."""
    made = Line(opened, fake)
    made.open_incidents(3)
    return made


@pytest.fixture(params=WAYS)
def other_end(request: pytest.FixtureRequest) -> Iterator[OtherEnd]:
    with WAYS[request.param]() as end:
        yield end
