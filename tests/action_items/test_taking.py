"""What was promised at the end becomes action items in one press: each once, nothing invented."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.action_items import ActionItems
from bot.beside.items import COUNTED_UP_TO, keep_items
from bot.domain.answer import Exit, Refusal
from bot.domain.entry import NewEntry
from bot.domain.incident import Incident
from bot.store.journal import append
from tests.action_items.conftest import Room

PROMISED = (
    ("ana", "ok we are back"),
    ("ana", "ACTION: raise the pool to 40, owner Bruno, by friday"),
    ("bruno", "ok"),
    ("bruno", "action item: write the runbook for pool exhaustion"),
    ("U0EVA", "ACTION: call the hosting company, owner Eva"),
)


def resolved(room: Room, *more: tuple[str, str]) -> Incident:
    incident = room.declare()
    room.talk(incident, *PROMISED, *more)
    return room.incidents.resolve(room.person(), incident.id)


def test_the_reports_items_are_kept_in_one_press(room: Room) -> None:
    incident = resolved(room)
    keep = keep_items(room.store, room.plan, incident)
    assert [one.label for one in keep] == ["Keep 3 action items"]
    listed = room.say("items INC-1")
    assert listed.presses == (("Keep 3 action items", "items take INC-1"),)

    kept = room.say(keep[0].line)
    assert kept.exit is Exit.DONE
    assert kept.title == "3 action items are kept."
    one, two, three = (room.item(number) for number in (1, 2, 3))
    assert ("raise the pool to 40" in one.text, one.owner, one.due) == (True, "bruno", "2026-11-27")
    assert ("write the runbook" in two.text, two.due) == (True, "")
    assert ("call the hosting company" in three.text, three.owner) == (True, "")
    assert all(item.evidence and item.evidence[0].startswith("m") for item in (one, two, three))
    assert "AI-3 has no owner and no date." in kept.lines
    assert room.kinds().count("action-item-added") == 3
    (line,) = [told for told in room.told() if "kept" in told]
    assert line.startswith("Ana Souza kept 3 action items: AI-1 “raise the pool to 40")

    assert [one.label for one in keep_items(room.store, room.plan, incident)] == ["3 action items"]
    again = room.say("items take INC-1", "bruno")
    assert again.exit is Exit.REFUSED
    assert len(room.items.of_incident(1)) == 3


def test_what_was_dropped_or_written_by_hand_is_not_proposed_again(room: Room) -> None:
    resolved(room)
    wanted = [one.text for one in room.items.proposed(1)]
    room.say(f"item add INC-1 {wanted[0].upper()}!")
    assert [one.text for one in room.items.proposed(1)] == wanted[1:]
    room.say("items take INC-1")
    room.say("item drop AI-2 not worth it")
    assert room.items.proposed(1) == ()
    room.talk(room.incidents.get(1), ("ana", "ACTION: alert on pool wait time, owner Ana, by friday"))
    assert [one.label for one in keep_items(room.store, room.plan, room.incidents.get(1))] == [
        "Keep 1 action item",
        "3 action items",
    ]
    assert room.say("items take INC-1").title == "1 action item is kept."


def test_who_the_plan_does_not_name_stays_in_the_words(room: Room) -> None:
    incident = room.declare()
    room.talk(incident, ("U0EVA", "hello"))
    room.store.write(lambda tx: tx.run("UPDATE messages SET author_name = 'Eva Stone'"))
    room.talk(incident, ("ana", "ACTION: call the hosting company, owner Eva, by friday"))
    (one,) = room.items.proposed(1)
    assert (one.owner, one.due) == ("", "2026-11-27")
    assert one.text == "call the hosting company (said to be Eva Stone’s, whom the plan does not name)"


def test_an_incident_without_words_proposes_nothing(room: Room) -> None:
    incident = room.declare()
    assert keep_items(room.store, room.plan, incident) == ()
    assert room.say("items take INC-1").exit is Exit.REFUSED


def test_two_who_press_at_once_keep_each_item_once(room: Room) -> None:
    resolved(room)

    def press(who: str) -> int:
        try:
            return len(room.items.take(room.person(who), 1))
        except Refusal:
            return 0

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(press, ["ana", "bruno"] * 4))
    assert sorted(kept) == [0] * 7 + [3]
    assert [item.id for item in room.items.of_incident(1)] == [1, 2, 3]


def test_hostile_words_are_kept_short(room: Room) -> None:
    incident = room.declare()
    room.talk(incident, ("ana", "ACTION: `" + "<!channel> *x* " * 700 + "` owner Ana by friday"))
    room.incidents.resolve(room.person(), 1)
    room.say("items take INC-1")
    assert len(room.item().text) <= 500
    assert room.say("items take INC-1").exit is Exit.REFUSED


def test_a_card_reads_no_long_record_for_a_number(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = room.declare()
    alert = NewEntry("alert-fired", "monitor:am", {"name": "PoolDown"}, incident.id)
    room.store.write(lambda tx: append(tx, *[alert] * (COUNTED_UP_TO + 1)))
    monkeypatch.delattr(ActionItems, "proposed")
    assert [one.label for one in keep_items(room.store, room.plan, incident)] == ["Keep its action items"]
