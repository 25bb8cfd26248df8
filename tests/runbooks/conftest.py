"""A store, a shelf, an engine and a conductor over a plan whose runbooks furnish shelves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.announce import show_incident
from bot.domain.alert import Alert, AlertStatus
from bot.domain.answer import Refusal
from bot.domain.incident import Incident, IncidentState
from bot.domain.person import Person
from bot.domain.run import Run, RunState
from bot.domain.severity import Severity
from bot.domain.walk import StepState, Walk, WalkState, standing_at
from bot.engine import Engine, system_url
from bot.plan.load import read_plan
from bot.plan.models import DrPlan
from bot.runbooks import Runbooks
from bot.runbooks.conductor import Conductor
from bot.runbooks.looking import Looks
from bot.runs import Runs
from bot.store import incidents as incident_rows
from bot.store import runs as run_rows
from bot.store import walks as walk_rows
from bot.store.database import Store, Tx, iso, utc_now
from bot.store.journal import of_incident
from bot.store.json_text import labels_json
from bot.store.sqlite import SqliteStore
from tests.engine.toys import ACTIONS, Shelf

PLAN_TEXT = """
communication: {channel: "#belezza-alerts", own_channel_from: SEV-1}
people:
  ana: {name: Ana Lima, slack: "@ana", roles: [on-call]}
  rui: {name: Rui Costa, slack: "@bruno", roles: [on-call, approver]}
  leo: {name: Leo Dias, roles: []}
environments:
  staging: {title: Staging, match: ['env="staging"']}
risks:
  look: {ask: [], approve: []}
  low: {ask: [on-call], approve: [on-call]}
  high: {ask: [on-call], approve: [on-call]}
components:
  shelf: {title: Shelf, priority: critical, words: [shelf]}
runbooks:
"""
LOOK = "{action: look-shelve, params: {place: hall}}"
DO = "{action: low-shelve, params: {place: hall}}"


def plan_of(*steps: str, looks: str = "") -> DrPlan:
    """A plan with the one runbook `shelves`, its steps as YAML flow mappings."""
    lines = "".join(f"      - {step}\n" for step in steps)
    text = f"{PLAN_TEXT}  shelves:\n    title: Shelves\n    words: [shelf]\n    component: shelf\n"
    text += f"    looks: [{looks}]\n" if looks else ""
    return read_plan(f"{text}    steps:\n{lines}" if lines else text)


class House:
    """Everything but Slack."""

    def __init__(self, root: Path, plan: DrPlan, store: Store | None = None, poll_s: float = 0.1) -> None:
        (root / "shelf").mkdir(exist_ok=True)
        self.plan = plan
        self.shelf = Shelf(root / "shelf")
        self.store: Store = store or SqliteStore(root / "drbot.db", utc_now)
        self.actions = dict(ACTIONS)
        self.runs = Runs(self.store, plan, self.shelf.toolbox(), self.actions)
        self.runbooks = Runbooks(self.store, plan, self.runs, self.actions)
        self.calm = threading.Event()
        self.calm.set()
        self.engine = Engine(
            self.store, self.runs, self.shelf.toolbox(), self.actions,
            system_url(f"sqlite:///{root}/drbot.db"), poll_s=0.1, backoff_s=0.01,
        )  # fmt: skip
        self.looks = Looks(self.store, plan, self.runs, self.actions, lambda _: self.calm.is_set())
        self.conductor = Conductor(
            self.store, plan, self.runs, lambda: self.engine.ours, self.looks, poll_s=poll_s
        )

    def start(self) -> House:
        self.engine.start()
        self.conductor.start()
        return self

    def person(self, name: str) -> Person:
        found = self.plan.person(name)
        assert found is not None
        return found

    def begin(self, who: str = "ana", incident: int | None = None) -> Walk:
        return self.runbooks.start(self.person(who), "shelves", "staging", incident).walk

    def walk(self, walk: Walk) -> Walk:
        return self.runbooks.get(walk.id)

    def states(self, walk: Walk) -> list[StepState]:
        return [step.state for step in self.walk(walk).steps]

    def rests(self, walk: Walk) -> Walk:
        """Once it waits for a person: an approval, a decision, or because it is over."""
        until(lambda: self._rests(self.walk(walk)))
        return self.walk(walk)

    def _rests(self, walk: Walk) -> bool:
        if walk.state is not WalkState.UNDER_WAY or standing_at(walk) is not None:
            return True
        run = run_rows.get(self.store, walk.run) if walk.run else None
        return run is not None and run.state is RunState.PROPOSED

    def waiting_run(self, walk: Walk) -> Run:
        """The run that waits for its approval."""
        run = self.rests(walk).run
        assert run is not None, self.walk(walk)
        return self.runs.get(run)

    def approve(self, walk: Walk) -> Run:
        """Rui approves what waits; the run once it ended."""
        run = self.waiting_run(walk)
        self.runs.approve(self.person("rui"), run.id)
        return self.runs.wait(run.id, 20)

    def kinds(self, incident: int) -> list[str]:
        return [one.kind for one in of_incident(self.store, incident) if one.kind.startswith("runbook")]

    def runs_of(self, walk: Walk) -> list[int]:
        found = self.store.read(
            "SELECT id FROM runs WHERE request_key LIKE ? ORDER BY id", (f"walk:{walk.id}:%",)
        )
        return [int(row[0]) for row in found]

    def incident(self, name: str = "ShelfDown", severity: Severity = Severity.SEV2, **more: str) -> Incident:
        """An incident as the correlator opens it: its row, one firing alert, its card."""

        def work(tx: Tx) -> Incident:
            number = incident_rows.next_id(tx)
            made = Incident(
                number, f"{name} says the shelf is down", severity, IncidentState.OPEN, "shelf", "staging",
                f"test/{number}", tx.now, alerts_firing=1, alerts_total=1, alert_names=(name,),
            )  # fmt: skip
            incident_rows.save(tx, made, tx.now)
            labels = {"alertname": name, "env": "staging", **more}
            fire(tx, alert(name, str(number), labels), number)
            show_incident(tx, self.plan, made)
            return made

        return self.store.write(work)

    def close(self) -> None:
        self.shelf.gate.set()
        self.conductor.stop()
        self.engine.stop()
        self.store.close()


def alert(name: str, fingerprint: str, labels: dict[str, str], source: str = "alertmanager") -> Alert:
    return Alert(
        source, fingerprint, AlertStatus.FIRING, datetime(2026, 3, 1, 3, tzinfo=UTC), None, labels,
        {"summary": "the shelf is down"},
    )  # fmt: skip


def fire(tx: Tx, one: Alert, incident: int, judged: int = 1) -> None:
    """Store a firing alert of the incident."""
    tx.run(
        "INSERT INTO alerts (source, fingerprint, status, starts_at, ends_at, name, labels, annotations, url,"
        " grouped, first_seen, last_seen, times, judged, incident, severity)"
        " VALUES (?, ?, 'firing', ?, '', ?, ?, ?, '', '', ?, ?, 1, ?, ?, 'SEV-2')",
        (
            one.source, one.fingerprint, iso(one.starts_at), one.name, labels_json(one.labels),
            labels_json(one.annotations), tx.now, tx.now, judged, incident,
        ),
    )  # fmt: skip


def until(holds: Callable[[], object], timeout_s: float = 15.0) -> None:
    """Return as soon as it holds. Raises AssertionError when the time is up."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError(f"did not come true within {timeout_s} s")


def refusal(work: Callable[[], object]) -> str:
    """What it is refused with."""
    with pytest.raises(Refusal) as caught:
        work()
    return str(caught.value)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses; `house(*steps)` is started."""
    made: list[House] = []

    def make(
        *steps: str, looks: str = "", started: bool = True, root: Path | None = None, poll_s: float = 0.1
    ) -> House:
        made.append(House(root or tmp_path, plan_of(*steps, looks=looks), poll_s=poll_s))
        return made[-1].start() if started else made[-1]

    yield make
    for one in made:
        one.close()


def walk_row(house: House, walk: Walk) -> Walk | None:
    """As stored."""
    return walk_rows.get(house.store, walk.id)
