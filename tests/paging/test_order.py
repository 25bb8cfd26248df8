"""Events come at least once and in any order: what is older than what is known changes nothing."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.incident import IncidentState
from bot.domain.severity import Severity
from tests.paging.desk import ANA, BRUNO, Desk


def paged(desk: Desk, severity: Severity = Severity.SEV1) -> int:
    number = desk.declare(severity)
    desk.page(number)
    desk.settle()
    return number


def test_every_order_and_repetition_of_a_life_ends_the_same(desk: Desk) -> None:
    orders = list(itertools.permutations(range(3)))
    for order in orders:
        number = paged(desk)
        page = list(desk.there.account.incidents.values())[-1]
        before = len(desk.there.account.events)
        desk.there.account.acknowledge(page, ANA)
        desk.there.account.change(page, "triggered", None)
        desk.there.account.resolve(page, BRUNO)
        events = desk.there.account.events[before:]
        for place in order:
            desk.deliver(events[place], events[place])
        desk.told = len(desk.there.account.events)
        desk.deliver(*events)
        assert desk.settle() == 0
        now = desk.get(number)
        assert (now.state, now.resolved_by) == (IncidentState.RESOLVED, "bruno"), order


def test_what_is_older_than_what_was_applied_changes_nothing(desk: Desk) -> None:
    number = paged(desk)
    page = desk.only()
    desk.there.account.acknowledge(page, ANA)
    desk.there.account.change(page, "triggered", None)
    desk.there.account.acknowledge(page, BRUNO)
    first, ran_out, second = desk.there.account.events[-3:]
    desk.told = len(desk.there.account.events)
    for event in (second, ran_out, first):
        desk.deliver(event)
    assert desk.said(number, "pager-answered") == [
        f"Bruno Lima acknowledged the page of INC-{number} on PagerDuty."
    ]
    assert desk.get(number).acknowledged_by == "bruno"
    assert desk.settle() == 0


def test_an_end_of_an_earlier_life_does_not_end_the_next(desk: Desk) -> None:
    number = paged(desk)
    first = desk.only()
    desk.there.account.resolve(first, ANA)
    late = desk.there.account.events[-1]
    desk.told = len(desk.there.account.events)
    desk.resolve(number)
    desk.settle()
    desk.tick()
    desk.store.write(lambda tx: desk.incidents.reopen_within(tx, desk.person(), number, "it is back"))
    assert desk.page(number, 2)
    desk.settle()
    desk.deliver(late)
    assert desk.get(number).is_open
    assert desk.settle() == 0


def test_a_trigger_that_crosses_an_end_there_is_ended_too(desk: Desk) -> None:
    """Found at first: the incident was over, and its page rang on under another id."""
    number = paged(desk)
    assert desk.page(number, 2)
    desk.there.account.resolve(desk.only(), ANA)
    desk.settle()
    assert desk.get(number).state is IncidentState.RESOLVED
    assert [one.status for one in desk.there.account.incidents.values()] == ["resolved", "resolved"]


def test_an_event_of_a_page_that_nobody_knows_is_passed_over(desk: Desk) -> None:
    number = paged(desk)
    data = {**desk.there.account.events[0]["event"]["data"]}
    for key, page in ((f"{desk.own}INC-99", "QOTHER"), (None, "QSTRANGE")):
        note = {"id": "N", "type": "incident_note", "content": "x", "incident": {"id": page}}
        desk.there.account.send("incident.annotated", note, desk.there.account.user(ANA))
        if key:
            theirs = {**data, "id": page, "incident_key": key, "status": "acknowledged"}
            desk.there.account.send("incident.acknowledged", theirs, desk.there.account.user(ANA))
    assert desk.settle() == 0
    assert desk.get(number).state is IncidentState.OPEN
    assert desk.store.read("SELECT COUNT(*) FROM incidents") == [(1,)]
    assert desk.store.read("SELECT COUNT(*) FROM pager_events WHERE folded = 0") == [(0,)]
    assert desk.answers.trouble == ""


DEEDS = st.lists(
    st.sampled_from(["ack here", "resolve here", "reopen", "page", "ack there", "resolve there", "expire",
                     "settle", "worse", "note there"]),
    max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_people_do_both_sides_come_to_rest_and_agree(desk: Desk, deeds: list[str]) -> None:
    desk.there.account.incidents.clear()
    number = paged(desk, Severity.SEV3)
    for turn, deed in enumerate(deeds, start=2):
        desk.tick()
        if deed == "settle":
            desk.settle()
        else:
            do(desk, number, deed, turn)
    assert desk.settle() <= 4 * (len(deeds) + 1)
    assert desk.settle() == 0
    now = desk.get(number)
    mine = [
        one for one in desk.there.account.incidents.values() if one.key.startswith(f"{desk.own}INC-{number}")
    ]
    if not now.is_open:
        assert {one.status for one in mine} == {"resolved"}


def do(desk: Desk, number: int, deed: str, turn: int) -> None:
    account, page = desk.there.account, list(desk.there.account.incidents.values())[-1]
    now = desk.get(number)
    if deed == "ack here" and now.state is IncidentState.OPEN:
        desk.acknowledge(number)
    elif deed == "resolve here" and now.is_open:
        desk.resolve(number)
    elif deed == "reopen" and not now.is_open:
        desk.store.write(lambda tx: desk.incidents.reopen_within(tx, desk.person(), number, "again"))
    elif deed == "page" and now.is_open:
        desk.page(number, turn)
    elif deed == "worse" and now.is_open and now.severity is not Severity.SEV1:
        desk.incidents.set_severity(desk.person(), number, Severity.SEV1)
    elif deed == "ack there":
        account.acknowledge(page, BRUNO)
    elif deed == "resolve there":
        account.resolve(page, BRUNO)
    elif deed == "expire" and page.status == "acknowledged":
        account.change(page, "triggered", None)
    elif deed == "note there":
        account.note(page, f"note {turn}", ANA)
