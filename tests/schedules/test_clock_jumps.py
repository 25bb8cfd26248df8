"""A clock that jumps: nothing is done twice, and what it means is said."""

from __future__ import annotations

import pytest

from bot.domain.run import RunState
from bot.store.schedules import newest_verified
from tests.schedules.conftest import AFTER, Build, at_night


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
