"""Who, where and what for: the questions that every other room asks the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.plan.load import load_plan, read_plan
from bot.plan.models import DrPlan


@pytest.fixture(scope="module")
def plan() -> DrPlan:
    return load_plan(Path(__file__).parents[2] / "data" / "belezza.yaml")


@pytest.mark.parametrize(
    ("labels", "environment"),
    [
        ({"env": "production", "instance": "belezza-db-prod:9187"}, "production"),
        ({"env": "staging", "instance": "belezza-mon-1:9090"}, "staging"),
        ({"instance": "belezza-db-prod:9187"}, "production"),
        ({"instance": "belezza-staging-1:9100"}, "staging"),
        ({}, "production"),
        ({"env": "qa"}, "production"),
    ],
)
def test_the_environment_of_an_alert(plan: DrPlan, labels: dict[str, str], environment: str) -> None:
    name, because = plan.environment_of(labels)
    assert name == environment
    assert because


@pytest.mark.parametrize(
    ("job", "text", "component"),
    [
        ("db", "", "database"),
        ("api", "database connection pool exhausted", "api"),
        ("redis", "", "redis"),
        ("nginx", "", "edge"),
        ("host", "", "host"),
        ("monitoring", "", "monitoring"),
        ("aws", "", "aws"),
        ("s3", "", "images"),
        ("", "PostgresqlDown", "database"),
        ("unheard-of", "the nginx of the shop", "edge"),
        ("", "something else", None),
    ],
)
def test_the_component_of_an_alert(plan: DrPlan, job: str, text: str, component: str | None) -> None:
    name, because = plan.component_of({"job": job}, text)
    assert name == component
    assert because


def test_the_pool_runbook_is_offered_with_the_alerts_own_environment(plan: DrPlan) -> None:
    labels = {"job": "api", "instance": "belezza-staging-1"}
    offered = dict(plan.runbooks_for(labels, "ConnectionPoolExhausted Database connection pool exhausted"))
    assert list(offered) == ["pool-exhaustion"]
    end_queries = next(one for one in offered["pool-exhaustion"].actions if one.action == "end-long-queries")
    assert end_queries.params == {"environment": "staging", "older_than": "10m"}


def test_a_button_is_offered_only_where_the_plan_says(plan: DrPlan) -> None:
    def restores(environment: str) -> list[dict[str, str]]:
        found = plan.runbooks_for({"job": "db", "env": environment}, "Table corruption: corrupted pages")
        return [one.params for _, book in found for one in book.actions if one.action == "restore-database"]

    assert restores("production") == []
    wanted = {"environment": "staging", "from_environment": "production", "backup": "latest"}
    assert restores("staging") == [wanted]


def test_a_runbook_for_another_component_is_not_offered(plan: DrPlan) -> None:
    assert plan.runbooks_for({"job": "monitoring"}, "PrometheusTsdbWalCorruptions corrupted") == []
    assert plan.runbooks_for({"job": "db"}, "FooterTypo") == []


def test_people_by_id_account_and_role(plan: DrPlan) -> None:
    ana = plan.person("ana")
    assert ana is not None
    assert ana.has("on-call")
    assert not ana.has("approver")
    assert plan.person("eve") is None
    by_handle = plan.person_by_slack("U0AB12", "bruno")
    assert by_handle is not None
    assert (by_handle.id, by_handle.slack_id) == ("bruno", "U0AB12")
    assert plan.person_by_slack("", "") is None
    assert [person.id for person in plan.people_with(("approver",))] == ["bruno", "carla", "davi"]


def test_somebody_without_an_account_is_nobody_in_slack() -> None:
    assert read_plan("people: {eve: {name: Eve}}").person_by_slack("", "") is None


def test_an_empty_plan_answers_too() -> None:
    plan = DrPlan()
    assert plan.environment_of({"env": "x"})[0] == ""
    assert plan.component_of({}, "database")[0] is None
    assert plan.runbooks_for({}, "") == []
