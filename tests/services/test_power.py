"""stop-service and start-service on a real engine: each once, each the other's way back."""

from __future__ import annotations

import pytest

from actions.failures import NotVerified, Refused
from actions.plan import Context
from actions.services.power import start_service, stop_service
from tests.actions.running import planned, run, undo
from tests.real.belezza.project import Belezza
from tests.real.docker import belezza_project
from tests.services.conftest import PLACE, starts, tools_for

API = {"environment": PLACE, "service": "api"}


def states(made: Belezza) -> list[str]:
    return [made.health(one) for one in made.containers("api")]


def test_stop_and_its_way_back_each_twice() -> None:
    with belezza_project(replicas=2) as made:
        tools, before = tools_for(made), starts(made)
        _, plan = planned(stop_service, tools, **API)
        assert any("nginx needs it" in warning for warning in plan.warnings)
        run(plan, tools, 1, times=2)
        assert states(made) == ["exited", "exited"]
        assert made.health(made.replica("nginx")) == "healthy"
        undo(plan, tools, 1, times=2)
        now = starts(made)
        assert states(made) == ["healthy", "healthy"]
        assert all(now[name] != at for name, at in before.items())
        undo(plan, tools, 1)
        assert starts(made) == now
        with pytest.raises(Refused, match="started again"):
            plan.steps[0].do(Context(tools, 1))


def test_start_and_its_way_back() -> None:
    with belezza_project(replicas=2, services=("api",)) as made:
        tools = tools_for(made)
        for one in made.containers("api"):
            one.stop(timeout=5)
        _, plan = planned(start_service, tools, **API)
        run(plan, tools, 1, times=2)
        assert states(made) == ["healthy", "healthy"]
        undo(plan, tools, 1, times=2)
        assert states(made) == ["exited", "exited"]
        context = Context(tools, 1)
        with pytest.raises(NotVerified, match="was started and has ended again"):
            plan.steps[0].do(context)


def test_start_of_what_does_not_get_well() -> None:
    with belezza_project(services=("api",), interval_s=0.2) as made:
        tools = tools_for(made, within_s=2)
        made.spoil(1)
        made.replica("api").stop(timeout=5)
        _, plan = planned(start_service, tools, **API)
        with pytest.raises(NotVerified, match="not healthy, after 2 s"):
            plan.steps[0].do(Context(tools, 1))
        undo(plan, tools, 1)
        assert states(made) == ["exited"]


def test_refusals() -> None:
    with belezza_project(services=("api",)) as made:
        tools = tools_for(made)
        with pytest.raises(Refused, match="runs already: nothing to start; restart-service"):
            planned(start_service, tools, **API)
        with pytest.raises(Refused, match=r"'web'.*it has api"):
            planned(stop_service, tools, environment=PLACE, service="web")
        facts, plan = planned(stop_service, tools, **API)
        made.replica("api").restart(timeout=5)
        with pytest.raises(Refused, match="started again by somebody else"):
            plan.before[0].do(Context(tools, 1))
        assert stop_service.drift(facts, planned(stop_service, tools, **API)[0])
        made.replica("api").stop(timeout=5)
        with pytest.raises(Refused, match="does not run: nothing to stop"):
            planned(stop_service, tools, **API)
        _, plan = planned(start_service, tools, **API)
        made.replica("api").remove(force=True)
        with pytest.raises(Refused, match="is gone since"):
            plan.before[0].do(Context(tools, 1))
        with pytest.raises(Refused, match="is gone: somebody removed it"):
            plan.steps[0].do(Context(tools, 1))
