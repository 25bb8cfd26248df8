"""On the incident's card: what was told, what is due, what waits, and what can be pressed."""

from __future__ import annotations

from bot.beside.outside import outside_after, outside_facts, outside_presses
from bot.domain.incident import Incident
from bot.domain.publication import Kind, Stage
from bot.domain.severity import Severity
from bot.outside import Outside
from bot.plan.models import DrPlan
from bot.store import incidents as rows
from tests.outside.conftest import Room


def fact(room: Room, plan: DrPlan | None = None) -> str:
    return dict(outside_facts(room.store, plan or room.plan, the(room))).get("Outside", "")


def the(room: Room) -> Incident:
    found = rows.get(room.store, 1)
    assert found is not None
    return found


def test_a_grave_incident_that_customers_notice_says_that_nothing_was_told(room: Room) -> None:
    room.open()
    assert fact(room) == "*nothing told yet*"
    (press,) = outside_presses(room.store, room.plan, the(room))
    assert (press.label, press.line, press.form) == ("Tell outside…", "draft INC-1", True)


def test_where_customers_notice_nothing_the_card_is_silent(room: Room) -> None:
    room.open(environment="staging")
    assert fact(room) == ""
    assert outside_presses(room.store, room.plan, the(room)) == ()


def test_a_plan_that_knows_no_outside_has_no_button(room: Room) -> None:
    room.open()
    quiet = room.plan.communication.model_copy(update={"external": ()})
    plan = room.plan.model_copy(update={"communication": quiet})
    assert fact(room, plan) == ""
    assert outside_presses(room.store, plan, the(room)) == ()


def test_a_small_incident_offers_and_does_not_urge(room: Room) -> None:
    room.open(Severity.SEV3)
    assert fact(room) == ""
    assert len(outside_presses(room.store, room.plan, the(room))) == 1


def test_it_says_what_was_told_when_the_next_is_due_and_what_waits(room: Room) -> None:
    room.open()
    outside = Outside(room.store, room.plan)
    room.publish(outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    outside.draft(room.person("ana"), 1, Kind.MAIL)
    told = fact(room)
    assert "|2026-11-23 03:00 UTC> (investigating)" in told
    assert "next update due <!date^" in told
    assert "|2026-11-23 03:30 UTC>" in told
    assert "PUB-2 waits for Carla Dias" in told


def test_an_incident_that_was_told_as_over_and_is_open_says_so(room: Room) -> None:
    room.open()
    room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS, Stage.RESOLVED).publication)
    assert "*and it is open*" in fact(room)


def test_the_end_is_offered_on_each_way_that_was_told_of_the_beginning(room: Room) -> None:
    room.open()
    for kind in (Kind.STATUS, Kind.SOCIAL):
        room.publish(room.outside.draft(room.person("ana"), 1, kind).publication)
    assert outside_after(room.store, room.plan, the(room)) == ()
    room.incidents.resolve(room.person("ana"), 1)
    presses = outside_after(room.store, room.plan, the(room))
    assert [(press.label, press.line) for press in presses] == [
        ("Status page: resolved", "draft INC-1 status resolved"),
        ("Social post: over", "draft INC-1 social over"),
    ]
    for press in presses:
        drafted = room.say(press.line)
        room.publish(int(str(drafted.data["publication"]).removeprefix("PUB-")))
    assert outside_after(room.store, room.plan, the(room)) == ()
