"""Monitoring that falls silent: heard once, and heard no more."""

from __future__ import annotations

import pytest

from bot.domain.alert import Alert, AlertStatus, Notification
from tests.schedules.conftest import Build, World


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
