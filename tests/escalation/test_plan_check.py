"""`plan check` says where nobody would be told, before a night shows it."""

from __future__ import annotations

from bot.plan.check import check_plan
from tests.escalation.conftest import PEOPLE, SEVERITIES, plan_of


def said(**sections: object) -> list[str]:
    return [one.message for one in check_plan(plan_of(**sections), ())]


def test_a_severity_without_a_response_time() -> None:
    gone = {name: level for name, level in SEVERITIES.items() if name != "SEV-3"}
    assert "SEV-3 has no response time: nobody is told when nobody answers" in said(severities=gone)
    assert not [one for one in said() if "response time" in one]


def test_somebody_of_the_table_without_any_address() -> None:
    people = {**PEOPLE, "eva": {"name": "Eva Reis", "roles": ["lead"]}}
    told = "Eva Reis is to be told while nobody answers, and has neither `email` nor `slack`"
    assert told in said(people=people)
    assert told not in said()
    silent = {**PEOPLE, "eva": {"name": "Eva Reis", "roles": ["approver"]}}
    assert told not in said(people=silent)
