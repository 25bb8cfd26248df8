"""What the check of the plan says of section 3.4."""

from __future__ import annotations

import pytest

from bot.plan.finding import Review
from bot.plan.keeping import contradictions
from bot.plan.models import DrPlan
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
