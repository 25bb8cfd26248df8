"""What PagerDuty raised first: it is paged already, and answers go to its own incident."""

from __future__ import annotations

from bot.domain.incident import IncidentState
from bot.domain.severity import Severity
from tests.paging.desk import ANA, BRUNO, Desk, plan_with
from tests.real.pagerduty import PagerDutyThere
from tests.real.pagerduty_account import Incident
from tests.store.conftest import Opened

TITLE = "Checkout is down for all customers in production"


def raised(desk: Desk, title: str = TITLE) -> tuple[int, Incident]:
    """An incident of its own, and ours that holds it."""
    theirs = desk.there.account.raise_incident(title, title)
    assert desk.settle() == 0
    ((number,),) = desk.store.read("SELECT incident FROM alerts WHERE fingerprint = ?", (theirs.id,))
    return number, theirs


def test_it_is_not_paged_a_second_time(desk: Desk) -> None:
    number, _ = raised(desk)
    assert not desk.page(number)
    assert desk.settle() == 0
    assert desk.actions(number) == []
    assert len(desk.there.account.incidents) == 1


def test_acknowledged_and_resolved_here_it_is_so_there(desk: Desk) -> None:
    number, theirs = raised(desk)
    desk.acknowledge(number)
    assert desk.settle() == 1
    assert theirs.status == "acknowledged"
    desk.resolve(number)
    assert desk.settle() == 1
    assert theirs.status == "resolved"
    assert desk.get(number).resolved_by == "ana"
    assert "pager-answered" not in desk.kinds(number)


def test_acknowledged_there_it_is_so_here(desk: Desk) -> None:
    number, theirs = raised(desk)
    fired = desk.kinds(number).count("alert-fired")
    desk.there.account.acknowledge(theirs, BRUNO)
    assert desk.settle() == 0
    assert desk.get(number).acknowledged_by == "bruno"
    assert desk.kinds(number).count("alert-fired") == fired, "an acknowledgement is no other firing"
    desk.there.account.resolve(theirs, ANA)
    assert desk.settle() == 0
    now = desk.get(number)
    assert (now.state, now.resolved_by) == (IncidentState.RESOLVED, "monitor")
    assert desk.said(number, "pager-answered")[-1] == (
        f"Ana Souza resolved the page of INC-{number} on PagerDuty."
    )


def test_an_acknowledgement_before_the_alert_is_judged_waits_for_it(desk: Desk) -> None:
    theirs = desk.there.account.raise_incident(TITLE, "k")
    desk.there.account.acknowledge(theirs, ANA)
    fold, desk.correlator.fold_once = desk.correlator.fold_once, lambda: 0  # type: ignore[method-assign]
    desk.hear()
    assert desk.store.read("SELECT folded FROM pager_events") == [(0,)]
    desk.correlator.fold_once = fold  # type: ignore[method-assign]
    desk.deliver()
    assert desk.get(1).acknowledged_by == "ana"


def test_several_of_one_trouble_are_answered_together(desk: Desk) -> None:
    number, first = raised(desk)
    other, second = raised(desk, TITLE)
    assert other == number
    desk.acknowledge(number)
    assert desk.settle() == 2
    assert (first.status, second.status) == ("acknowledged", "acknowledged")
    desk.there.account.resolve(first, ANA)
    assert desk.settle() == 0
    assert desk.get(number).is_open, "the other one is still on"
    desk.resolve(number)
    assert desk.settle() == 1


def test_a_later_round_adds_a_note_there_where_the_plan_wants_notes(
    opened: Opened, there: PagerDutyThere
) -> None:
    desk = Desk(opened.store, opened.clock, there, plan_with(notes=True))
    number, theirs = raised(desk)
    assert not desk.page(number)
    assert desk.page(number, 2, "Nobody has it yet.")
    assert desk.settle() == 1
    assert [note["content"] for note in theirs.notes] == ["Nobody has it yet."]
    assert "note-added" not in desk.kinds(number)


def test_another_memorys_page_is_an_alert_like_any(desk: Desk) -> None:
    theirs = desk.there.account.raise_incident(TITLE, "drbot-00000000-INC-1")
    assert desk.settle() == 0
    assert desk.store.read("SELECT incident FROM alerts WHERE fingerprint = ?", (theirs.id,)) == [(1,)]


def test_what_they_acknowledged_rings_nobody_so_a_later_round_has_a_page_of_its_own(desk: Desk) -> None:
    number, theirs = raised(desk)
    assert not desk.page(number)
    desk.acknowledge(number)
    desk.settle()
    assert theirs.status == "acknowledged"
    desk.incidents.set_severity(desk.person(), number, Severity.SEV1, "all of it")
    assert desk.page(number, 2, "It grew worse.")
    desk.settle()
    _, own = desk.there.account.incidents.values()
    assert (own.key, own.status) == (f"{desk.own}INC-{number}", "triggered")
    desk.resolve(number)
    desk.settle()
    assert (theirs.status, own.status) == ("resolved", "resolved")
