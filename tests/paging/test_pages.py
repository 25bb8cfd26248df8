"""An incident's page keeps in step with it: asked for once, ended once, and never told its own echo."""

from __future__ import annotations

import pytest

from bot.domain.incident import IncidentState
from bot.domain.severity import Severity
from tests.paging.desk import ANA, BRUNO, Desk


def paged(desk: Desk, severity: Severity = Severity.SEV1) -> int:
    """An incident whose page rings there, and is known to."""
    number = desk.declare(severity)
    assert desk.page(number)
    assert desk.settle() == 1
    return number


def test_a_page_is_asked_for_once_a_round(desk: Desk) -> None:
    number = desk.declare()
    assert desk.page(number)
    assert not desk.page(number)
    assert desk.settle() == 1
    there = desk.only()
    assert there.title == f"INC-{number} SEV-1: checkout is down"
    assert there.key == f"{desk.own}INC-{number}"
    assert there.details["severity"] == "critical"
    assert there.details["custom_details"]["said"] == "Nobody has it."
    assert desk.settle() == 0


def test_an_incident_that_was_never_paged_is_never_told_there(desk: Desk) -> None:
    number = desk.declare()
    desk.acknowledge(number)
    desk.incidents.set_severity(desk.person(), number, Severity.SEV2)
    desk.incidents.note(desk.person(), number, "looking")
    desk.resolve(number)
    assert desk.jobs(number) == []


def test_acknowledged_here_is_one_request_and_its_webhook_changes_nothing(desk: Desk) -> None:
    number = paged(desk)
    desk.acknowledge(number)
    assert desk.settle() == 1
    assert desk.only().status == "acknowledged"
    desk.resolve(number)
    assert desk.settle() == 1
    assert desk.only().status == "resolved"
    assert desk.kinds(number) == ["incident-declared", "incident-acknowledged", "incident-resolved"]


def test_acknowledged_there_is_acknowledged_here_by_that_person_and_nothing_goes_back(desk: Desk) -> None:
    number = paged(desk)
    desk.there.account.acknowledge(desk.only(), BRUNO)
    assert desk.settle() == 0
    now = desk.get(number)
    assert (now.state, now.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "bruno")
    assert desk.said(number, "pager-answered") == [
        f"Bruno Lima acknowledged the page of INC-{number} on PagerDuty."
    ]
    desk.there.account.resolve(desk.only(), ANA)
    assert desk.settle() == 0
    now = desk.get(number)
    assert (now.state, now.resolved_by) == (IncidentState.RESOLVED, "ana")
    assert desk.actions(number) == ["trigger"]


def test_somebody_whom_the_plan_does_not_know_is_pagerduty_by_name(desk: Desk) -> None:
    number = paged(desk)
    desk.there.account.users["eve@example.org"] = ("PEVE", "Eve Reis")
    desk.there.account.acknowledge(desk.only(), "eve@example.org")
    assert desk.settle() == 0
    assert desk.get(number).acknowledged_by == "pagerduty"
    assert "Eve Reis acknowledged" in desk.said(number, "pager-answered")[0]


def test_without_rest_a_person_is_known_by_a_name_that_only_one_has(desk: Desk) -> None:
    number = paged(desk)
    desk.there.misbehave(500, path="/users/")
    desk.there.account.acknowledge(desk.only(), ANA)
    assert desk.settle() == 0
    assert desk.get(number).acknowledged_by == "ana"


def test_what_no_person_did_there_ends_nothing_here(desk: Desk) -> None:
    number = paged(desk)
    desk.there.account.change(desk.only(), "acknowledged", None)
    assert desk.settle() == 0
    assert desk.get(number).state is IncidentState.OPEN
    assert "No person did that, so INC-1 stays as it is here." in desk.said(number, "pager-answered")[0]
    desk.there.account.acknowledge(desk.only(), ANA)  # there it is acknowledged already: no event
    desk.there.account.change(desk.only(), "resolved", None)
    assert desk.settle() == 0
    assert desk.get(number).state is IncidentState.OPEN
    assert desk.page(number, 2)
    desk.settle()
    assert [one.status for one in desk.there.account.incidents.values()] == ["resolved", "triggered"]


def test_a_person_takes_what_an_automation_had_acknowledged(desk: Desk) -> None:
    number = paged(desk)
    desk.there.account.change(desk.only(), "acknowledged", None)
    desk.settle()
    event = desk.there.account.events[-1]["event"]["data"]
    desk.there.account.send("incident.acknowledged", event, desk.there.account.user(ANA))
    assert desk.settle() == 0
    assert desk.get(number).acknowledged_by == "ana"


def test_alternating_twenty_times_stays_bounded(desk: Desk) -> None:
    number = desk.declare()
    requests = 0
    for turn in range(1, 21):
        assert desk.page(number, turn)
        requests += desk.settle()
        if turn % 2:
            desk.acknowledge(number)
            requests += desk.settle()
            desk.there.account.resolve(newest(desk), ANA)
        else:
            desk.there.account.acknowledge(newest(desk), ANA)
            requests += desk.settle()
            desk.resolve(number)
        requests += desk.settle()
        assert desk.get(number).state is IncidentState.RESOLVED
        desk.tick()
        desk.store.write(lambda tx: desk.incidents.reopen_within(tx, desk.person(), number, "it is back"))
    assert requests == 20 * 2
    assert len(desk.there.account.incidents) == 20, "each life is an incident of its own there"


def newest(desk: Desk):  # type: ignore[no-untyped-def]  # the account's newest incident
    return list(desk.there.account.incidents.values())[-1]


def test_a_worse_severity_raises_it_there_and_a_later_round_rings_anew(desk: Desk) -> None:
    number = paged(desk, Severity.SEV3)
    desk.acknowledge(number)
    desk.settle()
    desk.tick()
    desk.incidents.set_severity(desk.person(), number, Severity.SEV1, "all of it")
    assert desk.settle() == 1
    assert desk.only().severities == ["warning", "critical"]
    assert desk.page(number, 2, "It grew worse.")
    assert desk.settle() == 1
    first, second = desk.there.account.incidents.values()
    assert (first.status, second.status) == ("acknowledged", "triggered")
    assert second.key == f"{first.key}-r2"
    desk.there.account.acknowledge(second, BRUNO)
    assert desk.settle() == 0
    desk.there.account.resolve(first, BRUNO)
    assert desk.settle() == 0
    assert desk.get(number).is_open, "a page that is closed as a duplicate ends no incident"
    desk.resolve(number)
    assert desk.settle() == 1
    assert [first.status, second.status] == ["resolved", "resolved"]


def test_a_page_that_rings_is_triggered_again_in_a_later_round(desk: Desk) -> None:
    number = paged(desk)
    assert desk.page(number, 2)
    assert desk.settle() == 1
    assert desk.only().log == ["trigger", "trigger"]


def test_an_acknowledgement_that_ran_out_there_is_not_renewed_by_itself(desk: Desk) -> None:
    number = paged(desk)
    desk.acknowledge(number)
    desk.settle()
    desk.there.account.change(desk.only(), "triggered", None)
    assert desk.settle() == 0
    assert desk.said(number, "pager-answered") == [
        f"PagerDuty's acknowledgement of INC-{number} ran out: it rings again."
    ]
    assert desk.get(number).acknowledged_by == "ana"
    desk.incidents.note(desk.person(), number, "still looking")
    assert desk.settle() == 0
    desk.there.account.acknowledge(desk.only(), ANA)
    assert desk.settle() == 0


def test_reopened_there_is_reopened_here(desk: Desk) -> None:
    number = paged(desk)
    desk.resolve(number)
    desk.settle()
    desk.there.account.change(desk.only(), "triggered", desk.there.account.user(ANA))
    assert desk.settle() == 0
    assert desk.get(number).state is IncidentState.OPEN
    assert "Ana Souza reopened its page on PagerDuty" in str(
        desk.store.read("SELECT data FROM journal WHERE kind = 'incident-reopened'")
    )
    desk.resolve(number)
    assert desk.settle() == 1


@pytest.mark.parametrize("kind", ["escalated", "reassigned", "delegated"])
def test_to_whom_it_went_is_told(desk: Desk, kind: str) -> None:
    number = paged(desk)
    desk.there.account.pass_on(kind, desk.only(), BRUNO)
    assert desk.settle() == 0
    (said,) = desk.said(number, "pager-answered")
    assert ("Bruno L." if kind != "delegated" else "Default") in said
    assert desk.get(number).state is IncidentState.OPEN


def test_what_is_passed_on_after_an_acknowledgement_rings_and_is_acknowledged_there(desk: Desk) -> None:
    number = paged(desk)
    desk.acknowledge(number)
    desk.settle()
    desk.there.account.pass_on("escalated", desk.only(), BRUNO)
    assert desk.settle() == 0
    assert desk.only().status == "triggered"
    desk.there.account.acknowledge(desk.only(), BRUNO)
    assert desk.settle() == 0
    assert desk.said(number, "pager-answered")[-1].startswith("Bruno Lima acknowledged")
    desk.resolve(number)
    assert desk.settle() == 1
    assert desk.only().status == "resolved"


def test_merged_there_it_stays_open_here(desk: Desk) -> None:
    number = paged(desk)
    other = desk.there.account.raise_incident("Another", "another")
    desk.told = len(desk.there.account.events)
    data = {**desk.there.account.events[0]["event"]["data"], "status": "resolved"}
    data["resolve_reason"] = {"type": "merge_resolve_reason", "incident": {"id": other.id}}
    desk.there.account.send("incident.resolved", data, desk.there.account.user(ANA))
    assert data["id"] != other.id
    assert desk.settle() == 0
    assert desk.get(number).is_open
    assert "merged" in desk.said(number, "pager-answered")[0]


def test_a_clock_that_went_back_hides_no_acknowledgement(desk: Desk) -> None:
    number = paged(desk)
    desk.clock.forward(hours=-2)
    desk.acknowledge(number)
    assert desk.settle() == 1
    assert desk.only().status == "acknowledged"
    desk.clock.forward(hours=-2)
    desk.incidents.set_severity(desk.person(), number, Severity.SEV2)
    assert desk.page(number, 2)
    desk.settle()
    assert len(desk.there.account.incidents) == 2, "who had it before has not answered the later round"
    assert newest(desk).status == "triggered"


def test_a_trigger_that_still_waits_when_somebody_answers_there_rings_nobody(desk: Desk) -> None:
    number = paged(desk)
    assert desk.page(number, 2)
    desk.there.account.acknowledge(desk.only(), ANA)
    desk.hear()
    assert desk.send() == 0
    assert desk.only().log == ["trigger", "acknowledged"]
