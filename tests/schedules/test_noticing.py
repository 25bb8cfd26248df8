"""What drbot notices by itself: it opens the right incident, once, and closes it when all is well again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.domain.drill import Drill, DrillPart, DrillState, PartState
from bot.domain.run import RunState
from bot.domain.walk import Doing
from bot.drills.certificate import stored
from bot.drills.measure import Measured, Rehearsed
from bot.drills.record import certify, promises_of
from bot.drills.verdict import judge
from bot.store import drills
from bot.store.database import Tx, iso
from tests.schedules.conftest import Build, World, at_night

BELEZZA = Path(__file__).parents[2] / "data" / "belezza.yaml"
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


def measured(world: World, data_of: str) -> Drill:
    """A drill that recovered and was judged now, as its certificate tells it."""
    parts = (DrillPart(Doing("low-shelve", "Rehearse", {}), state=PartState.HELD, run=1),)
    now = iso(world.clock())
    began = Drill(0, "hall", "Hall test", DrillState.UNDER_WAY, "ana", now, parts=parts)
    drill = world.store.write(lambda tx: drills.insert(tx, began))
    found = Measured((), (Rehearsed("RUN-1", "b1", data_of),), 41.0)
    promises = promises_of(world.plan)
    verdict = judge(parts, found, now, promises)
    told = certify(world.plan, drill, now, [], found, verdict, promises)
    state = DrillState.PASSED if verdict.passed else DrillState.FAILED
    ended = replace(drill, state=state, ended_at=now, said=verdict.said, certificate=stored(told))
    world.store.write(lambda tx: drills.save(tx, ended))
    return ended


def test_an_rpo_that_no_backup_of_the_plan_could_keep_wakes_nobody(build: Build) -> None:
    backups = yaml.safe_load(BELEZZA.read_text(encoding="utf-8"))["backups"]  # daily; an hour is promised
    world = build(testing=DRILLS, schedules={}, backups=backups)
    held(world, DrillState.FAILED)
    world.turn()
    assert len(world.open()) == 1
    drill = measured(world, "2026-11-23T02:00:00Z")
    assert "RPO 1 h promised, 10 h measured" in drill.said
    world.turn()
    assert (drill.state, world.open()) == (DrillState.FAILED, []), "recovery worked again"
    world.clock.forward(days=31)
    world.turn()
    assert world.open() == [], "and it is not overdue: nobody could have done better at that hour"
    measured(world, "2026-12-20T02:00:00Z")
    world.turn()
    (incident,) = world.open()
    assert incident.title.startswith("Hall test failed in rehearsal (DRILL-3): Recovery worked"), (
        "too old a backup"
    )


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


@pytest.mark.disaster(42)
@pytest.mark.parametrize("state", [RunState.FAILED, RunState.STOPPED, RunState.UNDONE])
def test_a_scheduled_run_that_ends_badly_opens_an_incident_and_a_good_one_closes_it(
    build: Build, state: RunState
) -> None:
    world = at_night(build())
    world.turn()
    world.live(world.asked()[0], state)
    world.turn()
    (incident,) = world.open()
    assert (incident.severity.value, incident.environment) == ("SEV-4", "staging")
    assert f"RUN-1 ended {state.value}" in incident.title
    world.clock.to("2026-11-25T02:00")
    world.turn()
    world.live(world.asked()[1])
    world.turn()
    assert world.open() == []


def test_a_second_bad_night_is_told_though_a_person_resolved_the_first(build: Build) -> None:
    world = at_night(build())
    world.turn()
    world.live(world.asked()[0], RunState.FAILED)
    world.turn()
    (first,) = world.open()
    world.resolved()
    world.turn()
    assert world.open() == []
    world.clock.to("2026-11-25T02:00")
    world.turn()
    world.live(world.asked()[1], RunState.FAILED)
    world.turn()
    (second,) = world.open()
    assert second.id != first.id
