"""Which key is missing is said by its name, where the plan or another key says that it would be used."""

from __future__ import annotations

import pytest

from bot.paging.wiring import NO_PAGES, NO_WRITING, off_in_paging
from bot.plan.models import DrPlan

PAGES = {"internal": [{"tell": "On-call engineer", "via": "PagerDuty", "roles": ["on-call"]}]}
ROUTING, API, SECRET = "PAGERDUTY_ROUTING_KEY", "PAGERDUTY_API_KEY", "PAGERDUTY_WEBHOOK_SECRET"


@pytest.mark.parametrize(
    ("communication", "given", "off"),
    [
        ({}, (), {}),
        (PAGES, (), {ROUTING: NO_PAGES}),
        (PAGES, (ROUTING,), {API: NO_WRITING}),
        (PAGES, (ROUTING, API), {}),
        ({}, (SECRET,), {API: NO_WRITING}),
        ({"pager": {"notes": True}}, (), {API: NO_WRITING}),
        ({"pager": {"priorities": {"SEV-1": "P1"}}}, (API,), {}),
    ],
)
def test_what_is_off(communication: dict[str, object], given: tuple[str, ...], off: dict[str, str]) -> None:
    plan = DrPlan.model_validate({"communication": communication})
    assert dict(off_in_paging(plan, dict.fromkeys(given, "local-key"))) == off
