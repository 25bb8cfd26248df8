"""Reminders: the working day before, on the day, each week; over restarts, jumps and two who look at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.action_items.reminding import Reminders
from bot.schedules.clockwork import Clockwork
from bot.store.journal import verify
from tests.action_items.conftest import Room, plan_of
from tests.schedules.conftest import World as Scheduled
from tests.schedules.conftest import build  # noqa: F401 - a fixture
from tests.store.conftest import Clock, Opened


def at(room: Room, text: str) -> int:
    """Let it be this moment, and look; how many were sent."""
    room.clock.now = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return room.reminders.turn()


def keys(room: Room) -> list[str]:
    return [key for key, _ in room.reminders_sent()]


def test_the_owner_hears_before_on_the_day_and_each_week(room: Room) -> None:
    room.declare("The pool is exhausted")
    room.say("item add INC-1 raise the pool owner=ana due=2026-11-30")  # a Monday
    assert at(room, "2026-11-27T08:59") == 0
    assert at(room, "2026-11-27T09:00") == 1
    assert at(room, "2026-11-28T12:00") == at(room, "2026-11-30T08:59") == 0
    assert at(room, "2026-11-30T09:00") == 1
    assert at(room, "2026-12-06T23:59") == 0
    assert at(room, "2026-12-07T09:01") == 1
    assert at(room, "2026-12-14T10:00") == 1
    room.say("item done AI-1")
    assert at(room, "2026-12-21T10:00") == 0
    days = ("2026-11-27", "2026-11-30", "2026-12-07", "2026-12-14")
    assert keys(room) == [f"action-item:1:{day}" for day in days]
    payloads = [payload for _, payload in room.reminders_sent()]
    assert payloads[0] == (
        "@ana\nAna Souza: AI-1 “raise the pool” is due Monday 2026-11-30, from INC-1 The pool is exhausted."
        " `item done AI-1` when it is, `item due AI-1 DAY` to move it."
    )
    assert "is due today" in payloads[1]
    assert "is 7 days overdue (due 2026-11-30)" in payloads[2]
    assert "Ana Souza was reminded: AI-1 “raise the pool” is due today" in room.said()
    assert room.kinds().count("action-item-reminded") == 4
    assert verify(room.store) is None


def test_of_several_that_were_missed_the_newest_is_sent_once(room: Room) -> None:
    room.declare()
    room.say("item add INC-1 raise the pool owner=ana due=2026-11-30")
    assert at(room, "2026-12-20T03:00") == 1
    assert keys(room) == ["action-item:1:2026-12-14"]
    assert at(room, "2026-12-20T03:01") == 0


@pytest.mark.parametrize("jump_h", [1, 24])
def test_a_clock_that_jumps_sends_none_twice_and_loses_none(room: Room, jump_h: int) -> None:
    room.declare()
    room.say("item add INC-1 raise the pool owner=ana due=2026-12-02")
    assert at(room, "2026-12-01T09:10") == 1
    room.clock.forward(hours=-jump_h)
    assert room.reminders.turn() == 0
    room.clock.forward(hours=jump_h + 1)
    assert room.reminders.turn() == 0
    assert at(room, "2026-12-02T08:30") == 0
    room.clock.forward(hours=jump_h)  # ahead: it is told early, or as the day after
    assert room.reminders.turn() == 1
    room.clock.forward(hours=-jump_h)
    assert room.reminders.turn() == 0
    assert at(room, "2026-12-02T09:00") == 0
    assert keys(room) == ["action-item:1:2026-12-01", "action-item:1:2026-12-02"]


def test_the_plan_names_the_clock(opened: Opened) -> None:
    room = Room(opened.store, opened.clock, plan_of(timezone="America/Sao_Paulo"))
    room.declare()
    room.say("item add INC-1 raise the pool owner=ana due=2026-12-02")
    assert at(room, "2026-12-01T11:59") == 0
    assert at(room, "2026-12-01T12:00") == 1
    assert room.clock.now == datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_whom_nobody_named_is_not_reminded(room: Room) -> None:
    room.declare()
    room.say("item add INC-1 no owner due=2026-11-30")
    room.say("item add INC-1 no date owner=ana")
    assert at(room, "2027-02-01T12:00") == 0


def test_what_whoever_set_the_day_knows_is_not_told_again(room: Room) -> None:
    room.declare()
    room.clock.forward(hours=12)
    room.say("item add INC-1 raise the pool owner=ana due=today")
    room.say("item add INC-1 rotate the key owner=ana due=tomorrow")
    assert room.reminders.turn() == 0
    assert at(room, "2026-11-24T09:00") == 1
    room.say("item due AI-1 2026-12-02")
    assert at(room, "2026-11-30T09:00") == 0
    assert at(room, "2026-12-01T09:00") == 2, "AI-1 the day before, AI-2 a week late"
    room.say("item owner AI-1 bruno")
    assert at(room, "2026-12-02T09:00") == 1
    assert dict(room.reminders_sent())["action-item:1:2026-12-02"].startswith("@bruno\nBruno Lima: AI-1")


def test_it_goes_where_the_incident_is_talked_about(room: Room) -> None:
    for title in ("Under its card", "In its own channel"):
        room.declare(title)
    room.store.write(
        lambda tx: tx.run("UPDATE incidents SET channel = 'C0HOME', thread = '1.1' WHERE id = 1")
    )
    room.store.write(lambda tx: tx.run("UPDATE incidents SET channel = 'C0OWN', thread = '' WHERE id = 2"))
    for number in (1, 2):
        room.say(f"item add INC-{number} raise the pool owner=ana due=2026-11-30")
    assert at(room, "2026-11-30T09:00") == 2
    rows = room.store.read("SELECT channel, parent FROM outbox WHERE key LIKE 'action-item:%' ORDER BY key")
    assert rows == [("#belezza-alerts", "incident:1:card"), ("C0OWN", "")]


def test_who_left_the_plan_is_named_and_nobody_is_called(room: Room) -> None:
    room.declare()
    room.say("item add INC-1 raise the pool owner=ana due=2026-11-30")
    people = {"bruno": {"name": "Bruno Lima", "slack": "@bruno"}}
    later = Reminders(room.store, plan_of(people=people), room.clock)
    room.clock.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert later.turn() == 1
    assert room.reminders_sent()[0][1].startswith("\nana, whom the plan no longer names: AI-1")


def test_two_engines_that_look_at_once_send_one(room: Room) -> None:
    room.declare()
    for number in range(3):
        room.say(f"item add INC-1 thing {number} owner=ana due=2026-11-30")
    room.clock.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: room.reminders.turn(), range(8)))
    assert sum(sent) == 3
    assert room.kinds().count("action-item-reminded") == 3


def test_many_overdue_items_hide_none_that_is_due(room: Room) -> None:
    room.declare()
    for number in range(450):
        room.items.add(room.person(), 1, f"old {number}", "ana", "2026-11-24")
    assert at(room, "2026-11-24T09:00") == 450
    room.items.add(room.person(), 1, "new", "ana", "2026-11-26")
    assert at(room, "2026-11-25T09:00") == 1


def test_the_clockwork_reminds_where_it_is_the_engine(
    build: Callable[..., Scheduled],  # noqa: F811 - the fixture
) -> None:
    world = build(schedules={})
    room = Room(world.store, cast(Clock, world.clock), world.plan)
    room.declare()
    room.say("item add INC-1 raise the pool owner=ana due=2026-11-24")
    world.clock.to("2026-11-24T09:00")
    ours = False
    turned = Clockwork(
        world.store, world.answers, world.notices, lambda: ours, slowly_s=0.0, slowly=(room.reminders.turn,)
    )
    assert turned.turn() == ""
    assert keys(room) == []
    ours = True
    for _ in range(3):
        assert turned.turn() == ""
    assert keys(room) == ["action-item:1:2026-11-24"]
