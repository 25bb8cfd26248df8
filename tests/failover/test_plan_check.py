"""What the check of the plan says of section 3.4."""

from __future__ import annotations

import pytest

from bot.plan.finding import Review
from bot.plan.keeping import contradictions
from bot.plan.models import DrPlan
from bot.plan.references import broken_references
from bot.plan.source import Source

ENTRY = {
    "record": "api.belezza.ai",
    "health_check": "https://api.belezza.ai/actuator/health/liveness",
    "ttl": "60s",
}


@pytest.mark.parametrize(
    ("first", "second", "warned"),
    [
        ({}, {}, True),
        ({"health": "http://1.1.1.1:8080/health"}, {}, True),
        ({"health": "http://1.1.1.1:8080/health"}, {"health": "http://9.9.9.9:8080/health"}, False),
    ],
)
def test_one_check_by_name_cannot_tell_targets_apart(
    first: dict[str, str], second: dict[str, str], warned: bool
) -> None:
    targets = {"primary": {"address": "1.1.1.1", **first}, "secondary": {"address": "9.9.9.9", **second}}
    plan = DrPlan.model_validate({"failover": {"api": {**ENTRY, "targets": targets}}})
    said = [one.message for one in contradictions(Review(plan, Source()))]
    assert any("cannot say how another target is" in one for one in said) is warned


@pytest.mark.parametrize(
    ("served", "said", "owner"),
    [
        (["production"], "", "production"),
        ([], "", ""),
        (["production", "staging"], "", ""),
        (["production", "staging"], "staging", "staging"),
        (["production"], "staging", "staging"),
    ],
)
def test_whose_name_it_is(served: list[str], said: str, owner: str) -> None:
    environments = {name: {"customers": name in served} for name in ("production", "staging")}
    entry = {**ENTRY, "targets": {"primary": {"address": "9.9.9.9"}}, "environment": said}
    plan = DrPlan.model_validate({"environments": environments, "failover": {"api": entry}})
    assert plan.owner_of("api") == owner
    warned = [one.message for one in contradictions(Review(plan, Source()))]
    assert any("whose name api.belezza.ai is" in one for one in warned) is not bool(owner)


def test_an_environment_that_is_not_there_is_a_fault() -> None:
    entry = {**ENTRY, "targets": {"primary": {"address": "9.9.9.9"}}, "environment": "prodution"}
    plan = DrPlan.model_validate({"environments": {"production": {}}, "failover": {"api": entry}})
    found = [fault.message for fault in broken_references(plan, Source())]
    assert found == ["the plan has no environment 'prodution'; did you mean 'production'?"]
