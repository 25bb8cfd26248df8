"""What is due is done once, caught up once, and its answer is noted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.run import RunState
from bot.schedules.view import schedule_troubles
from tests.schedules.conftest import AFTER, NIGHTLY, NOON, Build, at_night

DRILLS = {
    "tests": {
        "hall": {
            "title": "Hall test",
            "every": "monthly",
            "owner": "ana",
            "does": [{"action": "low-shelve", "params": {"place": "hall"}}],
        }
    }
}


def test_it_is_asked_for_once_however_often_it_is_looked_at(build: Build) -> None:
    world = at_night(build())
    for _ in range(5):
        world.turn()
        world.begin_anew()
    (run,) = world.asked()
    assert run.state is RunState.APPROVED
    world.live(run)
    world.clock.to("2026-11-24T23:59")
    world.turn()
    assert len(world.asked()) == 1
    world.clock.to("2026-11-25T02:00")
    world.turn()
    assert len(world.asked()) == 2


def test_what_was_missed_is_caught_up_once(build: Build) -> None:
    """Away for five nights: one run, for the newest of them."""
    world = build()
    world.turn()
    world.clock.to("2026-11-28T09:00")
    world.begin_anew()
    world.turn()
    world.turn()
    (run,) = world.asked()
    assert world.answer().due_at.startswith("2026-11-28T02:00")
    assert run.requested_at.startswith("2026-11-28T09:00")


@pytest.mark.disaster(42)
def test_what_is_too_old_is_missed_and_opens_an_incident(build: Build) -> None:
    world = build(schedules={"nightly": {**NIGHTLY, "catch_up": "6h"}})
    world.turn()
    world.clock.to("2026-11-24T09:00")
    world.turn()
    assert world.asked() == []
    assert world.answer().said == (
        "due at 2026-11-24 02:00 UTC and missed: drbot saw it 7h later, and it is caught up for 6h only"
    )
    (incident,) = world.open()
    assert (incident.severity.value, incident.alert_names) == ("SEV-3", ("DrbotScheduledRunFailed",))
    assert "Nightly shelf was not done on schedule: due at" in incident.title
    assert [one.title for one in schedule_troubles(world.plan, world.store)] == ["Schedule Nightly shelf"]


def test_the_first_time_nothing_of_the_past_is_caught_up(build: Build) -> None:
    world = build()
    world.turn()
    assert world.asked() == []
    assert (world.answer().outcome, world.answer().due_at[:16]) == ("seen", "2026-11-23T02:00")


def test_a_refusal_of_the_survey_is_the_answer(build: Build) -> None:
    params = {"place": "hall", "how": "refuse-survey"}
    world = at_night(build(schedules={"nightly": {**NIGHTLY, "params": params}}))
    world.turn()
    world.turn()
    assert (world.answer().outcome, world.answer().said) == ("refused", "there is no such shelf")
    assert world.kinds() == ["schedule-refused"]
    assert "there is no such shelf" in world.open()[0].title


def test_what_comes_after_another_waits_for_each_verified_run(build: Build) -> None:
    world = at_night(build(schedules=AFTER))
    world.turn()
    assert [run.action for run in world.asked()] == ["low-shelve"]
    world.live(1)
    world.turn()
    world.turn()
    assert [run.action for run in world.asked()] == ["low-shelve", "look-shelve"]
    world.clock.to("2026-11-25T02:00")
    world.turn()
    world.live(3, RunState.FAILED)
    world.turn()
    assert [run.action for run in world.asked()] == ["low-shelve", "look-shelve", "low-shelve"]


def test_a_drill_is_held_in_the_schedules_name(build: Build) -> None:
    schedules = {"monthly": {"title": "Rehearse", "cron": "0 2 * * *", "drill": "hall"}}
    world = at_night(build(schedules=schedules, testing=DRILLS))
    world.turn()
    world.turn()
    assert world.held == [("hall", "monthly", "schedule:monthly:2026-11-24T02:00:00.000000Z")]
    assert world.answer("monthly").drill == 1


@pytest.mark.parametrize(("to", "outcome"), [("elsewhere", "done"), ("nowhere", "failed")])
def test_the_copy_of_drbots_own_memory_is_no_run(build: Build, to: str, outcome: str) -> None:
    schedules = {
        "own": {"title": "Own copy", "cron": "0 2 * * *", "action": "self-backup", "params": {"to": to}}
    }
    world = at_night(build(schedules=schedules))
    world.turn()
    world.turn()
    assert world.asked() == []
    assert world.answer("own").outcome == outcome
    assert len(world.open()) == (outcome == "failed")
    assert world.copied == ([(to, 7)] if outcome == "done" else [])


def test_many_schedules_are_each_kept(build: Build) -> None:
    schedules = {
        f"every-{count}": {**NIGHTLY, "cron": f"{count} * * * *", "action": "look-shelve"}
        for count in range(0, 60, 10)
    }
    world = build(schedules=schedules)
    moment = NOON
    while moment < NOON + timedelta(hours=3):
        world.clock.now = moment
        world.turn()
        moment += timedelta(minutes=7)
    assert len(world.asked()) >= 15
    keys = [row[0] for row in world.store.read("SELECT request_key FROM runs")]
    assert len(set(keys)) == len(keys)
