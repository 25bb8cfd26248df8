"""Backups that do not come, and backups that nobody can see: told once, and over when all is well."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.failures import Transient
from actions.plan import AnyAction, Evidence
from bot.domain.standing import Board, Light, Standing
from bot.readiness.watching import Watching
from bot.store.database import iso
from tests.readiness.looks import World as Looked
from tests.readiness.looks import look
from tests.schedules.conftest import Build, World

HOUR_S, DAY_S = 3_600.0, 86_400.0
DAILY: Mapping[str, object] = {
    "title": "Daily",
    "cron": "0 2 * * *",
    "action": "back-up-database",
    "params": {"environment": "production"},
}
CLUSTER = {"stanza": "b", "config": "/c", "data_directory": "/d", "archive_timeout": "60s"}
ARCHIVED = {"production": {"customers": True, "cluster": CLUSTER}, "staging": {"match": ['env="staging"']}}


def looks(*actions: str) -> Mapping[str, object]:
    offers = [{"action": one, "params": {"environment": "production"}} for one in actions]
    words = {"title": "PostgreSQL", "priority": "critical", "words": ["database"]}
    return {"database": {**words, "looks": offers}}


LOOKS = looks("look-at-backups")
BOTH = looks("look-at-backups", "look-at-archive")


def sees(world: World, light: Light, why: str, /, **ages_s: float) -> list[str]:
    """The board is measured, as every five minutes, and drbot looks at it; the names of what is open."""
    pass_by(world, 5)
    line = Standing("PostgreSQL", light, why, "backup production", "database")
    images = Standing("Images", Light.RED, "no backup of images is replicated", key="images")
    world.board = Board((images, line), iso(world.clock()), False, ages_s)
    return look_again(world)


def look_again(world: World) -> list[str]:
    world.notices.slowly()
    world.fold()
    return [name for one in world.open() for name in one.alert_names]


def pass_by(world: World, minutes: float) -> None:
    world.steady_s += minutes * 60
    world.clock.forward(minutes=minutes)


@pytest.mark.disaster(42)
def test_no_good_backup_for_longer_than_the_rpo(build: Build) -> None:
    world = build(components=LOOKS)
    assert sees(world, Light.GREEN, "59 min old", backup=3540) == []
    sees(world, Light.RED, "too old", backup=3660)
    sees(world, Light.RED, "too old", backup=3960)
    (incident,) = world.open()
    assert (incident.severity.value, incident.component, incident.environment) == (
        "SEV-2",
        "database",
        "production",
    )
    assert incident.title.startswith("No good backup for longer than the plan allows: ")
    assert incident.title.endswith("the newest good one is 1h 1m old, and the RPO is 1h")
    assert incident.alerts_total == 1
    assert sees(world, Light.GREEN, "new", backup=10) == []


@pytest.mark.disaster(42)
def test_a_plan_that_cannot_keep_its_rpo_is_told_when_a_backup_did_not_come(build: Build) -> None:
    """A day between two backups and an RPO of an hour is the plan check's to say, not every night's."""
    world = build(components=LOOKS, schedules={"daily": DAILY})
    assert sees(world, Light.RED, "20 h old, RPO 1 h", backup=24 * HOUR_S + 3500) == []
    sees(world, Light.RED, "26 h old, RPO 1 h", backup=26 * HOUR_S)
    (incident,) = world.open()
    assert incident.severity.value == "SEV-2"
    assert "the newest good one is 26h old, and the backup of `0 2 * * *` should have" in incident.title
    assert "every 24h (the RPO is 1h)" in incident.title


@pytest.mark.disaster(42)
def test_no_good_backup_at_all(build: Build) -> None:
    world = build(components=LOOKS)
    sees(world, Light.RED, "none of 7 backups can be proven whole", backup=inf)
    (incident,) = world.open()
    assert incident.title.endswith("there is none that can be proven, and the RPO is 1h")
    ((said,),) = world.store.read("SELECT annotations FROM alerts")
    assert "The board says of PostgreSQL: none of 7 backups can be proven whole." in said


@pytest.mark.disaster(43)
@pytest.mark.parametrize(("archive", "late"), [(14 * 60.0, False), (16 * 60.0, True), (inf, True)])
def test_an_archive_that_stands_still_is_told_before_the_rpo_is_broken(
    build: Build, archive: float, late: bool
) -> None:
    """A dump of this night hides nothing: the plan keeps its RPO of an hour by the WAL."""
    world = build(components=BOTH, environments=ARCHIVED, schedules={"daily": DAILY})
    assert (sees(world, Light.RED, "", backup=10 * HOUR_S, archive=archive) == ["DrbotArchiveLate"]) is late
    if late:
        assert world.open()[0].severity.value == "SEV-2"
        assert world.open()[0].title.endswith("it should be archived every 1m (the RPO is 1h)")
    assert sees(world, Light.GREEN, "", backup=10 * HOUR_S, archive=3) == []


@pytest.mark.disaster(42)
def test_a_dump_that_did_not_come_is_told_though_the_archive_is_well(build: Build) -> None:
    world = build(components=BOTH, environments=ARCHIVED, schedules={"daily": DAILY})
    assert sees(world, Light.GREEN, "", backup=24 * HOUR_S, archive=40) == []
    assert sees(world, Light.RED, "", backup=40 * DAY_S, archive=40) == ["DrbotBackupTooOld"]
    assert "the newest good one is 40d old" in world.open()[0].title


def test_where_the_archive_keeps_the_rpo_and_no_dump_is_planned_none_is_missed(build: Build) -> None:
    world = build(components=BOTH, environments=ARCHIVED, schedules={})
    assert sees(world, Light.GREEN, "", backup=40 * DAY_S, archive=40) == []


def test_a_look_that_is_slow_once_wakes_nobody(build: Build) -> None:
    """The nightly backup loads S3 exactly then: what was seen ten minutes ago is not forgotten."""
    world = build(components=LOOKS)
    assert sees(world, Light.GREEN, "fine", backup=600) == []
    for _ in range(3):
        assert sees(world, Light.RED, "look-at-backups did not answer within 20s") == []
    assert sees(world, Light.RED, "look-at-backups did not answer within 20s") == ["DrbotBackupsUnseen"]
    (incident,) = world.open()
    assert incident.severity.value == "SEV-3"
    assert incident.title == (
        "Whether there is a good backup is not known: nothing could be seen of it for 15m"
    )
    ((said,),) = world.store.read("SELECT annotations FROM alerts")
    assert "The board says of PostgreSQL: look-at-backups did not answer within 20s." in said
    assert sees(world, Light.GREEN, "fine", backup=1_800) == []


def test_what_was_seen_gets_older_while_nobody_sees_it(build: Build) -> None:
    world = build(components=LOOKS)
    sees(world, Light.GREEN, "fine", backup=600)
    pass_by(world, 46)
    assert sees(world, Light.RED, "S3 does not answer") == ["DrbotBackupTooOld", "DrbotBackupsUnseen"]
    assert "the newest good one that was seen is 1h 1m old" in world.open()[0].title


@pytest.mark.parametrize("light", [Light.UNKNOWN, Light.GREEN, Light.RED])
def test_a_look_that_was_blind_from_the_first_is_told(build: Build, light: Light) -> None:
    """A variable that is not set, beside another look that is green: no age is no comfort."""
    world = build(components=LOOKS)
    for _ in range(4):
        assert sees(world, light, "DR_BUCKET is not set") == []
    assert sees(world, light, "DR_BUCKET is not set") == ["DrbotBackupsUnseen"]


def test_a_board_that_is_measured_no_more_is_told(build: Build) -> None:
    world = build(components=LOOKS)
    sees(world, Light.GREEN, "fine", backup=600)
    pass_by(world, 16)
    assert look_again(world) == ["DrbotBackupsUnseen"]
    world.begin_anew()
    world.board = None
    look_again(world)
    pass_by(world, 16)
    assert look_again(world) == ["DrbotBackupsUnseen"]


def test_what_was_not_measured_raises_and_clears_nothing(build: Build) -> None:
    world = build(components=LOOKS)
    assert sees(world, Light.UNKNOWN, "S3 does not answer") == []
    assert sees(world, Light.RED, "none can be proven", backup=inf) == ["DrbotBackupTooOld"]
    world.begin_anew()
    for light in (Light.UNKNOWN, Light.GREEN, Light.RED):
        assert sees(world, light, "no age") == ["DrbotBackupTooOld"]
    world.board = None
    assert look_again(world) == ["DrbotBackupTooOld"]


def test_one_that_a_person_resolved_is_said_again_though_drbot_was_started_anew(build: Build) -> None:
    world = build(components=LOOKS)
    sees(world, Light.RED, "old", backup=30 * HOUR_S)
    for day in range(3):
        world.resolved()
        pass_by(world, 24 * 60)
        world.begin_anew()
        assert sees(world, Light.RED, "old", backup=(54 + 24 * day) * HOUR_S) == ["DrbotBackupTooOld"]


def test_a_plan_that_has_no_look_at_backups_is_told_nothing_of_them(build: Build) -> None:
    world = build()
    for _ in range(9):
        assert sees(world, Light.RED, "old", backup=30 * HOUR_S) == []


def test_a_real_board_whose_look_fails_wakes_nobody_at_once(build: Build) -> None:
    """From the look's own failure to the alarm, through what measures."""
    world = build(components=LOOKS)
    answers: list[Evidence | None] = [Evidence("young", {"age s": "60"}, "green")]

    def found(_: Looked) -> Evidence:
        if answers[0] is None:
            raise Transient("S3 does not answer")
        return answers[0]

    actions: Mapping[str, AnyAction] = {"look-at-backups": look("look-at-backups", found)}
    watching = Watching(world.plan, Looked().toolbox(), actions)

    def measured() -> list[str]:
        pass_by(world, 5)
        seen = watching.measure()
        world.board = Board(seen.standings, iso(world.clock()), False, seen.ages_s)
        return look_again(world)

    assert measured() == []
    answers[0] = None
    assert [measured() for _ in range(4)] == [[], [], [], ["DrbotBackupsUnseen"]]
    answers[0] = Evidence("there is no proven backup", {"age s": "inf"}, "red")
    assert measured() == ["DrbotBackupsUnseen", "DrbotBackupTooOld"]
    answers[0] = Evidence("young", {"age s": "60"}, "green")
    assert measured() == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.none(), st.floats(0, 2 * HOUR_S)), min_size=1, max_size=12))
def test_whatever_is_seen_too_old_is_told_exactly_while_it_is_known_to_be(
    build: Build, seen: list[float | None]
) -> None:
    world = build(components=LOOKS)  # of one memory: what an example left is cleared first
    world.alarms.clear("DrbotBackupTooOld", "backups")
    world.alarms.clear("DrbotBackupsUnseen", "backups")
    look_again(world)
    known: float | None = None
    for age in seen:
        known = age if age is not None else None if known is None else known + 300
        sees(world, Light.RED, "", **({} if age is None else {"backup": age}))
        firing = world.store.read(
            "SELECT 1 FROM alerts WHERE status = 'firing' AND name = 'DrbotBackupTooOld'"
        )
        assert bool(firing) is (known is not None and known > HOUR_S)
