"""What the plan holds back is tried again until its time is over, and then it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.run import RunState
from bot.schedules.view import shown
from tests.schedules.conftest import FREEZE, NIGHTLY, NOON, Build, World, at_night


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


def refusing(world: World) -> None:
    """Every run of it is held back from now on, as by an open breaker."""
    (world.root / "shelf" / "dark").touch()


def hour_by_hour(world: World, hours: int) -> list[tuple[str, ...]]:
    """What is open after each hour."""
    told = []
    for _ in range(hours):
        world.clock.forward(hours=1)
        world.turn()
        world.turn()
        told.append(tuple(one.title for one in world.open()))
    return told


def test_what_is_held_back_every_night_is_told_after_the_first(build: Build) -> None:
    """A day to catch it up and a night between two: the next moment must not hide that none is done."""
    world = at_night(build())
    refusing(world)
    world.turn()
    told = hour_by_hour(world, 24 * 7)
    assert not any(told[:23])
    assert all(
        "Nightly shelf was not done on schedule: its time is over: due at" in one[0] for one in told[24:]
    )
    assert world.kinds().count("schedule-missed") == 7
    assert world.kinds().count("schedule-held-back") == 8
    notes = world.store.read("SELECT payload FROM outbox WHERE payload LIKE '%held back%'")
    assert len(notes) == 8
    world.resolved()
    assert not any(hour_by_hour(world, 23))
    assert "due at 2026-12-01 02:00 UTC" in hour_by_hour(world, 2)[-1][0], "every further night is told"
    (world.root / "shelf" / "dark").unlink()
    world.turn()
    world.live(world.asked()[0])
    world.turn()
    assert world.open() == []


def test_one_that_is_due_every_hour_is_told_when_its_day_is_over(build: Build) -> None:
    """The plan gives it a day to be caught up: a sale's freeze of a few hours opens no incident."""
    world = build(schedules={"hourly": {**NIGHTLY, "cron": "15 * * * *"}})
    world.turn()
    world.clock.to("2026-11-24T00:15:01")
    refusing(world)
    world.turn()
    told = hour_by_hour(world, 30)
    assert not any(told[:23])
    assert all(told[24:])
    assert "due at 2026-11-24 00:15 UTC" in told[-1][0]


def test_one_whose_runs_never_begin_is_told_when_the_next_is_due(build: Build) -> None:
    world = at_night(build())
    for night in range(3):
        world.turn()
        world.clock.forward(hours=1)
        assert world.ledger.begin(world.asked()[-1].id) is None
        world.clock.now = NOON + timedelta(days=night + 1, hours=14, seconds=1)
        world.turn()
        (incident,) = world.open()
        assert f"RUN-{night + 1} was refused before it began" in incident.title
        world.resolved()


@pytest.mark.parametrize("away", [timedelta(hours=3), timedelta(days=5)])
def test_what_was_held_back_when_drbot_went_away_is_done_or_told(build: Build, away: timedelta) -> None:
    world = at_night(build())
    refusing(world)
    world.turn()
    (world.root / "shelf" / "dark").unlink()
    world.clock.now += away
    world.begin_anew()
    world.turn()
    world.turn()
    (run,) = world.asked()
    assert run.state is RunState.APPROVED
    assert len(world.open()) == (away > timedelta(days=1))
