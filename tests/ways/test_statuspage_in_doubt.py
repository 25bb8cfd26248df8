"""A lost answer of the status page: found, or sent again, and never there twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.outbound import Later, Never, Unknown
from tests.real import statuspage as real
from tests.real.outside import ALL
from tests.ways.jobs_at_hand import TEXT, creation, ending, taken_up, to_page, update

Broken = Callable[[real.StatusPage], None]
LOST: dict[str, Broken] = {
    "500 before": lambda page: page.faults.next(status=500),
    "502 after": lambda page: page.faults.next(status=502, after=True),
    "cut before": lambda page: page.faults.next("cut"),
    "cut after": lambda page: page.faults.next("cut", after=True),
    "hangs before": lambda page: page.faults.next("hang"),
    "hangs after": lambda page: page.faults.next("hang", after=True),
    "unreadable": lambda page: page.faults.next(status=201, after=True),
}


@pytest.mark.parametrize("how", LOST)
def test_an_entry_whose_answer_was_lost_is_found_or_made_again_never_twice(
    page: real.StatusPage, how: str
) -> None:
    way, job = to_page(page, read_s=0.4), taken_up(creation())
    LOST[how](page)
    assert isinstance(ending(way, job), Unknown)
    found = way.find(job, "")
    assert (found is not None) == ("after" in how or how == "unreadable")
    sent = found or way.send(job, "")
    assert sent.remote == page.incidents[0]["id"]
    assert len(page.incidents) == 1


@pytest.mark.parametrize("how", LOST)
def test_an_update_whose_answer_was_lost_is_there_once(page: real.StatusPage, how: str) -> None:
    way = to_page(page, read_s=0.4)
    made = way.send(taken_up(creation()), "")
    job = taken_up(update("A fix is out.", "outside:7:2"))
    LOST[how](page)
    assert isinstance(ending(way, job, made.remote), Unknown)
    found = way.find(job, made.remote)
    assert (found is not None) == ("after" in how or how == "unreadable")
    assert (found or way.send(job, made.remote)).remote == made.remote
    assert page.texts() == [("investigating", TEXT), ("monitoring", "A fix is out.")]


def test_an_update_is_found_by_its_words_where_the_mark_was_dropped(page: real.StatusPage) -> None:
    way = to_page(page)
    made = way.send(taken_up(creation()), "")
    soon = "2999-01-01T00:00:00.000000+00:00"
    job = taken_up(update("A fix is out.", "outside:7:2"))
    way.send(job, made.remote)
    page.incidents[0]["metadata"] = {}
    assert way.find(job, made.remote) is not None
    assert way.find(taken_up(update("Another.", "outside:7:3")), made.remote) is None
    # the same words, but from before this one was asked for
    assert way.find(taken_up(update("A fix is out.", "outside:7:4"), soon), made.remote) is None


def test_the_same_incident_of_another_drbot_is_not_taken_for_ours(page: real.StatusPage) -> None:
    way = to_page(page)
    way.send(taken_up(creation(), "2026-11-23T01:00:00.000000+00:00"), "")
    assert way.find(taken_up(creation(), "2026-11-23T03:00:00.000000+00:00"), "") is None


def test_an_entry_that_a_person_resolved_meanwhile_is_found(page: real.StatusPage) -> None:
    way, job = to_page(page), taken_up(creation())
    made = way.send(job, "")
    page.incidents[0]["resolved_at"] = "2026-11-23T03:30:00Z"
    assert way.find(job, "") == made


def test_an_entry_that_a_person_deleted_is_not_there_and_takes_no_update(page: real.StatusPage) -> None:
    way = to_page(page)
    made = way.send(taken_up(creation()), "")
    page.incidents.clear()
    job = taken_up(update("More.", "outside:7:2"))
    assert way.find(job, made.remote) is None
    outcome = ending(way, job, made.remote)
    assert isinstance(outcome, Never)
    assert "whether the entry is still there" in str(outcome)


@pytest.mark.parametrize("status", [401, 429, 500, 200])
def test_what_cannot_be_looked_for_now_is_looked_for_later(page: real.StatusPage, status: int) -> None:
    page.faults.next(status=status, methods=ALL)
    with pytest.raises(Later):
        to_page(page).find(taken_up(creation()), "")
