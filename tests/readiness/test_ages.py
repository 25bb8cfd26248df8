"""What the board tells of ages: backups and the WAL archive apart, and nothing at all is not young."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import cast

import pytest

from actions.board_values import AGE, AGE_OF, ARCHIVE
from actions.plan import AnyAction, Evidence, Light
from bot.domain.standing import Board
from bot.metrics import Metrics
from bot.plan.models import DrPlan
from bot.readiness.board import of_evidence
from bot.readiness.gauges import expose
from bot.readiness.kept import Readiness
from bot.readiness.watching import Watching
from tests.readiness.looks import World, component, look, plan_with
from tests.readiness.test_gauges import Kept


def told(age: str, light: Light = "green", what: str = "") -> Evidence:
    return Evidence("found", {AGE: age, **({AGE_OF: what} if what else {})}, light)


def saying(one: Evidence) -> Callable[[World], Evidence]:
    return lambda _: one


def measured(*plan: tuple[str, Evidence]) -> Mapping[str, float]:
    actions: Mapping[str, AnyAction] = {name: look(name, saying(one)) for name, one in plan}
    part = component(*actions)
    return Watching(plan_with(part=part), World().toolbox(), actions).measure().ages_s


@pytest.mark.disaster(42)
def test_an_archive_that_works_hides_no_dump_that_did_not_come() -> None:
    weeks_s = 40 * 86_400
    found = measured(("dumps", told(f"{weeks_s}", "red")), ("wal", told("40", "green", ARCHIVE)))
    assert found == {"backup": weeks_s, "archive": 40}


def test_a_dump_that_came_hides_no_archive_that_stands_still() -> None:
    found = measured(("dumps", told("600")), ("wal", told("72000", "red", ARCHIVE)))
    assert found == {"backup": 600, "archive": 72_000}


def test_of_several_looks_at_one_thing_the_least_that_can_be_trusted_counts() -> None:
    assert measured(("here", told("600")), ("there", told("30", "red"))) == {"backup": 600}


def test_the_worst_of_several_places_counts() -> None:
    made = look("dumps", lambda world: told("9" if world.asked[-1].endswith("production") else "900"))
    plan: DrPlan = plan_with(part=component("dumps"))
    both = {name: one.model_copy(update={"customers": True}) for name, one in plan.environments.items()}
    watching = Watching(plan.model_copy(update={"environments": both}), World().toolbox(), {"dumps": made})
    assert watching.measure().ages_s["backup"] == 900


@pytest.mark.parametrize("age", ["", "-1", "-25920000", "nan", "1e3", "Infinity", "٣", "9" * 12])
def test_what_is_no_age_is_none(age: str) -> None:
    assert of_evidence([told(age)]).age_s is None


def test_no_backup_at_all_is_older_than_any_and_a_number_for_prometheus() -> None:
    assert of_evidence([told("inf", "red")]).age_s == inf


def test_both_ages_are_scraped() -> None:
    metrics = Metrics()
    expose(metrics, cast("Readiness", Kept(Board((), ages_s={"backup": inf, "archive": 40.0}))))
    said = metrics.text().decode()
    assert "drbot_backup_age_seconds +Inf" in said
    assert "drbot_archive_age_seconds 40.0" in said
