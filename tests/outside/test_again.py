"""An approved text that did not arrive: who has it sent again, and when it is too late for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.answer import Answer, Exit
from bot.domain.outbound import JobState
from bot.domain.publication import Kind, Publication, PublicationState
from bot.domain.severity import Severity
from bot.oncall import PlanOnCall
from bot.store.database import iso
from tests.outside.conftest import Room


def refused(room: Room, kind: Kind = Kind.STATUS, said: str = "422 no such component") -> Publication:
    """A text of the first incident that the other end did not take."""
    one = room.publish(room.outside.draft(room.person("ana"), 1, kind).publication)
    room.became(one, JobState.REFUSED, said)
    return room.outside.get(one.id)


def again(room: Room, one: Publication, who: str = "carla") -> Answer:
    room.desk.runs.roster = lambda: PlanOnCall(room.plan).last()  # type: ignore[method-assign]
    return room.say(f"outbound retry {one.job}", who)


def states(room: Room) -> list[JobState]:
    return [job.state for job in sorted(room.jobs(), key=lambda job: job.key)]


@pytest.mark.parametrize("who", ["ana", "davi", "nobody"])
def test_who_may_not_let_it_out_may_not_send_it_again(room: Room, who: str) -> None:
    room.open()
    one = refused(room)
    told = again(room, one, who)
    assert told.exit is Exit.REFUSED
    assert who == "nobody" or "Carla" in told.title
    assert states(room) == [JobState.REFUSED]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("later", [JobState.DONE, JobState.UNSURE, None])
def test_an_older_text_is_not_sent_behind_a_newer_one(room: Room, kind: Kind, later: JobState | None) -> None:
    room.open()
    one = refused(room, kind)
    other = room.publish(room.outside.draft(room.person("ana"), 1, kind).publication)
    if later is not None:
        room.became(other, later)
    told = again(room, one)
    assert told.exit is Exit.REFUSED
    assert f"{other.ref} ({other.stage.value}) was approved" in told.title
    assert states(room) == [JobState.REFUSED, later or JobState.WAITING]


def test_another_kind_and_what_was_refused_after_it_hold_up_nothing(room: Room) -> None:
    room.open()
    one = refused(room)
    refused(room)
    room.publish(room.outside.draft(room.person("ana"), 1, Kind.SOCIAL).publication)
    assert again(room, one).exit is Exit.DONE
    assert states(room) == [JobState.WAITING, JobState.REFUSED, JobState.WAITING]


def test_the_middle_is_not_told_after_the_end(room: Room) -> None:
    room.open()
    one = refused(room)
    room.incidents.resolve(room.person("ana"), 1)
    told = again(room, one)
    assert told.exit is Exit.REFUSED
    assert "still says investigating" in told.title
    assert states(room) == [JobState.REFUSED]


def test_sent_again_its_promise_counts_from_now_and_its_card_says_what_became_of_it(room: Room) -> None:
    room.open(Severity.SEV1)
    one = refused(room, said="STATUSPAGE_API_KEY is not set")
    room.reminders.turn()
    assert room.outside.standing(1).next_update_at == ""
    room.clock.forward(minutes=10)
    assert again(room, one).exit is Exit.DONE
    assert room.outside.get(one.id).state is PublicationState.APPROVED
    assert room.outside.standing(1).next_update_at == iso(room.clock() + timedelta(minutes=30))
    room.became(one, JobState.REFUSED, "422 another trouble")
    drawn = "SELECT wanted FROM outbox WHERE key = ?"
    before = room.store.read(drawn, (f"publication:{one.id}:card",))
    room.reminders.turn()
    assert room.store.read(drawn, (f"publication:{one.id}:card",)) != before, "its card says the new reason"
    assert room.outside.standing(1).next_update_at == ""


def test_in_doubt_it_is_looked_for_before_it_is_sent(room: Room) -> None:
    room.open()
    one = room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    mail = room.publish(room.outside.draft(room.person("ana"), 1, Kind.MAIL).publication)
    for each in (one, mail):
        room.became(each, JobState.UNSURE, "no answer came")
    assert "it is looked for there" in again(room, one).title
    assert "may now arrive twice" in again(room, mail).title
    assert states(room) == [JobState.SENDING, JobState.WAITING]
