"""The wall clock is set, the bot killed, the machine begun anew: none lost, none doubled, none at once."""

from __future__ import annotations

import pytest

from tests.escalation.conftest import Build, World

HOUR = pytest.mark.parametrize("hours", [1, -1])
ALL = ["On-call engineer", "Engineering lead", "CTO"]


def names(world: World, number: int = 1) -> list[str]:
    return [one.rsplit(" ", 1)[0] for one in world.told(number)]


def after(world: World, minutes: float) -> list[str]:
    world.live(minutes)
    return names(world)


@HOUR
@pytest.mark.parametrize("restarted", [False, True], ids=["lives on", "killed meanwhile"])
def test_an_hour_either_way(build: Build, store_url: str, hours: int, restarted: bool) -> None:
    world = build(store_url)
    world.declare()
    assert after(world, 5) == ALL[:1]
    world.clocks.jump(hours=hours)
    if restarted:
        world.begin_anew()
    assert after(world, 9.5) == ALL[:1], "nobody is told early"
    assert after(world, 1) == ALL[:2], "nobody waits an hour"
    assert after(world, 14) == ALL[:2]
    assert after(world, 1) == ALL
    assert after(world, 90) == ALL
    assert {one.data["late_s"] for one in world.journal("escalated")} <= {0.0}


@HOUR
def test_the_card_and_the_rows_say_the_moments_as_the_wall_clock_has_them_now(
    build: Build, hours: int
) -> None:
    world = build()
    world.declare()
    world.turn()
    shown = world.store.read("SELECT wanted FROM outbox WHERE kind = 'incident-card'")
    world.clocks.jump(hours=hours)
    world.live(1)
    assert world.clock().due_at[11:16] == f"0{3 + hours}:15"
    assert [one.due_at[11:16] for one in world.tells() if not one.told_at] == [
        f"0{3 + hours}:15",
        f"0{3 + hours}:30",
    ]
    assert world.store.read("SELECT wanted FROM outbox WHERE kind = 'incident-card'") > shown
    world.incidents.acknowledge(world.person("ana"), 1)
    (stopped,) = world.journal("clock-stopped")
    assert stopped.data["after_s"] == pytest.approx(60, abs=1)


@HOUR
def test_what_begins_right_after_the_jump_has_its_whole_time(build: Build, hours: int) -> None:
    world = build()
    world.declare()
    world.turn()
    world.clocks.jump(hours=hours)
    world.declare(title="another database down")
    world.live(14.5)
    assert names(world, 2) == ALL[:1]
    world.live(0.5)
    assert names(world, 2) == ALL[:2]


@HOUR
def test_back_and_forth(build: Build, hours: int) -> None:
    world = build()
    world.declare()
    for _ in range(7):
        world.live(2)
        world.clocks.jump(hours=hours)
        world.live(0.5)
        world.clocks.jump(hours=-hours)
    assert names(world) == ALL[:2]
    world.live(60)
    assert names(world) == ALL


def test_after_the_machine_began_anew_the_wall_clock_says_how_long_it_was_down(
    build: Build, store_url: str
) -> None:
    world = build(store_url)
    world.declare()
    world.live(5)
    world.clocks.reboot()
    world.clocks.forward(minutes=2)
    world.begin_anew()
    assert after(world, 7.5) == ALL[:1]
    assert after(world, 1) == ALL[:2]


def test_begun_anew_with_a_clock_an_hour_behind_nothing_waits_longer_than_the_plan_says(build: Build) -> None:
    world = build()
    world.declare()
    world.live(5)
    world.clocks.reboot()
    world.clocks.jump(hours=-1)
    world.begin_anew()
    assert after(world, 15) == ALL[:2]


@HOUR
def test_another_machines_clock_counts_on_this_ones_from_its_first_look(build: Build, hours: int) -> None:
    """A shell elsewhere wrote it while this bot lives: a jump before the look is no time passed."""
    world = build()
    world.turn()
    world.declare()
    world.store.write(lambda tx: tx.run("UPDATE clocks SET boot = 'elsewhere', start_ms = 9"))
    world.clocks.jump(hours=hours)
    world.live(14)
    assert names(world) == ALL[:1]
    world.live(1.5)
    assert names(world) == ALL[:2]
