"""Whoever was told late hears how late, and drbot's own alarm says that the promise was not kept."""

from __future__ import annotations

from bot.domain.severity import Severity
from bot.escalation.pending import Due
from bot.escalation.steady import Beat
from bot.escalation.telling import Telling
from bot.oncall import Roster
from tests.escalation.conftest import Build, World
from tests.schedules.conftest import until

ALL = ["On-call engineer", "Engineering lead", "CTO"]


def names(world: World, number: int = 1) -> list[str]:
    return [one.rsplit(" ", 1)[0] for one in world.told(number)]


class Faulty(Telling):
    """It cannot tell the lead of the first incident, whatever it tries."""

    def tell(self, one: Due, beat: Beat, roster: Roster) -> bool:
        if (one.incident, one.step.tell) == (1, "Engineering lead"):
            raise ValueError("no such words")
        return super().tell(one, beat, roster)


def test_a_bot_that_was_down_tells_what_fell_due_says_how_late_and_raises_one_alarm(
    build: Build, store_url: str
) -> None:
    world = build(store_url)
    for number in range(3):
        world.declare(Severity.SEV1, f"trouble {number}")
    world.clocks.forward(minutes=41)
    world.begin_anew()
    world.turn()
    assert names(world) == ALL
    late = [one.data for one in world.journal("escalated") if one.data["late_s"]]
    assert [one["late_s"] for one in late] == [41 * 60, 26 * 60, 11 * 60]
    assert late[1]["said"] == (
        "Engineering lead was told by mail and a mention in the incident's thread: Eva Reis, 26 min late."
    )
    world.fold()
    alarms = world.store.read("SELECT name, annotations FROM alerts WHERE source = 'drbot'")
    assert [one[0] for one in alarms] == ["DrbotPageLate"]
    assert "9 pages were late: On-call engineer for INC-1, due 03:00 UTC, by 41 min" in alarms[0][1]
    world.begin_anew()
    world.live(5)
    assert len(world.store.read("SELECT 1 FROM alerts WHERE source = 'drbot'")) == 1


def test_what_is_told_in_time_is_no_alarm(build: Build) -> None:
    world = build()
    world.declare()
    world.live(40, step_s=59)
    assert names(world) == ALL
    assert world.store.read("SELECT 1 FROM alerts") == []


def test_a_line_that_cannot_be_told_is_alarmed_and_keeps_nobody_else_waiting(build: Build) -> None:
    world = build()
    world.begin_anew(Faulty(world.store, world.plan, pager=False))
    world.declare()
    world.declare(title="another database down")
    world.live(16.5)
    assert world.turn() == "Engineering lead could not be told of INC-1: ValueError: no such words"
    assert names(world) == ALL[:1]
    assert names(world, 2) == ALL[:2]
    (said,) = world.store.read("SELECT annotations FROM alerts WHERE name = 'DrbotPageLate'")
    assert "Engineering lead for INC-1, due 03:15 UTC, is not told yet" in said[0]
    world.live(30)
    assert names(world) == [ALL[0], ALL[2]]
    world.begin_anew()
    world.turn()
    assert names(world) == [ALL[0], ALL[2], ALL[1]]


def test_who_is_not_the_engine_tells_nobody(build: Build) -> None:
    world = build()
    world.ours = False
    world.declare()
    world.live(60)
    assert world.told() == []
    world.ours = True
    world.turn()
    assert names(world) == ALL


def test_the_thread_tells_by_itself_when_a_clock_begins(build: Build) -> None:
    """With real time: the bell wakes it, nobody turns it."""
    world = build()
    world.escalation.start()
    world.declare()
    until(lambda: names(world) == ALL[:1])
    assert world.escalation.trouble == ""


def test_a_thread_that_stands_still_says_so(build: Build) -> None:
    world = build()
    world.ours = False
    assert world.escalation.trouble == ""
    world.escalation._turned = world.clocks.steady()
    world.clocks.forward(seconds=61)
    assert "nobody has been told anything for 61 s" in world.escalation.trouble
