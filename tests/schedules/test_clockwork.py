"""The clockwork: what is due is done once, caught up once, held back by the plan, and said."""

from __future__ import annotations

import os
from datetime import timedelta

import psycopg
import pytest

from bot.domain.run import RunState
from bot.schedules.view import schedule_troubles, shown
from bot.store.database import StoreDown
from bot.store.journal import verify
from bot.store.schedules import newest_verified
from tests.schedules.conftest import NIGHTLY, NOON, Build, World, until

FREEZE = {"title": "Sale", "because": "everybody buys", "weekly": "tue 00:00 - tue 06:00", "risks": ["low"]}
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


def at_night(world: World) -> World:
    """The plan was read at noon; it is two o'clock."""
    world.turn()
    world.clock.to("2026-11-24T02:00:01")
    return world


def test_a_schedule_is_lived_by_the_real_engine(build: Build) -> None:
    world = build().start()
    until(lambda: world.store.read("SELECT 1 FROM schedules"))
    world.clock.to("2026-11-24T02:00:01")
    until(lambda: [run.state for run in world.asked()] == [RunState.VERIFIED])
    (run,) = world.asked()
    assert (run.requested_by, run.params["place"]) == ("schedule:nightly", "hall")
    assert world.answer().run == run.id
    assert world.clockwork.trouble == ""
    assert verify(world.store) is None


def test_only_the_engines_own_process_keeps_schedules(build: Build) -> None:
    world = at_night(build())
    assert world.clockwork.turn() == ""
    assert world.asked() == []


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


@pytest.mark.disaster(56)
def test_a_clock_set_back_is_said_and_nothing_is_done(build: Build) -> None:
    world = at_night(build())
    world.turn()
    world.live(world.asked()[0])
    world.clock.to("2026-11-22T03:00")
    assert world.turn() == ["nightly"]
    assert len(world.asked()) == 1
    (incident,) = world.open()
    assert incident.alert_names == ("DrbotClockBehind",)
    assert "“Nightly shelf”" in world.notices.distrust(["nightly"])
    world.clock.to("2026-11-24T03:00")
    assert world.turn() == []
    assert world.open() == []
    assert len(world.asked()) == 1


@pytest.mark.disaster(56)
def test_a_clock_a_day_ahead_for_a_while_doubles_nothing(build: Build) -> None:
    world = at_night(build())
    for text in ("2026-11-24T02:00", "2026-11-25T02:30", "2026-11-24T03:00", "2026-11-25T02:31"):
        world.clock.to(text)
        world.turn()
        for run in world.asked():
            if run.state is RunState.APPROVED:
                world.live(run)
    assert [run.requested_at[:13] for run in world.asked()] == ["2026-11-24T02", "2026-11-25T02"]


def test_a_freeze_holds_it_back_and_it_is_done_when_the_freeze_is_over(build: Build) -> None:
    world = at_night(build(freezes=[FREEZE]))
    world.turn()
    world.turn()
    assert (world.asked(), world.answer().outcome) == ([], "held")
    assert world.kinds() == ["schedule-held-back"]
    notes = [row[0] for row in world.store.read("SELECT payload FROM outbox WHERE kind = 'incident-note'")]
    assert len(notes) == 1
    assert notes[0].startswith(
        "The plan's schedule “Nightly shelf” is due at 2026-11-24 02:00 UTC, held back:"
    )
    assert "Sale" in notes[0]
    (line,) = shown(world.plan, world.store, world.clock())
    assert (line.due, line.last[:40]) == ("2026-11-25 02:00 UTC", "due at 2026-11-24 02:00 UTC, held back: ")
    world.clock.to("2026-11-24T06:00")
    world.turn()
    assert [run.state for run in world.asked()] == [RunState.APPROVED]
    assert world.answer().due_at.startswith("2026-11-24T02:00")


def test_what_is_held_back_past_its_time_opens_an_incident(build: Build) -> None:
    world = at_night(build(freezes=[FREEZE], schedules={"nightly": {**NIGHTLY, "catch_up": "1h"}}))
    world.turn()
    assert world.open() == []
    world.clock.to("2026-11-24T03:00:02")
    world.turn()
    assert world.asked() == []
    (incident,) = world.open()
    assert "its time is over: due at 2026-11-24 02:00 UTC, held back" in incident.title
    assert world.kinds() == ["schedule-held-back", "schedule-missed"]


def test_a_survey_that_cannot_look_is_tried_again(build: Build) -> None:
    world = at_night(build())
    (world.root / "shelf" / "dark").touch()
    world.turn()
    assert (world.asked(), world.answer().outcome) == ([], "held")
    assert "dark" in world.answer().said
    (world.root / "shelf" / "dark").unlink()
    world.turn()
    assert len(world.asked()) == 1


def test_while_it_is_held_back_it_pauses_longer_and_longer(build: Build) -> None:
    world = build(freezes=[FREEZE])
    world.answers._first_pause_s = 60.0
    at_night(world)
    world.turn()
    calls = len(world.shelf.calls)
    assert world.answers.due() == ([], [])
    assert len(world.shelf.calls) == calls


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
    world.store.write(
        lambda tx: tx.run(
            "UPDATE incidents SET state = 'resolved', resolved_by = 'ana', resolved_at = ?", (tx.now,)
        )
    )
    world.turn()
    assert world.open() == []
    world.clock.to("2026-11-25T02:00")
    world.turn()
    world.live(world.asked()[1], RunState.FAILED)
    world.turn()
    (second,) = world.open()
    assert second.id != first.id


def test_a_refusal_of_the_survey_is_the_answer(build: Build) -> None:
    params = {"place": "hall", "how": "refuse-survey"}
    world = at_night(build(schedules={"nightly": {**NIGHTLY, "params": params}}))
    world.turn()
    world.turn()
    assert (world.answer().outcome, world.answer().said) == ("refused", "there is no such shelf")
    assert world.kinds() == ["schedule-refused"]
    assert "there is no such shelf" in world.open()[0].title


def test_a_run_that_never_began_is_asked_for_again(build: Build) -> None:
    """Killed after asking and away for an hour: the engine refuses the old approval, the plan asks anew."""
    world = at_night(build())
    world.turn()
    world.clock.forward(hours=1)
    assert world.ledger.begin(1) is None
    world.turn()
    world.turn()
    first, second = world.asked()
    assert (first.state, second.state) == (RunState.REFUSED, RunState.APPROVED)
    assert (world.answer().run, world.answer().attempt) == (2, 2)
    assert world.open() == []
    world.live(second)
    world.turn()
    assert len(world.asked()) == 2


def test_a_run_that_never_began_is_missed_once_its_time_is_over(build: Build) -> None:
    world = at_night(build(schedules={"nightly": {**NIGHTLY, "catch_up": "30m"}}))
    world.turn()
    world.clock.forward(hours=1)
    assert world.ledger.begin(1) is None
    world.turn()
    assert len(world.asked()) == 1
    assert world.answer().outcome == "missed"
    assert "RUN-1 was refused before it began" in world.open()[0].title


def test_another_run_on_the_target_lets_it_wait(build: Build) -> None:
    world = at_night(build())
    ana, rui = world.plan.person("ana"), world.plan.person("rui")
    assert ana
    assert rui
    busy = world.runs.propose(ana, "low-shelve", {"place": "hall"})
    world.runs.approve(rui, busy.id)
    assert world.ledger.begin(busy.id) is not None
    world.turn()
    assert (len(world.asked()), world.answer().outcome) == (1, "held")
    world.ledger.finish(busy.id, RunState.VERIFIED, "done")
    world.turn()
    assert len(world.asked()) == 2


AFTER = {
    "nightly": NIGHTLY,
    "then": {"title": "Look", "after": "nightly", "action": "look-shelve", "params": {"place": "hall"}},
}


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


def test_what_comes_after_another_is_not_doubled_by_a_clock_set_back(build: Build) -> None:
    world = at_night(build(schedules=AFTER))
    world.turn()
    world.live(1)
    world.turn()
    world.clock.forward(days=-1)
    for _ in range(3):
        world.turn()
    assert len(world.asked()) == 2
    assert newest_verified(world.store, "nightly", "low-shelve")


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


def test_a_store_that_is_away_is_said_and_loses_nothing(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build().start()
    until(lambda: world.store.read("SELECT 1 FROM schedules"))

    def away(*_: object) -> None:
        raise StoreDown("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "read", away)
        until(lambda: world.clockwork.trouble == "schedules wait until the store answers: the disk is gone")
        world.clock.to("2026-11-24T02:00:01")
    until(lambda: [run.state for run in world.asked()] == [RunState.VERIFIED])
    until(lambda: world.clockwork.trouble == "")


def test_all_of_it_on_postgresql(build: Build, postgres_url: str) -> None:
    """Asked for once, lived by the engine, followed by what comes after it, told when it fails."""
    name = f"schedules_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}".encode())
    grave = {**NIGHTLY, "title": "Fails", "params": {"place": "attic", "how": "break-books"}}
    url = f"{postgres_url.rsplit('/', 1)[0]}/{name}"
    world = build(url=url, schedules={**AFTER, "grave": grave})
    world.answers.due()
    world.clock.to("2026-11-24T02:00:01")
    world.start()
    until(lambda: len(world.asked()) == 3 and all(run.state.ended for run in world.asked()), 40)
    assert sorted(run.state.value for run in world.asked()) == ["undone", "verified", "verified"]
    until(lambda: [one.alert_names for one in world.open()] == [("DrbotScheduledRunFailed",)])
    assert world.clockwork.trouble == ""
    assert verify(world.store) is None
