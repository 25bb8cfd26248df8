"""The written plan at night: an alert opens a SEV-1, nobody answers, the lead and then the CTO are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.beside import facts_beside
from bot.domain.alert import Alert, AlertStatus, Notification
from bot.domain.severity import Severity
from bot.escalation.reach import foretell
from bot.plan.load import load_plan
from bot.plan.models import PersonEntry
from bot.report import report_markdown
from bot.store.identity import identity
from tests.escalation.conftest import PEOPLE, Clocks, World

PLAN = load_plan(Path(__file__).parents[2] / "data" / "belezza.yaml")
DOWN = {"alertname": "PostgresDown", "job": "postgres", "severity": "critical", "env": "production"}


@pytest.fixture
def night(store_url: str, clocks: Clocks) -> Iterator[World]:
    people = {name: PersonEntry.model_validate(entry) for name, entry in PEOPLE.items()}
    world = World(store_url, PLAN.model_copy(update={"people": people}), clocks)
    assert identity(world.store)
    yield world
    world.close()


def alert(world: World, status: AlertStatus = AlertStatus.FIRING) -> None:
    """As the monitor tells it; judged by the real rules."""
    ends_at = None if status is AlertStatus.FIRING else world.clocks.now
    said = {"summary": "PostgreSQL is down: the API is unreachable"}
    one = Alert("alertmanager", "f1", status, world.clocks.now - timedelta(seconds=30), ends_at, DOWN, said)
    world.intake.accept(Notification((one,), receiver="drbot")).result(timeout=10)
    world.fold()


def test_nobody_answers_until_the_lead_does(night: World) -> None:
    expected = foretell(night.plan, Severity.SEV1, night.clocks.now, night.roster, pager=False)
    alert(night)
    assert night.incident().severity is Severity.SEV1
    night.live(20)
    assert night.told() == ["On-call engineer 03:00", "Engineering lead 03:15"]
    assert night.told() == [f"{one.step.tell} {one.at:%H:%M}" for one in expected[1:3]]
    night.live(11)
    assert night.told()[2] == f"CTO {expected[3].at:%H:%M}" == "CTO 03:30"
    night.incidents.acknowledge(night.person("eva"), 1)
    night.live(120)
    assert len(night.told()) == 3
    facts = dict(facts_beside(night.store, night.plan, night.incident()))
    assert facts["Answer"] == "answered after 31 min by Eva Reis"
    alert(night, AlertStatus.RESOLVED)
    assert not night.incident().is_open
    assert [one.kind for one in night.journal() if one.kind not in ("alert-fired", "alert-resolved")] == [
        "incident-opened",
        "clock-started",
        "escalated",
        "escalated",
        "escalated",
        "escalated",
        "incident-acknowledged",
        "clock-stopped",
        "incident-resolved",
    ]
    report = report_markdown(night.store, 1, {name: one.name for name, one in night.plan.people.items()})
    assert "Engineering lead was told by mail and a mention in the incident's thread: Eva Reis." in report
    assert "Eva Reis answered after 31 min, 16 min late: the response clock stopped." in report


def test_an_answer_in_time_and_nobody_else_is_woken(night: World) -> None:
    alert(night)
    night.live(9)
    night.incidents.acknowledge(night.person("ana"), 1)
    night.live(120)
    assert night.told() == ["On-call engineer 03:00"]
    assert night.jobs() == ["tell:1:1:1:ana", "tell:1:1:1:rui"]


def test_what_the_monitor_takes_back_tells_nobody_more_and_comes_back_with_a_new_clock(night: World) -> None:
    alert(night)
    night.live(5)
    alert(night, AlertStatus.RESOLVED)
    night.live(5)
    alert(night)
    night.live(16)
    assert night.told() == ["On-call engineer 03:00", "On-call engineer 03:10", "Engineering lead 03:25"]
