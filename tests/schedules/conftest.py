"""A house with a plan that schedules, toy actions, a real engine, real triage and a clock that is set."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.alarms import Alarms
from bot.correlation.correlator import Correlator
from bot.domain.incident import Incident
from bot.domain.run import Run, RunState
from bot.domain.standing import Board
from bot.engine import Engine, system_url
from bot.engine.lease import Holder, Lease
from bot.engine.ledger import Ledger
from bot.engine.phase import Patience
from bot.house import VOCABULARY
from bot.incidents import Incidents
from bot.intake import Intake
from bot.plan.models import DrPlan
from bot.runs import Runs
from bot.schedules.answering import Answers
from bot.schedules.clockwork import Clockwork
from bot.schedules.noticing import Notices
from bot.store import incidents
from bot.store import runs as run_rows
from bot.store import schedules as rows
from bot.store.database import Store
from bot.store.opening import open_store
from bot.store.schedules import Answer
from bot.triage import Triage, load_vocabulary
from tests.engine.toys import ACTIONS, Shelf
from tests.policy.conftest import PEOPLE
from tests.store.conftest import postgres_url  # noqa: F401 - a fixture

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
NIGHTLY: Mapping[str, object] = {
    "title": "Nightly shelf",
    "cron": "0 2 * * *",
    "action": "low-shelve",
    "params": {"place": "hall"},
}

FREEZE = {"title": "Sale", "because": "everybody buys", "weekly": "tue 00:00 - tue 06:00", "risks": ["low"]}
AFTER: Mapping[str, object] = {
    "nightly": NIGHTLY,
    "then": {"title": "Look", "after": "nightly", "action": "look-shelve", "params": {"place": "hall"}},
}


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kind: float) -> None:
        self.now += timedelta(**kind)

    def to(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)


class World:
    """Everything but Slack. Without `start` a test turns the wheels itself and lives runs by hand."""

    def __init__(self, root: Path, sections: Mapping[str, object], url: str = "") -> None:
        self.root = root
        (root / "shelf").mkdir(exist_ok=True)
        self.url = url or f"sqlite:///{root}/drbot.db"
        self.clock = Clock()
        self.steady_s = 1_000.0
        self.plan = plan_of(sections)
        self.shelf = Shelf(root / "shelf")
        self.actions = dict(ACTIONS)
        self.store: Store = open_store(self.url, self.clock)
        self.runs = Runs(self.store, self.plan, self.shelf.toolbox(), self.actions, self.clock)
        self.engine = Engine(
            self.store, self.runs, self.shelf.toolbox(), self.actions, system_url(self.url),
            clock=self.clock, poll_s=0.05, backoff_s=0.01,
        )  # fmt: skip
        self.intake = Intake(self.store)
        self.correlator = Correlator(
            self.store, self.plan, Triage(self.plan, load_vocabulary(VOCABULARY)), lambda _tx, _one: None
        )
        self.alarms = Alarms(self.store, self.intake.accept, self.clock)
        self.board: Board | None = None
        self.held: list[tuple[str, str, str]] = []
        self.copied: list[tuple[str, int]] = []
        self.begin_anew()
        lease = Lease(self.store, Holder.here(), 60.0)
        self.ledger = Ledger(self.store, lease, self.runs.channel, Patience(0.01), self.runs.note_end)

    def begin_anew(self) -> None:
        """What a bot that was started again knows: only what is stored."""
        self.answers = Answers(
            self.store, self.plan, self.runs, self.clock, self._hold, self._copy, 0.0, lambda: self.steady_s
        )
        self.notices = Notices(
            self.store, self.plan, self.alarms, self.clock, lambda: self.board, lambda: self.steady_s
        )
        self.clockwork = Clockwork(
            self.store, self.answers, self.notices, lambda: self.engine.ours, poll_s=0.05, slowly_s=0.0
        )

    def _hold(self, drill: str, name: str, key: str) -> int:
        self.held.append((drill, name, key))
        return len(self.held)

    def _copy(self, to: str, keep: int) -> str:
        if to == "nowhere":
            raise OSError("no such place")
        self.copied.append((to, keep))
        return f"copied to {to}"

    def start(self) -> World:
        self.engine.start()
        self.correlator.start()
        self.clockwork.start()
        return self

    def turn(self) -> list[str]:
        """Decide and answer, on this thread; the schedules whose clock is not trusted."""
        due, distrusted = self.answers.due()
        for one in due:
            self.answers.answer(one)
        self.notices.turn()
        self.notices.slowly()
        self.notices.distrust(distrusted)
        self.fold()
        return distrusted

    def fold(self) -> None:
        while self.correlator.fold_once():
            pass

    def live(self, run: Run | int, state: RunState = RunState.VERIFIED) -> Run:
        """Let a run end so, without an engine."""
        number = run if isinstance(run, int) else run.id
        assert self.ledger.begin(number) is not None
        self.clock.forward(seconds=1)
        self.ledger.finish(number, state, f"it ended {state.value}")
        return self.runs.get(number)

    def answer(self, name: str = "nightly") -> Answer:
        return rows.all_answers(self.store)[name]

    def asked(self) -> list[Run]:
        """Every run that was asked for, oldest first."""
        return sorted(run_rows.recent(self.store, 200), key=lambda run: run.id)

    def open(self) -> list[Incident]:
        return list(incidents.open_incidents(self.store))

    def resolved(self) -> None:
        """A person resolves every open incident."""
        ana = self.plan.person("ana")
        assert ana is not None
        for one in self.open():
            Incidents(self.store, self.plan, lambda _tx, _one: None).resolve(ana, one.id)

    def kinds(self) -> list[str]:
        return [
            row[0]
            for row in self.store.read("SELECT kind FROM journal WHERE kind LIKE 'schedule%' ORDER BY seq")
        ]

    def close(self) -> None:
        self.shelf.gate.set()
        self.clockwork.stop()
        self.correlator.stop()
        self.engine.stop()
        self.store.close()


def plan_of(sections: Mapping[str, object]) -> DrPlan:
    return DrPlan.model_validate(
        {
            "people": PEOPLE,
            "environments": {"production": {"customers": True}, "staging": {"match": ['env="staging"']}},
            "components": {"database": {"title": "Database", "priority": "critical", "words": ["database"]}},
            "objectives": {"rpo": {"title": "RPO", "target": "1h", "priority": "Database"}},
            "schedules": {"nightly": NIGHTLY},
            **sections,
        }
    )


Build = Callable[..., World]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    made: list[World] = []

    def make(url: str = "", **sections: object) -> World:
        made.append(World(tmp_path, sections, url))
        return made[-1]

    yield make
    for one in made:
        one.close()


def until(holds: Callable[[], object], timeout_s: float = 20.0) -> None:
    """Return as soon as it holds. Raises AssertionError when the time is up."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if holds():
            return
        pause.wait(0.02)
    raise AssertionError(f"did not come true within {timeout_s} s")


def at_night(world: World) -> World:
    """The plan was read at noon; it is two o'clock."""
    world.turn()
    world.clock.to("2026-11-24T02:00:01")
    return world
