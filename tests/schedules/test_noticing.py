"""What drbot notices by itself: it opens the right incident, once, and closes it when all is well again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.alert import Alert, AlertStatus, Notification
from bot.domain.drill import Drill, DrillState
from bot.domain.standing import Board, Light, Standing
from bot.store import drills
from bot.store.database import Tx, iso
from tests.schedules.conftest import Build, World

DRILLS = {
    "tests": {
        "hall": {
            "title": "Hall test",
            "every": "monthly",
            "owner": "ana",
            "does": [{"action": "low-shelve", "params": {"place": "hall"}}],
        },
        "talk": {"title": "Team exercise", "every": "annually", "owner": "ana"},
    }
}
LOOKS = {
    "database": {
        "title": "PostgreSQL",
        "priority": "critical",
        "words": ["database"],
        "looks": [{"action": "list-backups", "params": {"environment": "production"}}],
    }
}


def watchdog(world: World, status: AlertStatus = AlertStatus.FIRING, **labels: str) -> None:
    began = world.clock()
    said = {"alertname": "Watchdog", "severity": "none", **labels}
    ends = began if status is AlertStatus.RESOLVED else None
    text = {"summary": "An alert that should always be firing"}
    alert = Alert("alertmanager", "dog" + labels.get("env", ""), status, began, ends, said, text)
    world.intake.accept(Notification((alert,))).result(timeout=10)
    world.fold()


def minutes(world: World, count: float) -> None:
    """Both clocks go on, and drbot looks."""
    world.steady_s += count * 60
    world.clock.forward(minutes=count)
    world.turn()


def board(light: Light, why: str, age_s: float | None = None) -> Board:
    line = Standing("PostgreSQL", light, why, "backup production", "database")
    images = Standing("Images", Light.RED, "no backup of images is replicated", key="images")
    ages = {} if age_s is None else {"backup": age_s}
    return Board((images, line), "2026-11-23T12:00:00.000000Z", False, ages)


def held(world: World, state: DrillState, number: int = 0) -> Drill:
    now = iso(world.clock())
    ended = "" if state is DrillState.UNDER_WAY else now
    drill = Drill(0, "hall", "Hall test", state, "ana", now, ended, said="the shelf fell")

    def work(tx: Tx) -> Drill:
        if not number:
            return drills.insert(tx, drill)
        ended_one = replace(drill, id=number)
        drills.save(tx, ended_one)
        return ended_one

    return world.store.write(work)


@pytest.mark.disaster(42)
def test_no_good_backup_for_longer_than_the_rpo(build: Build) -> None:
    world = build(components=LOOKS)
    world.board = board(Light.GREEN, "59 min old", 3540)
    world.turn()
    assert world.open() == []
    world.board = board(Light.RED, "too old", 3660)
    world.turn()
    world.turn()
    (incident,) = world.open()
    assert (incident.severity.value, incident.component, incident.environment) == (
        "SEV-2",
        "database",
        "production",
    )
    assert incident.title.startswith("No good backup for longer than the plan allows: ")
    assert incident.title.endswith("the newest good one is 1h 1m old, and the RPO is 1h")
    assert incident.alerts_total == 1
    world.board = board(Light.GREEN, "new", 10)
    world.turn()
    assert world.open() == []


@pytest.mark.disaster(42)
def test_a_plan_that_cannot_keep_its_rpo_is_told_when_a_backup_did_not_come(build: Build) -> None:
    """A day between two backups and an RPO of an hour is the plan check's to say, not every night's."""
    daily = {"title": "Daily", "cron": "0 2 * * *", "action": "back-up-database"}
    schedules = {"daily": {**daily, "params": {"environment": "production"}}}
    world = build(components=LOOKS, schedules=schedules)
    world.board = board(Light.RED, "20 h old, RPO 1 h", 24 * 3600 + 3500)
    world.notices.slowly()
    world.fold()
    assert world.open() == []
    world.board = board(Light.RED, "26 h old, RPO 1 h", 26 * 3600)
    world.notices.slowly()
    world.fold()
    (incident,) = world.open()
    assert incident.severity.value == "SEV-2"
    assert "the newest good one is 26h old, and the backup of `0 2 * * *` should have" in incident.title
    assert "every 24h (the RPO is 1h)" in incident.title


@pytest.mark.disaster(42)
def test_no_good_backup_at_all(build: Build) -> None:
    world = build(components=LOOKS)
    world.board = board(Light.RED, "none of 7 backups can be proven whole")
    world.turn()
    assert world.open()[0].title.endswith("none of 7 backups can be proven whole")


def test_what_was_not_measured_raises_and_clears_nothing(build: Build) -> None:
    world = build(components=LOOKS)
    world.board = board(Light.UNKNOWN, "S3 does not answer")
    world.turn()
    assert world.open() == []
    world.board = board(Light.RED, "none can be proven")
    world.turn()
    world.board = board(Light.UNKNOWN, "S3 does not answer")
    world.turn()
    assert len(world.open()) == 1
    world.board = None
    world.turn()
    assert len(world.open()) == 1


def test_a_drill_that_failed_and_the_next_one_that_passed(build: Build) -> None:
    world = build(testing=DRILLS)
    held(world, DrillState.FAILED)
    world.turn()
    (incident,) = world.open()
    assert (incident.severity.value, incident.title) == (
        "SEV-3",
        "Hall test failed in rehearsal (DRILL-1): the shelf fell",
    )
    under_way = held(world, DrillState.UNDER_WAY)
    world.turn()
    assert len(world.open()) == 1
    held(world, DrillState.PASSED, under_way.id)
    world.turn()
    assert world.open() == []


def test_an_overdue_drill(build: Build) -> None:
    world = build(testing=DRILLS)
    held(world, DrillState.PASSED)
    world.clock.forward(days=31, hours=23)
    world.turn()
    overdue = "DrbotDrillOverdue"
    assert not [one for one in world.open() if overdue in one.alert_names]
    world.clock.forward(hours=3)
    world.turn()
    (incident,) = [one for one in world.open() if overdue in one.alert_names]
    assert (incident.severity.value, incident.title) == (
        "SEV-4",
        "Hall test is overdue: it should have passed 1 days ago",
    )
    held(world, DrillState.PASSED)
    world.turn()
    assert not [one for one in world.open() if overdue in one.alert_names]


def test_a_drill_that_never_passed_is_overdue_once_drbot_has_lived_that_long(build: Build) -> None:
    world = build(testing=DRILLS, schedules={})
    held(world, DrillState.FAILED)
    world.turn()
    assert [one.alert_names for one in world.open()] == [("DrbotDrillFailed",)]
    world.clock.forward(days=40)
    world.turn()
    assert any("DrbotDrillOverdue" in one.alert_names for one in world.open())


def test_a_watchdog_that_falls_silent_and_comes_again(build: Build) -> None:
    world = build(schedules={})
    watchdog(world)
    world.turn()
    for _ in range(4):
        minutes(world, 5)
        watchdog(world)
    world.turn()
    assert world.open() == []
    minutes(world, 14)
    assert world.open() == []
    minutes(world, 2)
    minutes(world, 2)
    (incident,) = world.open()
    assert incident.severity.value == "SEV-2"
    assert incident.title.startswith(
        "Prometheus is silent: Watchdog always fires, and was heard last at 2026-"
    )
    assert incident.alerts_total == 1
    watchdog(world)
    minutes(world, 0.1)
    assert world.open() == []


def test_a_watchdog_that_was_never_seen_is_not_missed(build: Build) -> None:
    world = build(schedules={})
    world.turn()
    minutes(world, 600)
    assert world.open() == []


def test_the_silence_of_a_monitoring_without_customers_is_no_page(build: Build) -> None:
    world = build(schedules={})
    watchdog(world, env="staging")
    watchdog(world, env="production")
    world.turn()
    for _ in range(4):
        minutes(world, 5)
        watchdog(world, env="production")
    (incident,) = world.open()
    assert (incident.environment, incident.severity.value) == ("staging", "SEV-4")


def test_a_watchdog_that_alertmanager_resolved_is_silent_too(build: Build) -> None:
    world = build(schedules={})
    watchdog(world)
    world.turn()
    minutes(world, 5)
    watchdog(world, AlertStatus.RESOLVED)
    world.turn()
    minutes(world, 16)
    assert len(world.open()) == 1


@pytest.mark.disaster(56)
def test_neither_a_jump_of_the_clock_nor_a_pause_of_drbot_is_silence(build: Build) -> None:
    world = build(schedules={})
    watchdog(world)
    world.turn()
    world.clock.forward(days=1)
    world.turn()
    assert world.open() == []
    world.begin_anew()
    world.steady_s += 3 * 86_400
    world.turn()
    assert world.open() == []


def test_how_long_is_the_plans(build: Build) -> None:
    world = build(schedules={}, watchdog={"alert": "Watchdog", "silent_after": "1h"})
    watchdog(world)
    world.turn()
    minutes(world, 59)
    assert world.open() == []
    minutes(world, 2)
    assert len(world.open()) == 1


def test_an_overdue_drill_that_a_person_resolved_is_said_again_a_day_later(build: Build) -> None:
    world = build(testing=DRILLS, schedules={})
    held(world, DrillState.PASSED)
    world.clock.forward(days=40)
    world.turn()
    for _ in range(2):
        world.resolved()
        world.clock.forward(hours=23)
        world.begin_anew()
        world.turn()
        assert world.open() == []
        world.clock.forward(hours=1)
        world.turn()
        assert [one.alert_names for one in world.open()] == [("DrbotDrillOverdue",)]


def test_a_drill_that_failed_and_was_resolved_by_a_person_is_not_said_again(build: Build) -> None:
    world = build(testing=DRILLS, schedules={})
    held(world, DrillState.FAILED)
    world.turn()
    world.resolved()
    world.clock.forward(days=20)
    world.begin_anew()
    world.turn()
    assert world.open() == []
