"""`oncall`: who would be told, in which order, when, over what, and which seat is vacant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.grammar import Said, take_apart
from bot.commands.people import _moment, oncall
from bot.domain.answer import Answer, UsageError
from bot.domain.person import Person
from bot.oncall import PlanOnCall, Roster
from bot.plan.models import DrPlan
from tests.escalation.conftest import PEOPLE, plan_of


class Runs:
    """What the verb asks of runs: the roster."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def roster(self) -> Roster:
        return self._roster


def asked(
    line: str,
    plan: DrPlan | None = None,
    roster: Roster | None = None,
    pager: bool = True,
    mail: bool = True,
) -> Answer:
    plan = plan or plan_of()
    words = take_apart(line)
    said = Said(Person("ana", "Ana"), Where("shell"), words.plain[1:], words.options, words, 1)
    desk = cast(Desk, _Desk(plan, Runs(roster or PlanOnCall(plan).last()), pager, mail))
    return oncall(desk, said)


class _Desk:
    def __init__(self, plan: DrPlan, runs: Runs, pager: bool, mail: bool) -> None:
        self.plan = plan
        self.runs = runs
        self.pager = pager
        self.mail = mail


def rows(answer: Answer) -> list[tuple[str, ...]]:
    assert answer.table is not None
    return list(answer.table.rows)


def test_a_sev_1_at_three() -> None:
    answer = asked("oncall sev=1 at=03:00")
    assert answer.title == "On call: Ana Lima, Rui Costa."
    assert rows(answer) == [
        ("03:00 UTC", "Slack #belezza-alerts", "#belezza-alerts", "the incident's card"),
        ("03:00 UTC", "On-call engineer", "Ana Lima, Rui Costa", "PagerDuty"),
        ("03:15 UTC", "Engineering lead", "Eva Reis", "mail and a mention in the incident's thread"),
        ("03:30 UTC", "CTO", "Leo Dias", "mail and a mention in the incident's thread"),
    ]
    assert answer.lines[0] == (
        "Known from the plan's roles. It knows no shifts: the same people at any hour."
    )
    assert answer.lines[1] == "SEV-1 is to be answered within 15 min; an answer stops all of it."


def test_all_severities_in_one_look() -> None:
    table = rows(asked("oncall"))
    assert [row[:2] for row in table] == [
        ("SEV-1", "15 min"),
        ("SEV-2", "30 min"),
        ("SEV-3", "4 h"),
        ("SEV-4", "24 h"),
    ]
    assert table[0][2] == (
        "Slack #belezza-alerts at once → On-call engineer (Ana Lima, Rui Costa) at once"
        " → Engineering lead (Eva Reis) after 15 min → CTO (Leo Dias) after 30 min"
    )
    assert table[3][2].endswith("On-call engineer (Ana Lima, Rui Costa) after 12 h")


def test_a_vacant_seat_is_named_and_what_follows_from_it() -> None:
    gone = {name: one for name, one in PEOPLE.items() if name != "eva"}
    answer = asked("oncall sev=1 at=03:00", plan_of(people=gone))
    assert rows(answer)[2][:3] == (
        "03:15 UTC",
        "Engineering lead",
        "vacant: the next line is told at once",
    )
    assert rows(answer)[3][:2] == ("03:15 UTC", "CTO")
    lines = cast(list[Mapping[str, Any]], cast(list[Any], answer.data["severities"])[0]["lines"])
    assert [(one["vacant"], one["people"]) for one in lines[2:]] == [(True, []), (False, ["leo"])]
    assert [one["ways"] for one in lines] == [["channel"], ["page"], ["mail", "mention"], ["mail", "mention"]]


def test_a_pagers_roster_is_said_to_be_of_now() -> None:
    roster = Roster(("leo",), "PagerDuty (schedule PX)", paged=True)
    answer = asked("oncall sev=2 at=2026-12-24T03:00", roster=roster)
    assert "of now, not of 2026-12-24 03:00 UTC: somebody else may be on call then" in answer.lines[0]
    assert rows(answer)[1][2] == "Leo Dias"
    assert asked("oncall", roster=roster).lines == ("Known from PagerDuty (schedule PX).",)


def test_without_a_pager_it_is_said_what_happens_instead() -> None:
    answer = asked("oncall sev=1", pager=False)
    assert rows(answer)[1] == (
        "at once",
        "On-call engineer",
        "Ana Lima, Rui Costa",
        "mail and a mention in the incident's thread",
    )
    assert "PAGERDUTY_ROUTING_KEY is not set" in answer.lines[-1]


def test_without_mail_it_is_said_that_none_goes_out() -> None:
    answer = asked("oncall sev=1", mail=False)
    assert "it needs SMTP_URL" in answer.lines[-1]
    assert rows(answer)[2][3] == "a mention in the incident's thread"
    assert "SMTP_URL" not in str(asked("oncall sev=3", mail=False).lines), "a page needs no mail"


def test_a_plan_without_times_says_so() -> None:
    answer = asked("oncall sev=1", plan_of(severities={}))
    assert rows(answer) == []
    assert answer.lines[1] == "The plan has no response time for SEV-1: nobody is told but the channel."
    assert rows(asked("oncall", plan_of(severities={})))[0] == ("SEV-1", "not in the plan", "nobody")


@pytest.mark.parametrize("line", ["oncall sev=7", "oncall sev=none", "oncall at=25:00", "oncall at=soon"])
def test_what_cannot_be_read_is_said(line: str) -> None:
    with pytest.raises(UsageError):
        asked(line)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("03:00", "2026-11-24T03:00"),
        ("23:30", "2026-11-23T23:30"),
        ("12:00", "2026-11-23T12:00"),
        ("2026-11-30T03:00", "2026-11-30T03:00"),
        ("2026-11-30T03:00+02:00", "2026-11-30T01:00"),
    ],
)
def test_an_hour_is_the_next_one(text: str, moment: str) -> None:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert _moment(text, noon) == datetime.fromisoformat(moment).replace(tzinfo=UTC)
