"""`plan check` names what a drill of section 5.1 could never run, or may not."""

from __future__ import annotations

import pytest

from actions.registry import all_actions
from bot.plan.check import check_plan
from bot.plan.load import read_plan

PLAN = """environments: {{staging: {{}}, production: {{}}}}
testing:
  tests:
    restore:
      title: Backup restore to staging
      every: monthly
      owner: DevOps
      does:
        - {does}
"""
GOOD = "{action: rehearse-restore, params: {environment: staging, from_environment: production}}"


def faults(does: str) -> list[tuple[int, str]]:
    found = check_plan(read_plan(PLAN.format(does=does)), all_actions())
    return [
        (one.line, one.message) for one in found if one.where.startswith("testing") and one.level == "fault"
    ]


def test_a_drill_that_can_be_held_has_no_fault() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("{action: rehearse-restor, params: {environment: staging}}", "did you mean 'rehearse-restore'"),
        (GOOD.replace("environment: staging", "environmen: staging"), "has no parameter 'environmen'"),
        (GOOD.replace("staging", "moon"), "the plan has no environment 'moon'"),
        (GOOD.replace("staging", '"{environment}"'), "a drill has no alerts"),
        (
            "{action: restore-database, params: {environment: staging}}",
            "restore-database is destructive risk: a drill does only what is of risk look or low",
        ),
        (GOOD.replace("params:", "environments: [staging], params:"), "no environment of its own"),
    ],
)
def test_what_a_drill_cannot_do_is_a_fault_with_its_line(does: str, said: str) -> None:
    found = faults(does)
    assert [line for line, message in found if said in message] == [9], found
