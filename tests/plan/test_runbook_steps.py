"""A runbook's own steps can be walked: what they name exists, takes its parameters, and decides sensibly."""

from __future__ import annotations

import pytest

from bot.plan.check import Finding, check_plan
from bot.plan.load import PlanFaults, read_plan
from bot.plan.models import DrPlan
from tests.engine.toys import ACTIONS

PLAN = """
environments:
  staging: {title: Staging, customers: true}
  production: {title: Production}
runbooks:
  shelves:
    title: Shelves
    words: [shelf]
    looks:
      - {action: look-shelve, params: {place: hall}}
    actions:
      - {action: high-shelve, params: {place: hall}}
    steps:
      - title: Look at the shelf
        does: [{action: look-shelve, params: {place: hall}}]
      - title: Furnish it
        does:
          - {action: low-shelve, params: {place: "{environment}"}, environments: [staging]}
      - title: If that fails, furnish another
        only_if: failed
        does: [{action: high-shelve, params: {place: attic}}]
      - title: Tell everybody
        command: echo done
"""


def plan(old: str = "", new: str = "") -> DrPlan:
    assert old in PLAN
    return read_plan(PLAN.replace(old, new))


def faults(old: str = "", new: str = "") -> list[Finding]:
    found = check_plan(plan(old, new), ACTIONS)
    return [one for one in found if one.where.startswith("runbooks")]


def test_a_sound_runbook_has_no_finding() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("{action: look-shelve, params: {place: hall}}\n    a", "{action: lok-shelve}\n    a",
         "runbooks.shelves.looks[0].action", "did you mean 'look-shelve'?"),
        ("low-shelve", "lower-shelf", "runbooks.shelves.steps[1].does[0].action", "no action is named"),
        ("params: {place: attic}", "params: {palce: attic}", "runbooks.shelves.steps[2].does[0].params",
         "has no parameter 'palce'"),
        ("params: {place: attic}", "params: {place: attic, pause_s: soon}",
         "runbooks.shelves.steps[2].does[0].params", "cannot be run so"),
        ("params: {place: attic}", 'params: {place: attic, expect: "< 1"}',
         "runbooks.shelves.steps[2].does[0].params", "watch is a PromQL query"),
        ("params: {place: attic}", "params: {place: attic, watch: up, expect: about 1}",
         "runbooks.shelves.steps[2].does[0].params", "is not a comparison"),
        ("{action: high-shelve, params: {place: hall}}", "{action: high-shelve}",
         "runbooks.shelves.actions[0]", "missing required field `place`"),
        ("{action: look-shelve, params: {place: hall}}\n    a",
         "{action: low-shelve, params: {place: x}}\n    a",
         "runbooks.shelves.looks[0].action", "only what changes nothing may run by itself"),
        ("title: Look at the shelf", "title: Look\n        only_if: failed",
         "runbooks.shelves.steps[0].only_if", "none before it"),
    ],
)  # fmt: skip
def test_what_could_never_run_is_a_fault_at_its_place(old: str, new: str, where: str, said: str) -> None:
    (found,) = faults(old, new)
    assert (found.level, found.where.startswith(where)) == ("fault", True), found
    assert said in found.message
    assert found.line > 0


def test_a_decision_about_what_a_person_does_by_hand_is_never_taken() -> None:
    (found,) = faults("        command: echo done", "        command: x\n      - {title: y, only_if: failed}")
    assert (found.level, found.where) == ("warning", "runbooks.shelves.steps[4].only_if")


def test_only_failed_can_be_asked_about() -> None:
    with pytest.raises(PlanFaults, match="only_if"):
        plan("only_if: failed", "only_if: held")


def test_environments_of_looks_and_steps_must_be_in_the_plan() -> None:
    with pytest.raises(PlanFaults, match="did you mean 'staging'"):
        plan("environments: [staging]", "environments: [stagin]")


def test_each_environment_has_its_own_steps() -> None:
    runbook = plan().runbooks["shelves"]
    assert runbook.offered_in("staging").steps[1].does[0].params == {"place": "staging"}
    assert runbook.offered_in("production").steps[1].does == ()
    assert runbook.is_walked
