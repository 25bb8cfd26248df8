"""Belezza's api redeployed under load, by clients who call its edge: nobody notices."""

from __future__ import annotations

from actions.services.redeploy import redeploy_service
from tests.actions.running import planned, run
from tests.real.docker import belezza_project
from tests.services.conftest import PLACE, load, tools_for


def test_three_replicas_are_made_anew_and_no_request_fails() -> None:
    with belezza_project(replicas=3) as made:
        tools, before = tools_for(made), {one.id for one in made.containers("api")}
        _, plan = planned(redeploy_service, tools, environment=PLACE, service="api")
        with load(made.url) as seen:
            run(plan, tools, 7)
        assert seen.ended["200"] > 20
        assert seen.failed == {}
        now = made.containers("api")
        assert len(now) == 3
        assert not before & {one.id for one in now}
        assert {made.health(one) for one in now} == {"healthy"}
