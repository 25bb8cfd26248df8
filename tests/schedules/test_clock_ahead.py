"""A clock that was far ahead for a while and is right again: schedules go on, and that is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.run import RunState
from bot.schedules.steadiness import Steadiness
from bot.schedules.view import shown
from bot.store.journal import verify
from tests.schedules.conftest import AFTER, NIGHTLY, NOON, Build, World

YEAR = timedelta(days=365)


def go_on(world: World, minutes: float, step: float = 1.0) -> None:
    """Both clocks go on, and drbot looks."""
    for _ in range(int(minutes / step)):
        world.steady_s += step * 60
        world.clock.forward(minutes=step)
        world.turn()
        for run in world.asked():
            if run.state is RunState.APPROVED:
                world.live(run)


def jumped(world: World, ahead: timedelta, back_at: str) -> World:
    """The plan was read at noon; then the clock was ahead for a turn, and a run was made by it."""
    world.turn()
    world.clock.now += ahead
    world.turn()
    for run in world.asked():
        world.live(run)
    world.clock.to(back_at)
    return world


@pytest.mark.disaster(56)
@pytest.mark.parametrize("ahead", [timedelta(days=2), YEAR, 12 * YEAR])
def test_after_ten_minutes_of_a_steady_clock_it_is_trusted(build: Build, ahead: timedelta) -> None:
    world = jumped(build(), ahead, "2026-11-24T12:00")
    assert world.turn() == ["nightly"]
    (incident,) = world.open()
    assert incident.alert_names == ("DrbotClockBehind",)
    assert "the clock is behind now, or it was ahead then" in incident.title
    go_on(world, 9)
    assert (len(world.asked()), len(world.open())) == (1, 1)
    go_on(world, 2)
    assert world.open() == []
    assert world.asked()[1].requested_at[:13] == "2026-11-24T12", "what was due at two is caught up"
    assert world.answer().due_at[:16] == "2026-11-24T02:00"
    assert "schedule-taken-back" in world.kinds()
    night = f"{NOON + ahead:%Y-%m-%d} 02:00 UTC"
    ((told,),) = world.store.read("SELECT payload FROM outbox WHERE payload LIKE '%goes by%'")
    assert told == (
        f"The plan's schedule “Nightly shelf” goes by the clock again: it had answered {night}, which has not"
        " come, and the clock has run steadily since, for 10m. See that the clock of drbot's host is right"
        " (NTP)."
    )
    go_on(world, 3 * 1440, 30)
    done_ahead = ahead < timedelta(days=3)  # its request is known: it is not done again
    assert len(world.asked()) == (4 if done_ahead else 5), "and every night after that"
    assert verify(world.store) is None


@pytest.mark.disaster(56)
def test_what_is_not_due_for_weeks_is_neither_done_nor_missed(build: Build) -> None:
    world = build(schedules={"nightly": {**NIGHTLY, "cron": "0 2 1 * *"}})
    jumped(world, timedelta(days=70), "2026-11-24T12:00")
    go_on(world, 30)
    assert (len(world.asked()), world.open(), world.answer().outcome) == (1, [], "seen")
    (line,) = shown(world.plan, world.store, world.clock())
    assert line.last == "goes by the clock again: it had answered 2027-02-01 02:00 UTC, which has not come"


@pytest.mark.disaster(56)
def test_a_clock_that_stays_behind_does_nothing_twice(build: Build) -> None:
    """It was right, and is a day behind from then on: what it comes past again was done."""
    world = build(schedules=AFTER)
    world.turn()
    go_on(world, 2 * 1440, 30)
    done = [run.id for run in world.asked()]
    assert len(done) == 4
    world.clock.forward(days=-1)
    go_on(world, 1440 - 30, 30)
    assert [run.id for run in world.asked()] == done
    go_on(world, 1440, 30)
    assert len(world.asked()) == 6


@pytest.mark.disaster(56)
def test_a_clock_that_jumps_on_and_on_is_never_trusted(build: Build) -> None:
    world = jumped(build(), YEAR, "2026-11-24T12:00")
    for _ in range(40):
        go_on(world, 8)
        world.clock.forward(minutes=-7)
    assert len(world.asked()) == 1
    assert [one.alert_names for one in world.open()] == [("DrbotClockBehind",)]


def test_the_clocks_alarm_is_said_again_when_a_person_resolved_it(build: Build) -> None:
    world = jumped(build(), YEAR, "2026-11-24T12:00")
    world.turn()
    world.resolved()
    world.clock.forward(hours=5)
    world.turn()
    assert [one.alert_names for one in world.open()] == [("DrbotClockBehind",)]


@given(st.lists(st.tuples(st.floats(0, 3_600), st.floats(-59, 59)), min_size=1, max_size=50))
def test_a_clock_that_only_slews_is_steady_from_the_first_look(looks: list[tuple[float, float]]) -> None:
    found, now, steady_s = Steadiness(), datetime(2026, 11, 23, tzinfo=UTC), 7.0
    assert found.look(now, steady_s) == 0
    for passed_s, off_s in looks:
        now, steady_s = now + timedelta(seconds=passed_s + off_s), steady_s + passed_s
        assert found.look(now, steady_s) == steady_s - 7.0


@given(st.integers(61, 10**8), st.booleans(), st.floats(0, 3_600))
def test_a_jump_begins_anew(jump_s: int, back: bool, passed_s: float) -> None:
    found = Steadiness()
    found.look(NOON, 0.0)
    found.look(NOON + timedelta(seconds=5_000), 5_000.0)
    later = NOON + timedelta(seconds=5_000 + passed_s + (-jump_s if back else jump_s))
    assert found.look(later, 5_000.0 + passed_s) == 0
