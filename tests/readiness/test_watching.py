"""Looks on the board: whatever one of them does, the board has a line for it, and in time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from bot.domain.standing import Light, Standing
from bot.plan.models import Component, DrPlan, OfferedAction, Runbook
from bot.readiness.watching import Watched, Watching
from tests.readiness.looks import ACTIONS, World, component, plan_with
from tests.readiness.measured import HANGS_S


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.gate.set()


def measured(world: World, plan: DrPlan, look_s: float = 5.0) -> Watched:
    return Watching(plan, world.toolbox(), ACTIONS, look_s).measure()


def one(world: World, *looks: str, **given: object) -> Standing:
    (found,) = measured(world, plan_with(part=component(*looks, **given))).standings
    return found


def test_the_worst_light_decides_and_its_sentence_is_the_why(world: World) -> None:
    found = one(world, "ill")
    assert (found.light, found.why, found.key) == (Light.RED, "the disk is full", "part")


def test_a_look_is_asked_where_customers_are(world: World) -> None:
    found = one(world, "well", backup_frequency="Daily")
    assert (found.light, found.measured, found.promised) == (Light.GREEN, "41 s old", "Daily")
    assert world.asked == ["well production"]


@pytest.mark.parametrize(
    ("look", "light", "why"),
    [
        ("denied", Light.RED, "S3 says no: the policy lacks s3:ListBucket"),
        ("gone", Light.RED, "S3 does not answer"),
        ("unset", Light.UNKNOWN, "DR_X_URL is not set, so it is out of reach"),
        ("broken", Light.AMBER, "broken broke (ZeroDivisionError): see the bot's log"),
        ("mute", Light.UNKNOWN, "the look judges nothing: there are 3 of them"),
        ("changes", Light.UNKNOWN, "changes changes something: the board only looks"),
        ("nowhere", Light.UNKNOWN, "there is no action nowhere: `actions` lists them"),
    ],
)
def test_each_way_of_failing_is_a_line(world: World, look: str, light: Light, why: str) -> None:
    found = one(world, look)
    assert (found.light, found.why) == (light, why)


def test_what_changes_something_is_never_run(world: World) -> None:
    one(world, "changes")
    assert world.asked == []


def test_parameters_that_cannot_be_read_are_the_plans_fault(world: World) -> None:
    bad = component().model_copy(update={"looks": (OfferedAction(action="well", params={"place": "x"}),)})
    (found,) = measured(world, plan_with(part=bad)).standings
    assert found.light is Light.UNKNOWN
    assert found.why.startswith("the plan's well cannot be read: well has no parameter 'place'")


def test_one_lost_packet_turns_nothing_red(world: World) -> None:
    assert one(world, "flake").light is Light.GREEN
    assert world.flakes == 2


def test_one_that_hangs_darkens_its_own_line_alone_and_is_not_asked_again(world: World) -> None:
    plan = plan_with(slow=component("hang"), part=component("well"))
    watching = Watching(plan, world.toolbox(), ACTIONS, look_s=0.2)
    started = time.monotonic()
    slow, part = watching.measure().standings
    assert time.monotonic() - started < HANGS_S / 2
    assert (slow.light, part.light) == (Light.RED, Light.GREEN)
    assert "did not answer within" in slow.why
    again, _ = watching.measure().standings
    assert again.why == "hang has not answered since it was last asked"
    assert world.asked.count("hang production") == 1


def test_a_hanging_look_is_asked_again_once_it_has_answered(world: World) -> None:
    watching = Watching(plan_with(slow=component("hang")), world.toolbox(), ACTIONS, look_s=0.2)
    watching.measure()
    world.gate.set()
    deadline = time.monotonic() + 5
    while (found := watching.measure().standings[0]).light is not Light.GREEN and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found.light is Light.GREEN


def test_many_that_hang_take_no_longer_than_their_rounds(world: World) -> None:
    plan = plan_with(**{f"c{number}": component("hang") for number in range(12)})
    started = time.monotonic()
    found = measured(world, plan, look_s=0.3).standings
    assert time.monotonic() - started < HANGS_S / 2
    assert {line.light for line in found} == {Light.RED}


def test_stopping_waits_for_no_look(world: World) -> None:
    watching = Watching(plan_with(slow=component("hang")), world.toolbox(), ACTIONS, look_s=60)
    watching.stop()
    started = time.monotonic()
    assert watching.measure().standings[0].light is Light.UNKNOWN
    assert time.monotonic() - started < HANGS_S / 2


def test_what_could_not_be_measured_beside_it_is_said(world: World) -> None:
    found = one(world, "well", "unset", helps=(HELP,))
    assert (found.light, found.partly) == (Light.AMBER, True)
    assert found.why == "not measured: DR_X_URL is not set, so it is out of reach; beside it: it is well"
    assert found.helps == "", "no button sets a variable"


def test_what_is_ill_beside_a_blind_look_is_said_first_and_helped(world: World) -> None:
    found = one(world, "ill", "unset", helps=(HELP,))
    assert (found.light, found.partly) == (Light.RED, True)
    assert found.why == "the disk is full; not measured: DR_X_URL is not set, so it is out of reach"
    assert found.label == "Do it"


def test_without_looks_it_is_not_measured_and_says_what_would(world: World) -> None:
    found = one(world, backup_frequency="Git versioned")
    assert found.light is Light.UNKNOWN
    assert found.why == "nothing measures it yet: name its `looks` in the plan"


def test_components_that_promise_nothing_and_have_no_looks_are_not_on_the_board(world: World) -> None:
    assert measured(world, plan_with(part=component())).standings == ()


def test_the_age_of_the_newest_backup_is_told(world: World) -> None:
    assert measured(world, plan_with(part=component("well", "ill"))).ages_s == {"backup": 41.0}


HELP = OfferedAction(action="changes", label="Do it", params={"environment": "{environment}"})


def test_what_helps_is_offered_where_it_does_not_stand_well(world: World) -> None:
    found = one(world, "ill", helps=(HELP,))
    assert (found.helps, found.label) == ("run changes environment=production", "Do it")
    assert one(world, "well", helps=(HELP,)).helps == ""


def test_a_button_that_does_not_exist_here_is_not_offered_but_the_runbook_is(world: World) -> None:
    other = OfferedAction(action="nowhere", params={})
    book = Runbook.model_validate(
        {"title": "Mend it", "component": "part", "steps": [{"title": "Mend", "does": [HELP]}]}
    )
    plan = plan_with(part=component("ill", helps=(other,))).model_copy(update={"runbooks": {"mend": book}})
    (found,) = measured(world, plan).standings
    assert (found.helps, found.label) == ("runbook mend environment=production", "Runbook: Mend it")


@pytest.mark.parametrize("value", ['a" environment=production', "a\nb"])
def test_a_line_that_cannot_be_said_unchanged_is_not_offered(world: World, value: str) -> None:
    bad = OfferedAction(action="changes", params={"environment": value})
    assert one(world, "ill", helps=(bad,)).helps == ""


def test_the_rpo_is_promised_beside_its_component(world: World) -> None:
    rpo = {"title": "RPO", "target": "1h", "priority": "Database"}
    base = plan_with(database=component("well", backup_frequency="Daily"), cache=component("well"))
    plan = DrPlan.model_validate({**base.model_dump(), "objectives": {"rpo": rpo}})
    database, cache = measured(world, plan).standings
    assert (database.promised, cache.promised) == ("Daily · RPO 1 h", "")


def test_before_the_first_measurement_every_line_is_there() -> None:
    watching = Watching(plan_with(part=component("well")), World().toolbox(), ACTIONS)
    (found,) = watching.unmeasured()
    assert (found.light, found.why) == (Light.UNKNOWN, "not measured yet")


def test_a_look_in_environments_of_its_own(world: World) -> None:
    both = OfferedAction(
        action="well", params={"environment": "{environment}"}, environments=("production", "staging")
    )
    part: Component = component().model_copy(update={"looks": (both,)})
    measured(world, plan_with(part=part))
    assert sorted(world.asked) == ["well production", "well staging"]


def test_what_a_look_says_would_help_comes_first(world: World) -> None:
    first = OfferedAction(action="well", params={"environment": "{environment}"})
    assert one(world, "doubts", helps=(first, HELP)).helps == "run changes environment=production"
    tests = {"try": {"title": "Try it", "every": "monthly", "owner": "DevOps", "does": [HELP]}}
    base = plan_with(part=component("doubts", helps=(first,)))
    plan = DrPlan.model_validate({**base.model_dump(), "testing": {"tests": tests}})
    (found,) = measured(world, plan).standings
    assert (found.helps, found.label) == ("drill try", "Hold the drill")
