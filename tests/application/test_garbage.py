"""A garbage collection by the plan's command, in real containers; and where none is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from actions.application.garbage import collect_garbage
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.real.actuator import Actuator
from tests.real.belezza.project import Belezza
from tests.real.collecting import FREED_BYTES, FULL_BYTES, actuator_of, toolbox, used_bytes
from tests.real.docker import belezza_project
from tests.real.proxy import proxy


@pytest.fixture(scope="module")
def project() -> Iterator[Belezza]:
    with belezza_project(services=("api",)) as made:
        yield made


@pytest.fixture
def made(project: Belezza) -> Belezza:
    fill(project)
    return project


def fill(made: Belezza) -> None:
    requests.post(f"{made.api_url()}/test/metrics?jvm.memory.used={FULL_BYTES}", timeout=5).raise_for_status()


def test_memory_is_freed_and_that_is_checked(made: Belezza) -> None:
    tools = toolbox(made)
    facts, plan = planned(collect_garbage, tools, environment="staging")
    assert facts.heap_used_bytes == FULL_BYTES
    done = run(plan, tools, 21)
    assert used_bytes(actuator_of(made)) == FREED_BYTES
    assert done[1].said == "asked 1 JVM: heap 297.5 MiB before, 95.4 MiB after"
    assert done[-1].said == "heap in use 95.4 MiB, 202.2 MiB less than was shown"
    again = plan.steps[0].do(Context(tools, 21))
    assert again.said == "asked 1 JVM: heap 95.4 MiB before, 95.4 MiB after"
    assert "less than was shown" in plan.after[0].do(Context(tools, 21)).said


def test_without_a_command_it_is_refused(made: Belezza) -> None:
    with pytest.raises(Refused, match=r"Spring Boot has no /actuator/gc.*application\.collect"):
        planned(collect_garbage, toolbox(made, collect=()), environment="staging")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("jcmd", "1", "GC.run"), "has no program jcmd|could not be run"),
        (("/usr/bin/python3", "-S", "-c", "raise SystemExit(3)"), "the command ended with 3"),
    ],
)
def test_a_command_that_does_not_work_is_refused(made: Belezza, argv: tuple[str, ...], said: str) -> None:
    tools = toolbox(made, collect=argv)
    _, plan = planned(collect_garbage, tools, environment="staging")
    with pytest.raises(Refused, match=said):
        plan.steps[0].do(Context(tools, 22))


def test_a_collection_that_frees_nothing_is_not_verified(made: Belezza) -> None:
    tools = toolbox(made, collect=("/usr/bin/python3", "-S", "-c", "pass"))
    _, plan = planned(collect_garbage, tools, environment="staging")
    with pytest.raises(NotVerified, match=r"the heap is not smaller: 297\.5 MiB then, 297\.5 MiB now"):
        run(plan, tools, 23)


def test_metrics_that_are_closed_are_refused(made: Belezza, app: Actuator) -> None:
    app.closed = frozenset({"metrics"})
    tools = toolbox(made)
    elsewhere = FixedToolbox(
        projects=tools.projects,
        applications={"staging": replace(tools.applications["staging"], actuator=app.url)},
    )
    with pytest.raises(Refused, match="whether it helps could not be seen: metrics are closed"):
        planned(collect_garbage, elsewhere, environment="staging")
    app.closed, app.metrics = frozenset(), {}
    with pytest.raises(Refused, match=r"no metric jvm\.memory\.used"):
        planned(collect_garbage, elsewhere, environment="staging")


def test_an_engine_that_does_not_answer(made: Belezza) -> None:
    with proxy(made.engine.removeprefix("unix://")) as way:
        tools = toolbox(made, engine=f"tcp://127.0.0.1:{way.port}")
        _, plan = planned(collect_garbage, tools, environment="staging")
        with way.refuse(), pytest.raises(Transient, match="does not answer"):
            plan.before[0].do(Context(tools, 24))
        with way.answer(403, b'{"message": "no"}'), pytest.raises(Refused, match="container engine"):
            plan.before[0].do(Context(tools, 24))
    assert used_bytes(actuator_of(made)) == FULL_BYTES


def test_a_container_that_was_restarted_is_refused(made: Belezza) -> None:
    tools = toolbox(made)
    facts, plan = planned(collect_garbage, tools, environment="staging")
    made.replica("api").restart(timeout=2)
    made.wait_healthy()
    now, _ = planned(collect_garbage, toolbox(made), environment="staging")
    assert "restarted or replaced" in (collect_garbage.drift(facts, now) or "") or facts.place != now.place
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="restarted or replaced"):
            step.do(Context(tools, 25))
