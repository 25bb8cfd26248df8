"""`outbound` and `outbound retry`, as people say them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.domain.answer import Answer, Exit
from bot.domain.outbound import JobState, Sent
from bot.domain.person import Person
from bot.house import House, build
from bot.outbound import jobs
from bot.settings import Settings
from bot.store import outbound as rows
from bot.store.journal import of_incident
from bot.timeline import timeline
from tests.outbound.fake import FakeEnd

STRANGER = Person("U0STRANGER", "Somebody", known=False)


class Desk:
    def __init__(self, house: House) -> None:
        self.house = house

    def say(self, line: str, who: str = "ana") -> Answer:
        person = self.house.plan.person(who) or STRANGER
        return self.house.console.execute(line, person, Where("shell"))

    def ends(self, key: str, state: JobState, said: str) -> None:
        job = rows.job_of(self.house.store.read, key)
        assert job is not None
        self.house.store.write(lambda tx: rows.mark_ended(tx, job, state, said))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    house = build(Settings(database_url=f"sqlite:///{tmp_path / 'drbot.db'}"))
    made = Desk(house)
    made.say("declare database down sev=1")
    for number in (1, 2, 3):
        job = FakeEnd().job(1, number)
        house.store.write(lambda tx, job=job: rows.send_later(tx, job))  # type: ignore[misc]  # bound at once
    made.ends("fake:1:1", JobState.REFUSED, "422 no such component")
    yield made
    house.close()


def test_what_waits_and_what_was_refused_is_listed(desk: Desk) -> None:
    told = desk.say("outbound")
    assert told.title == "3 things are waiting to go outside, or not sent."
    assert told.table is not None
    assert [(row[0], row[2], row[5]) for row in told.table.rows] == [
        ("fake:1:2", "waits", "–"),
        ("fake:1:3", "waits", "–"),
        ("fake:1:1", "refused", "422 no such component"),
    ]
    assert "`outbound retry KEY`" in told.lines[0]
    jobs = told.data["jobs"]
    assert isinstance(jobs, list)
    assert isinstance(jobs[0], dict)
    assert (jobs[0]["state"], jobs[0]["incident"]) == ("waiting", "INC-1")


def test_of_one_incident_everything_is_listed(desk: Desk) -> None:
    told = desk.say("outbound INC-1")
    assert told.title == "3 things are sent outside for INC-1, or to be."
    assert desk.say("outbound INC-9").exit is Exit.USAGE
    assert desk.say("outbound nonsense").exit is Exit.USAGE


def test_a_person_on_call_has_it_sent_again(desk: Desk) -> None:
    told = desk.say("outbound retry fake:1:1")
    assert told.title == "In line again: text 1 1."
    job = rows.job_of(desk.house.store.read, "fake:1:1")
    assert job is not None
    assert (job.state, job.retry_at, job.done_at) == (JobState.WAITING, "", "")
    entry = of_incident(desk.house.store, 1)[-1]
    assert (entry.kind, entry.actor) == ("outbound-retried", "ana")
    (moment,) = timeline([entry], [])
    assert moment.what == "text 1 1: Ana Souza has it sent again (it was refused)"
    again = desk.say("outbound retry fake:1:1")
    assert again.exit is Exit.REFUSED
    assert "in line already" in again.title


def test_of_what_is_in_doubt_the_risk_is_said(desk: Desk) -> None:
    desk.ends("fake:1:2", JobState.UNSURE, "look at the archive")
    assert "it is looked for there" in desk.say("outbound retry fake:1:2").title
    letter = jobs.mail("mail:1", ["a@example.org"], "Subject", "Text", "a letter", 1)
    desk.house.store.write(lambda tx: rows.send_later(tx, letter))
    desk.ends("mail:1", JobState.UNSURE, "no answer came")
    assert "it may now arrive twice" in desk.say("outbound retry mail:1").title


def test_who_may_not_and_what_is_not_there(desk: Desk) -> None:
    for who in ("davi", "nobody"):
        told = desk.say("outbound retry fake:1:1", who)
        assert told.exit is Exit.REFUSED
    assert desk.say("outbound retry fake:1:1", "carla").exit is Exit.DONE  # she may approve texts
    assert desk.say("outbound retry nothing").exit is Exit.USAGE
    job = rows.job_of(desk.house.store.read, "fake:1:2")
    assert job is not None
    desk.house.store.write(lambda tx: rows.mark_sending(tx, job))
    assert "in line already" in desk.say("outbound retry fake:1:2").title


def test_what_arrived_is_not_sent_twice(desk: Desk) -> None:
    job = rows.job_of(desk.house.store.read, "fake:1:2")
    assert job is not None
    desk.house.store.write(lambda tx: rows.mark_done(tx, job, Sent("id", "taken")))
    assert "It is not sent twice" in desk.say("outbound retry fake:1:2").title


def test_nothing_to_tell(tmp_path: Path) -> None:
    house = build(Settings(database_url=f"sqlite:///{tmp_path / 'other.db'}"))
    assert Desk(house).say("outbound").title == "Nothing is waiting to go outside, or not sent."
    house.close()


def test_mail_that_is_off_is_said_by_the_settings_name(tmp_path: Path) -> None:
    for environment, off in (({}, True), ({"SMTP_URL": "smtp://127.0.0.1:25"}, False)):
        house = build(Settings(database_url=f"sqlite:///{tmp_path / 'drbot.db'}", environment=environment))
        assert ("SMTP_URL" in dict(house.off)) is off
        house.close()
