"""What is due outside: reminded of once each, offered once, whatever the clock does; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from bot.domain.incident import IncidentState
from bot.domain.outbound import JobState
from bot.domain.publication import Kind, PublicationState, Stage
from bot.domain.severity import Severity
from bot.outside import Outside, OutsideClock, Reminders
from bot.store.database import Store, StoreDown, Tx
from tests.outside.conftest import Room, plan_of
from tests.slack.stage import wait_until
from tests.store.conftest import Opened

T = TypeVar("T")


def tell(room: Room, stage: Stage | None = None) -> None:
    room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS, stage).publication)


class Cut:
    """A store whose transactions end before they are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(self, work: Callable[[Tx], T]) -> T:
        def cut(tx: Tx) -> T:
            work(tx)
            raise StoreDown("cut off")

        return self._store.write(cut)


def shown(room: Room, number: int) -> int:
    """How often the card of this text was asked to be drawn."""
    key = f"publication:{number}:card"
    return int(room.store.read("SELECT wanted FROM outbox WHERE key = ?", (key,))[0][0])


def test_a_promise_is_reminded_of_five_minutes_before_and_when_it_is_overdue(room: Room) -> None:
    room.open()
    tell(room)
    room.clock.forward(minutes=24, seconds=59)
    room.reminders.turn()
    assert not room.notes()
    room.clock.forward(seconds=1)
    room.reminders.turn()
    (soon,) = room.notes()
    assert soon.startswith("@carla\nThe outside was promised an update on INC-1 by 03:30 UTC")
    room.clock.forward(minutes=5)
    for _ in range(3):
        room.reminders.turn()
    assert ["overdue" in note for note in room.notes()] == [False, True]


def test_the_next_text_keeps_the_promise_and_makes_another(room: Room) -> None:
    room.open()
    tell(room)
    room.clock.forward(minutes=20)
    tell(room, Stage.IDENTIFIED)
    assert room.outside.standing(1).next_update_at.startswith("2026-11-23T03:50")
    room.clock.forward(minutes=20)
    room.reminders.turn()
    assert not room.notes()
    room.clock.forward(minutes=60)
    room.reminders.turn()
    (late,) = [note for note in room.notes() if "promised" in note]
    assert "03:50 UTC is overdue" in late


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_an_hour_doubles_and_loses_nothing(room: Room, hours: int) -> None:
    room.open()
    tell(room)
    room.clock.forward(minutes=25)
    room.reminders.turn()
    room.clock.forward(hours=hours)
    for _ in range(2):
        room.reminders.turn()
        Reminders(room.store, room.plan, room.clock).turn()
    room.clock.forward(hours=-hours)
    room.reminders.turn()
    room.clock.forward(minutes=5)
    room.reminders.turn()
    told = [note for note in room.notes() if "promised" in note]
    assert sorted("overdue" in note for note in told) == [False, True]


def test_a_turn_that_is_cut_off_is_made_up_for_and_not_repeated(room: Room) -> None:
    room.open()
    tell(room)
    room.clock.forward(hours=2)
    cut_off = Reminders(Cut(room.store), room.plan, room.clock)
    with pytest.raises(StoreDown):
        cut_off.turn()
    assert not room.notes()
    room.reminders.turn()
    room.reminders.turn()
    assert len([note for note in room.notes() if "overdue" in note]) == 1


def test_a_page_that_was_left_behind_is_reminded_of_once_each_time_the_incident_ends(room: Room) -> None:
    room.open()
    tell(room)
    room.incidents.resolve(room.person("ana"), 1)
    room.incidents.note(room.person("ana"), 1, "and one more word")
    (note,) = room.notes()
    assert "the status page still says investigating" in note
    assert [one.kind for one in room.outside.standing(1).behind] == [Kind.STATUS]
    tell(room)
    assert not room.outside.standing(1).behind
    room.clock.forward(hours=3)
    room.reminders.turn()
    assert len(room.notes()) == 1


def test_nothing_is_asked_where_nothing_was_told(room: Room) -> None:
    room.open(Severity.SEV2)
    room.incidents.resolve(room.person("ana"), 1)
    room.clock.forward(hours=3)
    room.reminders.turn()
    assert not room.notes()


def test_a_mail_is_offered_once_when_an_outage_passes_an_hour_and_nothing_is_sent(room: Room) -> None:
    room.open()
    room.clock.forward(minutes=59, seconds=59)
    room.reminders.turn()
    assert not room.all()
    room.clock.forward(seconds=1)
    for _ in range(3):
        room.reminders.turn()
    (one,) = room.all()
    assert (one.kind, one.stage, one.drafted_by, one.state) == (
        Kind.MAIL,
        Stage.FIRST,
        "drbot",
        PublicationState.DRAFT,
    )
    assert one.to == "customers@belezza.example"
    assert not room.jobs()
    assert "PUB-1 is drafted here for you to read" in room.notes()[0]
    room.outside.withdraw(room.person("carla"), one.id)
    room.clock.forward(hours=5)
    room.reminders.turn()
    assert len(room.all()) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"environment": "staging"},
        {"state": IncidentState.RESOLVED, "resolved_at": "2026-11-23T03:01:00.000000Z"},
    ],
)
def test_no_mail_is_offered_for_less(room: Room, changed: dict[str, object]) -> None:
    room.open(Severity.SEV1 if changed else Severity.SEV2, **changed)
    room.clock.forward(hours=3)
    room.reminders.turn()
    assert not room.all()


def test_who_wrote_already_is_offered_nothing(room: Room) -> None:
    room.open()
    room.outside.draft(room.person("ana"), 1, Kind.MAIL)
    room.clock.forward(hours=2)
    room.reminders.turn()
    assert len(room.all()) == 1
    assert not room.notes()


def test_a_plan_without_such_a_line_or_without_an_address_offers_nothing(opened: Opened) -> None:
    plan = plan_of()
    quiet = plan.communication.model_copy(update={"external": plan.communication.external[:2]})
    for one in (plan.model_copy(update={"communication": quiet}), plan_of(customers="")):
        room = Room(opened.store, opened.clock, one)
        room.open()
        room.clock.forward(hours=3)
        room.reminders.turn()
        assert not room.all()


def test_two_hundred_small_incidents_hide_no_outage(room: Room) -> None:
    for _ in range(201):
        room.open(Severity.SEV4)
    outage = room.open()
    room.clock.forward(hours=2)
    room.reminders.turn()
    (one,) = room.all(outage.id)
    assert one.kind is Kind.MAIL


def test_what_grows_into_an_outage_later_is_offered_a_mail_then(room: Room) -> None:
    room.open(Severity.SEV3)
    room.clock.forward(hours=2)
    room.reminders.turn()
    assert not room.all()
    room.incidents.set_severity(room.person("ana"), 1, Severity.SEV1)
    room.reminders.turn()
    assert [one.kind for one in room.all()] == [Kind.MAIL]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (JobState.DONE, PublicationState.POSTED),
        (JobState.REFUSED, PublicationState.REFUSED),
        (JobState.UNSURE, PublicationState.UNSURE),
    ],
)
def test_what_became_of_the_job_is_what_the_card_says_drawn_once(
    room: Room, state: JobState, told: PublicationState
) -> None:
    room.open()
    one = room.publish(room.outside.draft(room.person("ana"), 1, Kind.SOCIAL).publication)
    room.reminders.turn()
    before = shown(room, one.id)
    room.became(one, state, "told so")
    assert room.outside.get(one.id).state is told
    room.reminders.turn()
    room.reminders.turn()
    assert shown(room, one.id) == before + 1


def test_the_thread_reminds_only_where_this_process_is_the_engine(opened: Opened) -> None:
    room = Room(opened.store, opened.clock)
    room.open()
    tell(room)
    room.clock.forward(hours=1)
    ours = False
    clock = OutsideClock(room.store, room.reminders, lambda: ours, poll_s=0.01)
    clock.start()
    try:
        Outside(room.store, room.plan).draft(room.person("ana"), 1, Kind.SOCIAL)
        assert not room.notes()
        ours = True
        wait_until(lambda: any("overdue" in note for note in room.notes()))
        assert clock.trouble == ""
    finally:
        clock.stop()
        clock.stop()


def test_what_the_page_did_not_take_promises_nothing(room: Room) -> None:
    room.open()
    one = room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    assert room.outside.standing(1).next_update_at
    room.became(one, JobState.REFUSED, "no key")
    room.reminders.turn()
    assert not room.outside.standing(1).next_update_at
    room.clock.forward(hours=1)
    room.reminders.turn()
    assert not [note for note in room.notes() if "promised" in note]


def test_who_is_reminded_while_a_draft_waits_for_them_is_sent_to_that(room: Room) -> None:
    room.open()
    tell(room)
    room.outside.draft(room.person("ana"), 1, Kind.STATUS, Stage.IDENTIFIED)
    room.clock.forward(minutes=26)
    room.reminders.turn()
    room.clock.forward(minutes=5)
    room.reminders.turn()
    soon, late = (note for note in room.notes() if "promised" in note)
    assert soon.endswith("PUB-2 waits for you in this thread: read it and approve it.")
    assert late.endswith("is overdue. PUB-2 waits for you in this thread: read it and approve it now.")
    assert room.say("outside INC-1").title == (
        "The outside was told of INC-1 once; the next update was promised by 03:30 UTC and is overdue."
    )


def test_a_draft_of_the_middle_is_not_what_is_approved_after_the_end(room: Room) -> None:
    room.open()
    tell(room)
    room.outside.draft(room.person("ana"), 1, Kind.STATUS, Stage.IDENTIFIED)
    room.incidents.resolve(room.person("ana"), 1)
    room.clock.forward(minutes=31)
    room.reminders.turn()
    late = next(note for note in room.notes() if "overdue" in note)
    assert late.endswith("PUB-2 waits and still says identified: `draft INC-1 status` drafts how it ended.")
