"""Backups that do not come, and backups that nobody can see: told once, and over when all is well."""

from __future__ import annotations

import pytest

from bot.domain.standing import Board, Light, Standing
from tests.schedules.conftest import Build

LOOKS = {
    "database": {
        "title": "PostgreSQL",
        "priority": "critical",
        "words": ["database"],
        "looks": [{"action": "list-backups", "params": {"environment": "production"}}],
    }
}


def board(light: Light, why: str, age_s: float | None = None) -> Board:
    line = Standing("PostgreSQL", light, why, "backup production", "database")
    images = Standing("Images", Light.RED, "no backup of images is replicated", key="images")
    ages = {} if age_s is None else {"backup": age_s}
    return Board((images, line), "2026-11-23T12:00:00.000000Z", False, ages)


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
