"""Nothing is connected, as in the demo: it is said before anybody approves, and nothing is promised."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.console import Where
from bot.domain.answer import Exit
from bot.domain.outbound import JobState
from bot.domain.publication import Kind, PublicationState, Stage
from bot.outside.standing import standing
from bot.outside.view import publication_view
from bot.outside.ways import not_connected, unset_ways
from bot.slack.cards.form_parts import Origin
from bot.slack.cards.outside_forms import outside_form, publication_form
from bot.slack.cards.publication import publication_card
from tests.outside.conftest import Room, plan_of
from tests.store.conftest import Opened

NOTHING = unset_ways({})
SAID = (
    "No status page is connected: STATUSPAGE_API_KEY and STATUSPAGE_PAGE_ID are not set. drbot cannot send"
    " this text: take its words out by hand and keep that with `note INC-1 …`, or have the setting made and"
    " drbot started again."
)


@pytest.fixture
def alone(opened: Opened) -> Room:
    room = Room(opened.store, opened.clock, unset=NOTHING)
    room.open()
    return room


def test_whoever_drafts_reads_first_that_it_goes_nowhere(alone: Room) -> None:
    drafted = alone.say("draft INC-1 status")
    assert drafted.lines[0] == f"! {SAID}"
    assert not any("To let it out" in line for line in drafted.lines)
    again = alone.say("draft INC-1 status", where=Where("slack", request_key="slack:1"))
    assert again.lines == (SAID.replace("`note", "`/dr note"),)


def test_the_card_the_form_and_the_question_say_it(alone: Room) -> None:
    alone.say("draft INC-1 status")
    view = publication_view(alone.store, alone.plan, 1, NOTHING)
    assert view is not None
    card = publication_card(view).blocks
    assert "No status page is connected" in str(card[1])
    approve = next(block for block in card if block["type"] == "actions")["elements"][0]
    assert approve["confirm"]["title"]["text"] == "PUB-1 cannot be sent from here"
    assert approve["confirm"]["text"]["text"].startswith("No status page is connected")
    assert "No status page" in str(publication_form(Origin("edit PUB-1"), view)["blocks"][0])


def test_an_approval_is_refused_and_promises_nothing(alone: Room) -> None:
    digest = str(alone.say("draft INC-1 status").data["digest"])
    told = alone.say(f"publish PUB-1 digest={digest}", "carla")
    assert told.exit is Exit.REFUSED
    assert told.title == f"{SAID} PUB-1 still waits; nothing was sent."
    assert not alone.jobs()
    assert alone.outside.get(1).state is PublicationState.DRAFT
    assert alone.say("outside INC-1").title.endswith("no update is promised.")
    assert alone.journal("press-refused")


def test_each_way_says_what_it_lacks() -> None:
    plan = plan_of()
    assert [not_connected(plan, kind, NOTHING) for kind in Kind] == [
        "No status page is connected: STATUSPAGE_API_KEY and STATUSPAGE_PAGE_ID are not set",
        "No mail server is connected: SMTP_URL is not set",
        "No social account is connected: DR_SOCIAL_URL is not set",
    ]
    there = {"STATUSPAGE_API_KEY": "k", "SMTP_URL": "smtp://x", "DR_SOCIAL_URL": "x"}
    assert not_connected(plan, Kind.STATUS, unset_ways(there)) == (
        "No status page is connected: STATUSPAGE_PAGE_ID is not set"
    )
    assert not_connected(plan_of(mail_from=""), Kind.MAIL, unset_ways(there)) == (
        "No mail server is connected: the plan names no sender (communication.outside.mail_from)"
    )
    assert not_connected(plan, Kind.SOCIAL, unset_ways(there)) == ""


def test_what_did_not_go_out_is_told_to_its_approver_and_leaves_the_promise_before_it(room: Room) -> None:
    room.open()
    first = room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    room.became(first, JobState.DONE)
    room.clock.forward(minutes=20)
    second = room.outside.draft(room.person("ana"), 1, Kind.STATUS, Stage.IDENTIFIED).publication
    second = room.publish(second)
    room.became(second, JobState.REFUSED, "401 check STATUSPAGE_API_KEY")
    room.reminders.turn()
    room.reminders.turn()
    (told,) = room.notes()
    assert told == (
        "@carla\nPUB-2 (status page, identified), which you approved, did not go out: 401 check"
        " STATUSPAGE_API_KEY. Once that is mended, press “Send again” on its card, or"
        f" `outbound retry {second.job}`; until then tell them by hand."
    )
    assert room.outside.standing(1).next_update_at.startswith("2026-11-23T03:30")


def test_who_would_approve_it_is_called_with_what_is_missing(alone: Room) -> None:
    alone.say("draft INC-1 status")
    ((said,),) = alone.store.read("SELECT payload FROM outbox WHERE key LIKE '%:waits:1'")
    assert said == f"@carla\nPUB-1 (status page) is drafted in this thread. {SAID}"


def test_tell_outside_says_which_ways_are_not_there(room: Room) -> None:
    lacking = not_connected(room.plan, Kind.STATUS, NOTHING)
    now = replace(standing(room.store.read, room.open()), unconnected=(lacking,))
    view = outside_form(Origin("draft INC-1"), now)
    assert f"⚠️ {lacking}. A text may be drafted and taken out by hand." in str(view["blocks"][1])
