"""The incident is over and a text of its middle waits: each answer says the one step that works."""

from __future__ import annotations

from bot.domain.answer import Answer, Exit
from bot.domain.publication import Kind, Stage
from bot.outside.words import doubts
from bot.store import incidents as incident_rows
from tests.outside.conftest import Room, plan_of
from tests.store.conftest import Opened


def over(room: Room, edit: str = "") -> None:
    """The first text says identified, and the incident ends."""
    room.open()
    room.say("draft INC-1 status identified")
    if edit:
        room.say(edit)
    room.incidents.resolve(room.person("ana"), 1)


def publish(room: Room) -> Answer:
    digest = str(room.say("outside PUB-1").data["digest"])
    return room.say(f"publish PUB-1 digest={digest}", "carla")


def test_what_the_refusal_says_works(room: Room) -> None:
    over(room)
    refused = publish(room)
    assert refused.exit is Exit.REFUSED
    assert refused.title == (
        "INC-1 was resolved at 03:00 UTC, and PUB-1 still says identified. Nothing was sent;"
        " `draft INC-1 status` drafts how it ended."
    )
    waits = room.say("outside PUB-1").lines
    assert waits[-1] == (
        "! INC-1 is over, so it is not sent like this: `draft INC-1 status` drafts how it ended."
    )
    drafted = room.say("draft INC-1 status")
    assert drafted.title == "PUB-1 is drafted (status page, resolved) and waits for Carla Dias."
    assert publish(room).exit is Exit.DONE


def test_a_persons_words_are_kept_by_the_step_that_is_said(room: Room) -> None:
    over(room, "edit PUB-1 We know why and mend it.")
    step = "`edit PUB-1 stage=resolved` keeps its words and says how it ended"
    assert publish(room).title.endswith(f"Nothing was sent; {step}.")
    asked = room.say("draft INC-1 status")
    assert asked.exit is Exit.REFUSED
    assert "`edit PUB-1 stage=resolved` keeps them and changes the stage" in asked.title
    room.say("edit PUB-1 stage=resolved")
    one = room.outside.get(1)
    assert (one.stage, one.text) == (Stage.RESOLVED, "We know why and mend it.")
    assert publish(room).exit is Exit.DONE


def test_an_end_that_the_alerts_contradict_is_doubted(room: Room) -> None:
    incident = room.open(alerts_total=2, alerts_firing=1)
    room.incidents.resolve(room.person("ana"), 1)
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    ended = incident_rows.get(room.store, incident.id)
    assert ended is not None
    assert doubts(room.plan, ended, one) == ("It says that INC-1 is over, and 1 of its 2 alerts still fire.",)


def test_a_page_whose_components_stay_green_is_doubted(opened: Opened) -> None:
    room = Room(opened.store, opened.clock, plan_of(components={}))
    incident = room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    assert doubts(room.plan, incident, one) == (
        "No component of the page changes with it: the plan's communication.outside.components has no id for"
        " database. `outside components` lists the page's own.",
    )
    mail = room.outside.draft(room.person("ana"), 1, Kind.MAIL).publication
    assert not doubts(room.plan, incident, mail)
