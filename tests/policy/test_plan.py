"""The plan's own words for what holds runs back: read, checked, shown."""

from __future__ import annotations

from datetime import date

import pytest

from bot.plan.check import check_plan
from bot.plan.load import PlanFaults, read_plan
from bot.plan.show import show_plan

BASE = """
people:
  ana: {name: Ana Lima, slack: "@ana", roles: [on-call, approver]}
environments:
  staging: {match: ['env="staging"'], customers: true}
"""
WHOLE = (
    BASE
    + """
freezes:
  - title: Christmas
    because: everybody is away
    from: 2026-12-24T18:00
    until: 2026-12-27T08:00
    timezone: Europe/Lisbon
    environments: [staging]
    contact: ana
  - {title: Weekend, because: nobody is there, weekly: fri 18:00 - mon 08:00, risks: [low, destructive]}
limits: {per_hour: {low: 9}, per_target_hour: 3, breaker: {failures: 2, within: 30m}}
break_glass: {roles: [approver]}
on_call_from: {pagerduty: [PI7DH85]}
"""
)


def test_the_sections_are_read_and_shown() -> None:
    plan = read_plan(WHOLE)
    assert plan.freezes[0].rule.ends is not None
    assert plan.freezes[0].rule.ends.isoformat() == "2026-12-27T08:00:00+00:00"
    assert plan.limits.rule.per_hour == {"low": 9, "high": 6, "destructive": 2}
    assert plan.limits.breaker_rule.within_s == 1800
    shown = show_plan(plan, None)
    assert (
        "| Christmas | 2026-12-24 18:00 - 2026-12-27 08:00 (Europe/Lisbon) | staging | high, destructive |"
        in shown
    )
    assert "| Weekend | fri 18:00 - mon 08:00 (UTC) | all | low, destructive | nobody is there |" in shown
    assert "| At most | 9 | 6 | 2 | 3 | 2 failures in a row within 30 minutes |" in shown
    assert "The glass is broken by: approver." in shown


@pytest.mark.parametrize(
    ("section", "where", "said"),
    [
        ("freezes: [{title: x, because: y}]", "freezes[0]", "either `from` and `until`, or `weekly`"),
        (
            "freezes: [{title: x, because: y, from: 2026-01-01}]",
            "freezes[0]",
            "needs both `from` and `until`",
        ),
        (
            "freezes: [{title: x, because: y, from: 2026-01-02, until: 2026-01-01}]",
            "freezes[0]",
            "ends (2026-01-01 00:00:00) before it begins",
        ),
        (
            "freezes: [{title: x, because: y, from: tomorrow, until: 2026-01-01}]",
            "freezes[0].from",
            "'tomorrow' is not a time: write 2026-12-24T18:00",
        ),
        ("freezes: [{title: x, because: y, weekly: weekend}]", "freezes[0].weekly", "is not a weekly window"),
        (
            "freezes: [{title: x, because: y, weekly: fri 18:00 - mon 8:00, timezone: Lisboa}]",
            "freezes[0].timezone",
            "'Lisboa' is not a time zone",
        ),
        (
            "freezes: [{title: x, because: y, weekly: fri 18:00 - mon 8:00, risks: [look]}]",
            "freezes[0].risks[0]",
            "is not one of",
        ),
        (
            "freezes: [{title: x, because: y, weekly: fri 18:00 - mon 8:00, environments: [stagin]}]",
            "freezes[0].environments[0]",
            "no environment 'stagin'; did you mean 'staging'?",
        ),
        ("limits: {per_hour: {look: 3}}", "limits.per_hour.look", "is not one of"),
        ("limits: {per_target_hour: -1}", "limits.per_target_hour", "greater than or equal to 0"),
        ("break_glass: {roles: [aprover]}", "break_glass.roles[0]", "did you mean 'approver'?"),
        ("on_call_from: {pagerduty: []}", "on_call_from.pagerduty", "at least 1"),
    ],
)
def test_what_cannot_be_meant_is_a_fault_with_its_place(section: str, where: str, said: str) -> None:
    with pytest.raises(PlanFaults) as raised:
        read_plan(f"{BASE}{section}\n")
    assert [(fault.path, said in fault.message) for fault in raised.value.faults] == [(where, True)]
    assert raised.value.faults[0].line == 6


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            "freezes: [{title: Old, because: y, from: 2020-01-01, until: 2020-01-02}]",
            "was over on 2020-01-02",
        ),
        (
            "freezes: [{title: x, because: y, weekly: fri 18:00 - mon 8:00, risks: []}]",
            "“x” holds nothing back",
        ),
        ("limits: {per_hour: {high: 0}}", "0 means that no high run ever begins"),
        ("limits: {per_target_hour: 0}", "0 means that no run ever begins"),
        ("on_call_from: {pagerduty: [P1]}", "Ana Lima has no `email`"),
    ],
)
def test_what_is_unfinished_is_warned_of_at_its_line(section: str, said: str) -> None:
    found = check_plan(read_plan(f"{BASE}{section}\n"), {}, today=date(2026, 11, 23))
    hits = [one for one in found if said in one.message]
    assert [one.level for one in hits] == ["warning"]
    assert hits[0].line > 0


def test_nobody_may_be_called_as_the_bot_is() -> None:
    found = check_plan(read_plan(BASE.replace("  ana:", "  drbot:")), {}, today=date(2026, 11, 23))
    assert any(one.level == "fault" and "is the bot itself" in one.message for one in found)
