"""PagerDuty does not answer: whoever it would have reached is told by mail and by name, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.answer import Refusal
from bot.domain.incident import IncidentState
from bot.domain.outbound import JobState, Sender, Way
from bot.oncall import PlanOnCall
from bot.outbound.again import send_again
from bot.outbound.service import Outbound
from bot.paging.again import page_again
from bot.paging.reserve import Reserve
from bot.store.outbound import ask_again, job_of
from bot.ways.mail import Mail
from bot.ways.pagerduty import PagerDuty
from tests.paging.desk import ANA, BRUNO, Desk
from tests.real.mail import MailServer, real_mail
from tests.real.pagerduty import API_KEY, ROUTING_KEY


@pytest.fixture
def letters() -> Iterator[MailServer]:
    with real_mail() as server:
        yield server


class Ways:
    """The outbound over both, its time set by hand."""

    def __init__(self, desk: Desk, letters: MailServer, routing_key: str = ROUTING_KEY) -> None:
        self._desk = desk
        self._steady_s = 1_000.0
        pager = PagerDuty(routing_key, API_KEY, desk.there.url, desk.there.url)
        mail = Mail(letters.url, "drbot@example.org")
        senders: dict[Way, Sender] = {Way.PAGERDUTY: pager, Way.MAIL: mail}
        reserve = Reserve(desk.plan, PlanOnCall(desk.plan).last)
        self.outbound = Outbound(
            desk.store,
            desk.plan,
            senders,
            lambda: True,
            {Way.PAGERDUTY: reserve},
            clock=desk.clock,
            steady=lambda: self._steady_s,
        )

    def play(self, seconds: int) -> None:
        for _ in range(seconds):
            for lane in self.outbound.lanes.values():
                for _ in range(10):
                    if lane.turn():
                        break
            self._steady_s += 1
            self._desk.clock.forward(seconds=1)


def paged(desk: Desk) -> int:
    number = desk.declare()
    assert desk.page(number)
    return number


def reserves(desk: Desk, number: int) -> list[str]:
    return [said for said in desk.said(number, "escalated") if "PagerDuty did not take" in said]


def test_the_second_failure_tells_everybody_on_call_once_and_the_page_still_goes_out(
    desk: Desk, letters: MailServer
) -> None:
    ways = Ways(desk, letters)
    desk.there.down(503)
    number = paged(desk)
    ways.play(1)
    assert letters.letters == []
    ways.play(120)
    assert sorted(letter.to for letter in letters.letters) == [(ANA,), (BRUNO,)]
    letter = letters.letters[0]
    assert str(letter.message["Subject"]) == f"INC-{number} SEV-1: checkout is down"
    assert "PagerDuty did not take the page" in letter.text
    assert f"`ack INC-{number}`" in letter.text
    (said,) = reserves(desk, number)
    assert "Told here and by mail instead: Ana Souza, Bruno Lima. drbot goes on trying" in said
    (call,) = desk.store.read("SELECT payload FROM outbox WHERE kind = 'incident-call'")
    assert call[0].endswith(said)
    desk.there.up()
    ways.play(90)
    assert desk.only().status == "triggered"
    assert len(letters.letters) == 2
    assert len(reserves(desk, number)) == 1


def test_answered_meanwhile_the_page_is_withdrawn_and_rings_nobody(desk: Desk, letters: MailServer) -> None:
    ways = Ways(desk, letters)
    desk.there.down("cut")
    number = paged(desk)
    ways.play(30)
    desk.acknowledge(number)
    ways.play(30)
    desk.there.up()
    ways.play(120)
    assert desk.there.account.incidents == {}
    assert "trigger" not in [body["event_action"] for body in desk.there.enqueued]
    trigger = desk.jobs(number)[0]
    assert (trigger.state, trigger.said[:9]) == (JobState.DONE, "withdrawn")
    assert "was answered before PagerDuty could be reached" in desk.said(number, "not-sent-outside")[0]


def test_answered_before_it_was_tried_nothing_goes_out(desk: Desk, letters: MailServer) -> None:
    number = paged(desk)
    desk.acknowledge(number)
    Ways(desk, letters).play(5)
    assert desk.there.requests == []
    assert letters.letters == []
    desk.resolve(number)
    assert desk.settle() == 0


def test_a_refused_page_is_in_the_reserve_at_once_and_nothing_more_is_asked(
    desk: Desk, letters: MailServer
) -> None:
    ways = Ways(desk, letters, routing_key="another-key")
    number = paged(desk)
    ways.play(3)
    (said,) = reserves(desk, number)
    assert "'routing_key' is missing or wrong" in said
    assert "goes on trying" not in said
    assert len(letters.letters) == 2
    desk.acknowledge(number)
    desk.resolve(number)
    ways.play(5)
    assert [job.action for job in desk.jobs(number) if job.way is Way.PAGERDUTY] == ["trigger"]


def test_without_a_routing_key_it_is_said_which(desk: Desk, letters: MailServer) -> None:
    ways = Ways(desk, letters, routing_key="")
    number = paged(desk)
    ways.play(3)
    assert "PAGERDUTY_ROUTING_KEY is not set" in reserves(desk, number)[0]


def test_what_is_answered_already_needs_no_reserve(desk: Desk, letters: MailServer) -> None:
    ways = Ways(desk, letters)
    number = paged(desk)
    ways.play(2)
    desk.there.down(503)
    desk.acknowledge(number)
    ways.play(60)
    assert desk.get(number).state is IncidentState.ACKNOWLEDGED
    assert reserves(desk, number) == []
    assert letters.letters == []
    desk.there.up()
    ways.play(90)
    assert desk.only().status == "acknowledged"


def test_a_page_that_a_person_has_sent_again_arrives(desk: Desk, letters: MailServer) -> None:
    number = paged(desk)
    Ways(desk, letters, routing_key="").play(3)
    job = desk.jobs(number)[0]
    assert desk.store.write(lambda tx: ask_again(tx, job))
    Ways(desk, letters).play(3)
    found = job_of(desk.store.read, job.key)
    assert found is not None
    assert found.state is JobState.DONE
    assert desk.only().status == "triggered"
    desk.acknowledge(number)
    assert desk.settle() == 1


def test_what_is_answered_or_over_is_not_paged_again_by_hand(desk: Desk, letters: MailServer) -> None:
    number = paged(desk)
    Ways(desk, letters, routing_key="").play(3)
    key = desk.jobs(number)[0].key

    def again() -> None:
        send_again(desk.store, desk.plan, PlanOnCall(desk.plan).last(), desk.person(), key, (page_again,))

    desk.acknowledge(number)
    with pytest.raises(Refusal, match="Ana Souza has acknowledged INC-1 since"):
        again()
    desk.resolve(number)
    with pytest.raises(Refusal, match="INC-1 is over: nobody is woken"):
        again()
    Ways(desk, letters).play(3)
    assert desk.there.account.incidents == {}


def test_a_try_that_fails_after_the_answer_wakes_nobody(desk: Desk) -> None:
    number = paged(desk)
    failing = replace(desk.jobs(number)[0], attempts=2, said="no answer")
    reserve = Reserve(desk.plan, PlanOnCall(desk.plan).last)
    desk.acknowledge(number)
    desk.store.write(lambda tx: reserve(tx, failing))
    desk.resolve(number)
    desk.store.write(lambda tx: reserve(tx, failing))
    assert reserves(desk, number) == []
    assert desk.actions(number) == ["trigger"]
