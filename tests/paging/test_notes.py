"""Notes and priorities: told once, both ways, where the plan wants them."""

from __future__ import annotations

import json

import pytest

from bot.domain.severity import Severity
from bot.paging.hearing import Hearing
from bot.sources import pagerduty
from bot.store.pages import keep_event
from tests.paging.desk import ANA, BRUNO, Desk, plan_with
from tests.real.pagerduty import PagerDutyThere
from tests.store.conftest import Opened


@pytest.fixture
def desk(opened: Opened, there: PagerDutyThere) -> Desk:
    rules = {"notes": True, "priorities": {"SEV-1": "P1", "SEV-3": "P2"}, "writes_as": BRUNO}
    return Desk(opened.store, opened.clock, there, plan_with(**rules))


def paged(desk: Desk, severity: Severity = Severity.SEV3) -> int:
    number = desk.declare(severity)
    desk.page(number)
    assert desk.settle() == 2
    return number


def notes(desk: Desk) -> list[str]:
    return [note["content"] for note in desk.only().notes]


def test_a_note_here_is_a_note_there_in_its_writers_name_once(desk: Desk) -> None:
    number = paged(desk)
    desk.incidents.note(desk.person(), number, "pool is full")
    assert desk.settle() == 1
    assert notes(desk) == ["Ana Souza: pool is full"]
    assert desk.only().notes[0]["user"]["summary"] == "Ana Souza"
    assert desk.kinds(number).count("note-added") == 1
    desk.incidents.note(desk.person(), number, "pool is full")
    assert desk.settle() == 1
    assert desk.kinds(number).count("note-added") == 2


def test_a_note_there_is_a_note_here_once(desk: Desk) -> None:
    number = paged(desk)
    desk.there.account.note(desk.only(), "rebooting it", BRUNO)
    assert desk.settle() == 0
    desk.deliver(desk.there.account.events[-1])
    assert desk.settle() == 0
    (entry,) = desk.store.read("SELECT actor, data FROM journal WHERE kind = 'note-added'")
    assert entry[0] == "bruno"
    assert '"text":"rebooting it"' in entry[1]
    assert notes(desk) == ["rebooting it"]
    (told,) = desk.store.read(
        "SELECT payload FROM outbox WHERE key LIKE '%note%' AND payload LIKE '%reboot%'"
    )
    assert told[0] == "Bruno Lima (on PagerDuty): rebooting it"
    assert desk.kinds(number).count("note-added") == 1


def test_notes_from_before_the_page_stay_here(desk: Desk) -> None:
    number = desk.declare()
    desk.incidents.note(desk.person(), number, "before")
    desk.page(number)
    desk.settle()
    assert notes(desk) == []


def test_the_priority_follows_the_severity(desk: Desk) -> None:
    number = paged(desk)
    assert (desk.only().priority or {})["summary"] == "P2"
    desk.incidents.set_severity(desk.person(), number, Severity.SEV1)
    assert desk.settle() == 3
    assert (desk.only().priority or {})["summary"] == "P1"
    assert notes(desk) == [f"INC-{number}: SEV-3 is now SEV-1"]
    desk.incidents.set_severity(desk.person(), number, Severity.SEV2)
    assert desk.settle() == 1, "no priority is named for it, and a milder one triggers nothing"
    assert desk.only().severities == ["warning", "critical"]
    assert "pager-answered" not in desk.kinds(number), "it is drbot's own doing"
    desk.there.account.prioritize(desk.only(), "P2", None)
    assert desk.settle() == 0
    assert desk.said(number, "pager-answered") == [
        f"PagerDuty's page of INC-{number} has another priority: P2."
    ]


def test_what_cannot_be_noted_holds_up_no_acknowledgement(desk: Desk) -> None:
    number = paged(desk)
    desk.incidents.note(desk.person(), number, "one")
    desk.acknowledge(number)
    threads = {job.action: job.thread for job in desk.waiting(number)}
    assert threads["note"] != threads["acknowledge"]


def test_a_note_by_somebody_unknown_there_is_written_by_whom_the_plan_names(desk: Desk) -> None:
    number = paged(desk)
    there = desk.there.account.note
    there(desk.only(), "hello", ANA)
    desk.settle()
    jobs = [job for job in desk.jobs(number) if job.action == "priority"]
    assert {job.payload["from"] for job in jobs} == {BRUNO}


def test_an_event_that_two_processes_fold_is_applied_once(desk: Desk) -> None:
    number = paged(desk)
    desk.there.account.note(desk.only(), "rebooting it", BRUNO)
    event = pagerduty.parse(json.dumps(desk.there.account.events[-1]).encode(), desk.own).pager
    assert event is not None
    desk.store.write(lambda tx: keep_event(tx, event))
    hearing = Hearing(desk.plan, desk.incidents)
    for _ in range(2):
        desk.store.write(lambda tx: hearing.hear(tx, event, desk.person("bruno")))
    assert desk.kinds(number).count("note-added") == 1
