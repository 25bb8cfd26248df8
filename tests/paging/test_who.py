"""Who did something there: by e-mail over REST, else by a name that only one has, and quickly."""

from __future__ import annotations

import pytest

from bot.domain.pager import Agent
from bot.paging.who import SILENT_S, Who
from bot.plan.models import DrPlan
from bot.ways.pagerduty_calls import Rest
from tests.paging.desk import SECTIONS
from tests.real.pagerduty import API_KEY, PagerDutyThere

PEOPLE = {**SECTIONS["people"], "ana2": {"name": "ANA  souza"}, "rui": {"name": "Rui Costa"}}
BRUNO = Agent("PBRUNO", "Bruno L.", person=True)


class Steady:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def who(there: PagerDutyThere, steady: Steady | None = None, people: object = None) -> Who:
    plan = DrPlan.model_validate({"people": people or SECTIONS["people"]})
    return Who(plan, Rest(API_KEY, there.url, timeout_s=0.3), steady or Steady())


def test_a_user_is_asked_for_once(there: PagerDutyThere) -> None:
    known = who(there)
    for _ in range(3):
        person = known.did(BRUNO)
        assert person is not None
        assert person.id == "bruno"
    assert [one.path for one in there.requests] == ["/users/PBRUNO"]


@pytest.mark.parametrize("how", [500, 404, "hang", "cut"])
def test_where_it_does_not_answer_names_decide_and_nobody_waits_twice(
    there: PagerDutyThere, how: int | str
) -> None:
    steady = Steady()
    known = who(there, steady)
    there.down(how)
    for _ in range(5):
        stranger = known.did(BRUNO)
        assert stranger is not None
        assert (stranger.id, stranger.name) == ("pagerduty", "Bruno L.")
    assert len(there.requests) == 1
    there.up()
    steady.now_s = SILENT_S
    found = known.did(BRUNO)
    assert found is not None
    assert found.id == "bruno"


@pytest.mark.parametrize(
    ("name", "person"),
    [("rui costa", "rui"), ("Ana Souza", "pagerduty"), ("", "pagerduty"), ("Rui", "pagerduty")],
)
def test_a_name_must_be_one_persons_alone(there: PagerDutyThere, name: str, person: str) -> None:
    found = who(there, people=PEOPLE).did(Agent("PNOBODY", name, person=True))
    assert found is not None
    assert found.id == person


def test_an_id_is_never_a_path(there: PagerDutyThere) -> None:
    for hostile in ("../incidents", "P1?x=1", "", "P/1"):
        assert who(there).did(Agent(hostile, "Rui", person=True)) is not None
    assert there.requests == []


def test_what_is_no_person_is_nobody(there: PagerDutyThere) -> None:
    assert who(there).did(Agent()) is None
    assert who(there).did(Agent("PBRUNO", "Bruno Lima", "bruno@example.org")) is None
