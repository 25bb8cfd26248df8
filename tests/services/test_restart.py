"""restart-service on a real engine: nobody notices, once each, and it ends at the first that stays away."""

from __future__ import annotations

import pytest
import requests

from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context
from actions.services.restart import restart_service
from tests.actions.running import planned, run
from tests.real.belezza.project import Belezza
from tests.real.docker import belezza_project
from tests.real.processes import wait_for
from tests.real.proxy import proxy
from tests.services.conftest import PLACE, load, starts, tools_for

SOCKET = "unix://"


def test_three_replicas_restart_and_no_request_fails() -> None:
    with belezza_project(replicas=3) as made:
        tools, before = tools_for(made), starts(made)
        _, plan = planned(restart_service, tools, environment=PLACE, service="api")
        assert len(plan.steps) == 3
        with load(made.url) as seen:
            done = run(plan, tools, 1)
        now = starts(made)
        assert all(now[name] != at for name, at in before.items())
        assert seen.failed == {}
        assert seen.ended["200"] > 100
        assert "was restarted and is healthy" in done[1].said
        assert starts(made, "nginx")


def test_a_repeated_step_restarts_nothing_twice() -> None:
    with belezza_project(replicas=2, services=("api",)) as made:
        tools = tools_for(made)
        _, plan = planned(restart_service, tools, environment=PLACE, service="api")
        context = Context(tools, 1)
        for guard in plan.before:
            guard.do(context)
        plan.steps[0].do(context)
        once = starts(made)
        again = plan.steps[0].do(context)
        assert "had been restarted already" in again.said
        assert starts(made) == once


def test_a_sick_replica_goes_first_and_what_was_stopped_stays_so() -> None:
    with belezza_project(replicas=3, services=("api",), interval_s=0.2) as made:
        made.replica("api", 1).stop(timeout=5)
        _make_sick(made, 3)
        facts, plan = planned(restart_service, tools_for(made), environment=PLACE, service="api")
        assert [one.name[-1] for one in facts.replicas] == ["3", "2"]
        assert [one.name[-1] for one in facts.left] == ["1"]
        assert any("left so" in warning for warning in plan.warnings)
        run(plan, tools_for(made), 1)
        assert made.health(made.replica("api", 3)) == "healthy"
        assert made.health(made.replica("api", 1)) == "exited"


def test_it_ends_at_the_first_replica_that_does_not_come_back() -> None:
    with belezza_project(replicas=3, services=("api",), interval_s=0.2) as made:
        made.spoil(2)
        tools, before = tools_for(made, within_s=3), starts(made)
        _, plan = planned(restart_service, tools, environment=PLACE, service="api")
        context = Context(tools, 1)
        plan.steps[0].do(context)
        with pytest.raises(NotVerified, match=r"api_2 was unhealthy.*its last words: .*Started Belezza"):
            plan.steps[1].do(context)
        now = starts(made)
        third = next(name for name in now if name.endswith("_3"))
        assert now[third] == before[third]


def test_the_last_that_serves_is_left_alone() -> None:
    with belezza_project(replicas=2, services=("api",), interval_s=0.2) as made:
        tools = tools_for(made, within_s=1)
        _, plan = planned(restart_service, tools, environment=PLACE, service="api")
        _make_sick(made, 2)
        before = starts(made)
        with pytest.raises(Refused, match="no other replica of api is well"):
            plan.steps[0].do(Context(tools, 1))
        assert starts(made) == before


def test_a_container_that_crashes_again_and_again_may_be_restarted() -> None:
    with belezza_project(replicas=1, services=("api",), interval_s=0.2) as made:
        made.spoil(1, "crash")
        made.replica("api").restart(timeout=5)
        wait_for("a crash", lambda: _restarts(made) >= 2)
        tools = tools_for(made, within_s=3)
        facts, plan = planned(restart_service, tools, environment=PLACE, service="api")
        seen = _restarts(made)
        wait_for("another crash", lambda: _restarts(made) > seen)
        assert restart_service.drift(facts, planned(restart_service, tools, environment=PLACE)[0]) is None
        plan.before[0].do(Context(tools, 1))
        with pytest.raises(NotVerified, match=r"restarted \d times|not healthy"):
            plan.steps[0].do(Context(tools, 1))


@pytest.mark.parametrize(
    ("service", "sentence"),
    [("web", "has no container of a service 'web'.*it has api"), ("api", "no container of api runs")],
)
def test_what_it_refuses_at_the_survey(service: str, sentence: str) -> None:
    with belezza_project(services=("api",), healthy_within_s=0) as made:
        made.replica("api").stop(timeout=1)
        with pytest.raises(Refused, match=sentence):
            planned(restart_service, tools_for(made), environment=PLACE, service=service)


def test_the_guard_sees_what_somebody_else_did() -> None:
    with belezza_project(replicas=2, services=("api",)) as made:
        tools = tools_for(made)
        facts, plan = planned(restart_service, tools, environment=PLACE, service="api")
        made.replica("api", 2).restart(timeout=5)
        with pytest.raises(Refused, match=r"api_2 was started again by somebody else.*Nothing was changed"):
            plan.before[0].do(Context(tools, 1))
        made.replica("api", 2).remove(force=True)
        with pytest.raises(Refused, match="api_2 is gone since the plan was shown"):
            plan.before[0].do(Context(tools, 1))
        now, _ = planned(restart_service, tools, environment=PLACE, service="api")
        assert "is gone" in (restart_service.drift(facts, now) or "")


def test_an_engine_that_is_gone_late_or_forbids() -> None:
    with belezza_project(services=("api",)) as made, proxy(made.engine.removeprefix(SOCKET)) as way:
        tools, before = tools_for(made, f"tcp://127.0.0.1:{way.port}"), starts(made)
        _, plan = planned(restart_service, tools, environment=PLACE, service="api")
        guard, step, context = plan.before[0], plan.steps[0], Context(tools, 1)
        for each in (guard, step):
            with way.refuse(), pytest.raises(Transient, match="does not answer"):
                each.do(context)
            with way.hang(), pytest.raises(Transient, match="answers too late"):
                each.do(context)
            with (
                way.answer(403, b'{"message": "forbidden"}'),
                pytest.raises(Refused, match=r"may not|permit"),
            ):
                each.do(context)
        assert starts(made) == before


@pytest.mark.parametrize("service", ["", "-f", "../x", "api;rm", "a" * 64])
def test_a_name_that_no_service_can_have(service: str) -> None:
    with pytest.raises(ValueError, match="service is the name"):
        restart_service.read_params({"environment": PLACE, "service": service})


def _make_sick(made: Belezza, number: int) -> None:
    requests.post(f"{made.api_url(number)}/test/health?status=DOWN", timeout=5).raise_for_status()
    wait_for("a sick replica", lambda: made.health(made.replica("api", number)) == "unhealthy")


def _restarts(made: Belezza) -> int:
    found = made.replica("api")
    found.reload()
    return int(found.attrs["RestartCount"])
