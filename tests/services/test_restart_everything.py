"""restart-everything: what others need comes first, and each once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.failures import Refused
from actions.plan import Context
from actions.services.restart_everything import in_order, restart_everything
from tests.actions.running import planned, run
from tests.real.docker import belezza_project
from tests.services.conftest import PLACE, starts, tools_for


def test_the_whole_project_in_the_order_of_its_needs() -> None:
    with belezza_project(replicas=2, services=("db", "redis", "api", "nginx")) as made:
        tools, before = tools_for(made), starts(made, "")
        facts, plan = planned(restart_everything, tools, environment=PLACE)
        assert facts.services.index("api") > facts.services.index("db")
        assert facts.services[-1] == "nginx"
        run(plan, tools, 1)
        now = starts(made, "")
        assert all(now[name] != at for name, at in before.items())
        at = {name.rsplit("_", 2)[-2]: started for name, started in now.items()}
        assert at["db"] < at["api"] < at["nginx"]
        assert made.at_edge()
        plan.steps[0].do(Context(tools, 1))
        assert starts(made, "") == now


def test_the_plans_order_counts_first_and_changes_are_seen() -> None:
    with belezza_project(services=("api", "nginx")) as made:
        tools = tools_for(made, order=("nginx", "api"))
        facts, plan = planned(restart_everything, tools, environment=PLACE)
        assert facts.services == ("nginx", "api")
        assert any("one container each" in warning for warning in plan.warnings)
        made.replica("nginx").restart(timeout=5)
        with pytest.raises(Refused, match="nginx_1 was started again by somebody else"):
            plan.before[0].do(Context(tools, 1))
        assert restart_everything.drift(facts, planned(restart_everything, tools, environment=PLACE)[0])


def test_nothing_there() -> None:
    with belezza_project(services=()) as made, pytest.raises(Refused, match="nothing to restart"):
        planned(restart_everything, tools_for(made), environment=PLACE)


names = st.sampled_from("abcdef")


@given(
    st.sets(names, min_size=1),
    st.lists(names, unique=True),
    st.dictionaries(names, st.lists(names, max_size=4)),
)
def test_any_order_names_each_service_once(
    services: set[str], order: list[str], needs: dict[str, list[str]]
) -> None:
    found, why = in_order(tuple(services), order, needs)
    assert sorted(found) == sorted(services)
    assert why
    if why == "what needs what, by their labels":
        for one, needed in needs.items():
            assert all(
                found.index(need) < found.index(one)
                for need in needed
                if {one, need} <= services and one != need
            )
