"""A store, a shelf, an engine and a conductor over a plan whose drills rehearse shelves."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.switchboard import Switchboard
from bot.domain.answer import Answer
from bot.domain.drill import Drill, DrillState
from bot.domain.person import Person
from bot.drills import Drills
from bot.drills.advance import Drilling
from bot.drills.certificate import Certificate
from bot.drills.view import certificate_of
from bot.engine import Engine, system_url
from bot.incidents import Incidents
from bot.plan.load import read_plan
from bot.plan.models import DrPlan
from bot.runbooks.conductor import Conductor
from bot.runs import Runs
from bot.store.database import Store, utc_now
from bot.store.sqlite import SqliteStore
from tests.drills.toys import ACTIONS
from tests.engine.toys import Shelf

PLAN_TEXT = """
communication: {{channel: "#belezza-alerts", own_channel_from: SEV-1}}
people:
  ana: {{name: Ana Lima, slack: "@ana", roles: [on-call]}}
  rui: {{name: Rui Costa, slack: "@bruno", roles: [on-call, approver]}}
  leo: {{name: Leo Dias, slack: "@carla", roles: []}}
environments:
  staging: {{title: Staging, match: ['env="staging"']}}
  production: {{title: Production, match: ['env="production"'], customers: true}}
objectives:
  rto: {{title: Recovery Time Objective, target: {rto}, priority: Critical systems}}
  rpo: {{title: Recovery Point Objective, target: {rpo}, priority: Database}}
risks:
  look: {{ask: [], approve: []}}
  low: {{ask: [on-call], approve: [{approve}]}}
  high: {{ask: [on-call], approve: [on-call]}}
schedules:
  monthly-drill: {{title: Monthly drill, cron: "0 4 1 * *", drill: restore}}
  daily-backup: {schedule}
testing:
  tests:
    restore:
      title: Backup restore to staging
      every: monthly
      owner: DevOps
      does:
{does}
    full: {{title: Full DR exercise, every: annually, owner: All teams}}
"""
LOOK = "{action: look-shelve, label: Look at the shelf, params: {place: hall}}"
HOURLY = '{title: Hourly, cron: "0 * * * *", action: back-up-database, params: {environment: production}}'
WAIT_S = 60.0


def ago(**how_long: float) -> str:
    """The moment so long ago, as a rehearsal says it."""
    return (utc_now() - timedelta(**how_long)).astimezone(UTC).isoformat()


def rehearse(data_of: str = "", newest_row: str = "", how: str = "", place: str = "hall") -> str:
    """A rehearsal as one line of a drill's `does`."""
    params = {"place": place, "how": how, "data_of": data_of, "newest_row": newest_row}
    return f"{{action: rehearse-shelf, params: {json.dumps(params)}}}"


def fresh(how: str = "", **more: str) -> str:
    """A rehearsal of data that is twelve minutes old."""
    return rehearse(ago(minutes=12), ago(minutes=13), how, **more)


def plan_of(
    *does: str, rto: str = "4h", rpo: str = "1h", approve: str = "", schedule: str = HOURLY
) -> DrPlan:
    """A plan whose drill `restore` does these, as YAML flow mappings; `full` is people's."""
    lines = "\n".join(f"        - {one}" for one in does)
    return read_plan(PLAN_TEXT.format(does=lines, rto=rto, rpo=rpo, approve=approve, schedule=schedule))


class House:
    """Everything but Slack."""

    def __init__(self, root: Path, plan: DrPlan) -> None:
        (root / "shelf").mkdir(exist_ok=True)
        self.plan = plan
        self.shelf = Shelf(root / "shelf")
        self.store: Store = SqliteStore(root / "drbot.db", utc_now)
        self.actions = dict(ACTIONS)
        self.runs = Runs(self.store, plan, self.shelf.toolbox(), self.actions)
        self.drills = Drills(self.store, plan, self.runs, self.actions)
        self.engine = Engine(
            self.store, self.runs, self.shelf.toolbox(), self.actions,
            system_url(f"sqlite:///{root}/drbot.db"), poll_s=0.1, backoff_s=0.01,
        )  # fmt: skip
        self.drilling = Drilling(self.store, plan, self.runs)
        self.conductor = Conductor(
            self.store, plan, self.runs, lambda: self.engine.ours, poll_s=0.1, drilling=self.drilling
        )
        desk = Desk(
            plan, root / "plan.yaml", self.store, Incidents(self.store, plan, lambda tx, incident: None),
            self.runs, self.actions, self.shelf.toolbox(),
        )  # fmt: skip
        self.board = Switchboard(desk)

    def start(self) -> House:
        self.engine.start()
        self.conductor.start()
        return self

    def person(self, name: str) -> Person:
        found = self.plan.person(name)
        assert found is not None
        return found

    def hold(self, who: str = "ana", key: str = "") -> Drill:
        return self.drills.hold(self.person(who), "restore", key)

    def drill(self, drill: Drill) -> Drill:
        return self.drills.get(drill.id)

    def ended(self, drill: Drill) -> Drill:
        until(lambda: self.drill(drill).state is not DrillState.UNDER_WAY)
        return self.drill(drill)

    def certificate(self, drill: Drill) -> Certificate:
        found = certificate_of(self.drill(drill))
        assert found is not None
        return found

    def say(self, line: str, who: str = "ana", face: str = "shell", key: str = "") -> Answer:
        person = self.plan.person(who) or Person("U0", "Somebody", known=False)
        return self.board.execute(line, person, Where(face, request_key=key))

    def kinds(self) -> list[str]:
        found = self.store.read("SELECT kind FROM journal WHERE kind LIKE 'drill-%' ORDER BY seq")
        return [str(row[0]) for row in found]

    def close(self) -> None:
        self.shelf.gate.set()
        self.conductor.stop()
        self.engine.stop()
        self.store.close()


def until(holds: Callable[[], object], timeout_s: float = WAIT_S) -> None:
    """Return as soon as it holds. Raises AssertionError when the time is up."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError(f"did not come true within {timeout_s} s")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses; `house(*does)` is started."""
    made: list[House] = []

    def make(*does: str, started: bool = True, **more: str) -> House:
        made.append(House(tmp_path, plan_of(*does, **more)))
        return made[-1].start() if started else made[-1]

    yield make
    for one in made:
        one.close()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
