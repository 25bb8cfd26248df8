"""`plan check` on what drbot is to do by itself: each fault with its line and what would be right."""

from __future__ import annotations

import pytest

from bot.plan.check import check_plan
from bot.plan.load import PlanFaults, read_plan
from tests.engine.toys import ACTIONS

HEAD = """
people:
  ana: {name: Ana Lima, roles: [on-call]}
environments:
  staging: {title: Staging}
testing:
  tests:
    hall: {title: Hall, every: monthly, owner: ana, does: [{action: low-shelve, params: {place: hall}}]}
    grave: {title: Grave, every: monthly, owner: ana, does: [{action: high-shelve, params: {place: hall}}]}
    talk: {title: Talk, every: annually, owner: ana}
schedules:
"""
GOOD = "nightly: {title: Nightly, cron: 0 2 * * *, action: low-shelve, params: {place: hall}}"


def findings(*lines: str) -> list[tuple[str, str, str]]:
    plan = read_plan(HEAD + "".join(f"  {line}\n" for line in lines))
    return [
        (one.level, one.where, one.message)
        for one in check_plan(plan, ACTIONS)
        if one.where.startswith("schedules")
    ]


def test_what_is_right_is_not_told() -> None:
    assert (
        findings(
            GOOD,
            "then: {title: Then, after: nightly, drill: hall}",
            "look: {title: Look, cron: '*/5 * * * *', action: look-shelve, params: {place: hall}}",
            "own: {title: Own, cron: 0 3 * * *, action: self-backup, params: {to: 's3://a/b/', keep: '3'}}",
        )
        == []
    )


@pytest.mark.parametrize(
    ("line", "where", "said"),
    [
        ("action: low-shelf, params: {place: hall}", "action", "did you mean 'low-shelve'?"),
        ("action: self-backap", "action", "did you mean 'self-backup'?"),
        ("action: low-shelve, params: {hall: yes}", "params", "low-shelve"),
        ("action: low-shelve", "params", "low-shelve"),
        ("action: high-shelve, params: {place: hall}", "action", "starts look and low risk only"),
        ("action: destructive-shelve, params: {place: hall}", "action", "is destructive risk"),
        ("drill: hal", "drill", "section 5.1 has no drill 'hal'; did you mean 'hall'?"),
        ("drill: talk", "drill", "talk has no `does`: people hold it"),
        ("drill: hall, params: {place: hall}", "params", "a drill takes its parameters from its own `does`"),
        ("action: self-backup", "params", "self-backup needs `to`"),
        ("action: self-backup, params: {to: x, from: y}", "params", "takes `to` and `keep`, not from"),
        ("action: self-backup, params: {to: x, keep: none}", "params", "is no number of copies"),
        ("action: self-backup, params: {to: x, keep: '0'}", "params", "is no number of copies"),
    ],
)  # fmt: skip
def test_what_could_never_be_done_is_a_fault(line: str, where: str, said: str) -> None:
    ((level, found, message),) = findings(f"one: {{title: One, cron: 0 2 * * *, {line}}}")
    assert (level, found) == ("fault", f"schedules.one.{where}")
    assert said in message


def test_a_drill_that_needs_a_person_is_a_fault() -> None:
    ((level, where, said),) = findings("one: {title: One, cron: 0 2 * * *, drill: grave}")
    assert (level, where) == ("fault", "schedules.one.drill")
    assert "grave runs high-shelve, which is high risk" in said


def test_a_day_that_never_comes() -> None:
    ((level, where, said),) = findings("one: {title: One, cron: 0 2 30 2 *, drill: hall}")
    assert (level, where, said) == (
        "fault",
        "schedules.one.cron",
        "0 2 30 2 * names a day that never comes: it is never due",
    )


def test_what_is_due_more_often_than_the_limits_allow() -> None:
    often = "one: {title: One, cron: '*/10 * * * *', action: low-shelve, params: {place: hall}}"
    ((level, where, said),) = findings(often)
    assert (level, where) == ("warning", "schedules.one.cron")
    assert said.startswith(
        "it is due 6 times an hour, and the plan's limits allow 4 runs an hour on one target"
    )


def test_nobody_is_named_like_a_schedule() -> None:
    plan = read_plan('people: {"schedule:nightly": {name: Ana, roles: [on-call]}}\n')
    assert any("give the person another id" in one.message for one in check_plan(plan, ACTIONS))


def test_a_circle_is_told_at_each_that_waits() -> None:
    found = findings(
        "one: {title: One, after: two, drill: hall}",
        "two: {title: Two, after: one, drill: hall}",
        "three: {title: Three, after: one, drill: hall}",
        "self: {title: Self, after: self, drill: hall}",
    )
    assert [where for _, where, _ in found] == [
        "schedules.one.after",
        "schedules.two.after",
        "schedules.self.after",
    ]
    assert "one after two after one: each waits for the other" in found[0][2]


def test_nothing_comes_after_the_copy_of_its_own_memory() -> None:
    own = "own: {title: Own, cron: 0 3 * * *, action: self-backup, params: {to: x}}"
    ((level, where, said),) = findings(own, "one: {title: One, after: own, drill: hall}")
    assert (level, where) == ("fault", "schedules.one.after")
    assert "nothing comes after self-backup" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("one: {title: One, after: nightli, drill: hall}", "no schedule 'nightli'"),
        (
            "one: {title: One, cron: 0 2 * * *, action: x, params: {environment: moon}}",
            "no environment 'moon'",
        ),
        ("one: {title: One, cron: 0 2 * * *, after: nightly, drill: hall}", "name exactly one"),
        ("one: {title: One, cron: 0 2 * * *}", "name exactly one"),
        ("one: {title: One, cron: at two, drill: hall}", "is not a schedule"),
    ],
)
def test_what_leads_nowhere_does_not_load(line: str, said: str) -> None:
    with pytest.raises(PlanFaults) as broken:
        read_plan(f"{HEAD}  {GOOD}\n  {line}\n")
    assert any(said in one.message for one in broken.value.faults)
