"""Who is on call: by the plan's roles, or by PagerDuty's schedules, asked over the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bot.domain.answer import Refusal
from bot.domain.run import RunState
from bot.house import on_call_of
from bot.oncall import PlanOnCall
from bot.pagerduty import KEPT_S, PagerDutyOnCall
from bot.plan.models import DrPlan
from tests.policy.conftest import Build, plan_of
from tests.real.pagerduty import API_KEY as KEY
from tests.real.pagerduty import PagerDutyThere, pagerduty
from tests.real.pagerduty_rest import Reply

PLAN = plan_of({"on_call_from": {"pagerduty": ["PI7DH85", "PX2"]}})


class Time:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def there() -> Iterator[PagerDutyThere]:
    with pagerduty() as made:
        made.rest.turns = [
            ("leo@example.org", 2, "2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z"),
            ("Rui@Example.org", 1, "2020-01-01T00:00:00-03:00", None),
            ("stranger@example.org", 1, None, None),
        ]
        yield made
        assert made.rest.faults == []


def asked(
    there: PagerDutyThere, time_s: Time | None = None, key: str = KEY, plan: DrPlan = PLAN
) -> PagerDutyOnCall:
    return PagerDutyOnCall(plan, ("PI7DH85", "PX2"), key, there.url, time_s or Time())


def test_people_are_known_by_their_email_and_only_while_it_is_their_turn(there: PagerDutyThere) -> None:
    roster = asked(there).look()
    assert (roster.people, roster.trouble, roster.paged) == (("rui",), "", True)
    assert roster.source == "PagerDuty (schedule PI7DH85, PX2)"
    assert there.rest.asked[0]["schedule_ids[]"] == ["PI7DH85", "PX2"]


def test_it_is_asked_once_a_minute(there: PagerDutyThere) -> None:
    time_s = Time()
    duty = asked(there, time_s)
    for _ in range(5):
        duty.look()
    assert len(there.rest.asked) == 1
    there.rest.turns = [("ana@example.org", 1, None, None)]
    time_s.now_s = KEPT_S
    assert duty.last().people == ("rui",)
    assert duty.look().people == duty.last().people == ("ana",)
    assert len(there.rest.asked) == 2


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (429, None, "it answers 429"),
        (500, None, "it answers 500"),
        (200, b"<html>", "it answers what cannot be read"),
        (200, b'{"oncalls": [{"user": 7}]}', "it answers what cannot be read"),
        (200, b'{"oncalls": []}', "nobody on call whom the plan knows"),
    ],
)
def test_without_an_answer_the_plan_decides_and_it_is_said(
    there: PagerDutyThere, status: int, body: bytes | None, why: str
) -> None:
    there.rest.oncalls = Reply(status, {} if body is None else body)
    roster = asked(there).look()
    assert (roster.people, roster.paged) == (("ana", "rui"), False)
    assert why in roster.trouble
    assert len(there.rest.asked) == 1, "it was asked again at once"


def test_a_wrong_key_is_said_and_not_shown(there: PagerDutyThere) -> None:
    roster = asked(there, key="another-local-key").look()
    assert "refuses the key (401)" in roster.trouble
    assert "local-key" not in roster.trouble


def test_nobody_there(there: PagerDutyThere) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        there.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        roster = asked(there).look()
    assert "it does not answer" in roster.trouble
    assert roster.people == ("ana", "rui")


def test_the_role_is_held_by_who_is_on_call_now(there: PagerDutyThere, build: Build) -> None:
    world = build(asked(there), on_call_from={"pagerduty": ["PI7DH85"]})
    with pytest.raises(Refusal) as raised:
        world.ask("high", "ana")
    assert "only on-call may ask for. Ask Rui Costa." in str(raised.value)
    assert "You are not on call now; PagerDuty (schedule PI7DH85, PX2) has Rui Costa." in str(raised.value)
    run = world.ask("high", "rui")
    assert [one.id for one in world.runs.approvers(run)] == ["rui", "eva"]
    assert world.approve(run).state is RunState.APPROVED
    assert world.ask("look", "ana").state is RunState.APPROVED


def test_where_it_is_known_from_follows_from_the_plan_and_the_key() -> None:
    assert isinstance(on_call_of(plan_of({}), {"PAGERDUTY_API_KEY": KEY}), PlanOnCall)
    without_key = on_call_of(PLAN, {})
    assert "PAGERDUTY_API_KEY is not set" in without_key.look().trouble
    assert without_key.look().people == ("ana", "rui")
    assert isinstance(on_call_of(PLAN, {"PAGERDUTY_API_KEY": KEY}), PagerDutyOnCall)
