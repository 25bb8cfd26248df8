"""Asking the JVM for a garbage collection, where the plan names a way that works (plan section 7.1)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from actions.amounts import counted, size_text
from actions.failures import NotVerified, Refused
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.application.application import Application, Closed
from actions.tools.containers.engine_calls import engine_of
from actions.tools.containers.exec import execute
from actions.tools.containers.replica import require_replicas
from actions.tools.toolbox import Toolbox

EXEC_S = 60.0
PATIENCE_S = 5.0
POLL_S = 0.1
NO_WAY = (
    "there is no way to ask this application for a garbage collection: Spring Boot has no /actuator/gc, and"
    " the plan names no command (application.collect, such as [jcmd, '1', GC.run] where the image has the"
    " JDK's jcmd). Nothing was changed; take-heap-dump shows what fills the memory."
)


@dataclass(frozen=True)
class CollectParams:
    environment: str


@dataclass(frozen=True)
class Pin:
    """One replica: this container, since this start."""

    name: str
    id: str
    started_at: str


@dataclass(frozen=True)
class CollectFacts:
    """`heap_used_bytes` is at survey time."""

    place: str
    service: str
    argv: tuple[str, ...]
    pins: tuple[Pin, ...]
    heap_used_bytes: float


def heap_used_bytes(tool: Application) -> float:
    """The heap in use. Raises Refused where the application does not say."""
    try:
        used = tool.metric("jvm.memory.used", "area:heap").get("VALUE")
    except Closed as error:
        raise Refused(
            f"whether it helps could not be seen: metrics are {error}. Nothing was changed"
        ) from error
    if used is None:
        raise Refused(f"{tool.place} has no metric jvm.memory.used: whether it helps could not be seen")
    return used


def _pins(tools: Toolbox, environment: str, service: str) -> tuple[Pin, ...]:
    project = tools.services(environment)
    with engine_of(project) as engine:
        found = [one for one in require_replicas(engine, project, service) if one.running]
    if not found:
        raise Refused(f"no container of {service} runs: there is nothing to collect")
    return tuple(Pin(one.name, one.id, one.started_at) for one in found)


def _survey(tools: Toolbox, params: CollectParams) -> CollectFacts:
    tool = tools.application(params.environment)
    if not tool.collect:
        raise Refused(NO_WAY)
    pins = _pins(tools, params.environment, tool.service)
    return CollectFacts(tool.place, tool.service, tool.collect, pins, heap_used_bytes(tool))


def _drift(planned: CollectFacts, now: CollectFacts) -> str | None:
    """How full the heap is changes all the time; which processes it is about must not."""
    if (planned.place, planned.argv) != (now.place, now.argv):
        return "another application, or another command, than were shown"
    if planned.pins != now.pins:
        return "containers of it were restarted or replaced since it was shown; their heaps are new"
    return None


class _Collecting:
    """The steps of one plan."""

    def __init__(self, params: CollectParams, facts: CollectFacts) -> None:
        self.params = params
        self.facts = facts

    def check_same(self, context: Context) -> Evidence:
        """Guard: the containers that were shown run, and no others."""
        now = _pins(context.tools, self.params.environment, self.facts.service)
        if now != self.facts.pins:
            raise Refused(
                "containers were restarted or replaced since it was shown: their heaps are new."
                " Nothing was changed"
            )
        return Evidence(f"{counted(len(now), 'container')} of {self.facts.service} as shown")

    def collect(self, context: Context) -> Evidence:
        """Step: ask each JVM. Repeated it is the same: a second collection has nothing left to free."""
        self.check_same(context)
        tool = context.tools.application(self.params.environment)
        before = heap_used_bytes(tool)
        project = context.tools.services(self.params.environment)
        with engine_of(project) as engine:
            for pin in self.facts.pins:
                context.progress(f"asking {pin.name}")
                code = execute(engine, pin.id, self.facts.argv, EXEC_S)
                if code != 0:
                    raise Refused(f"in {pin.name} the command ended with {code}: run it there to see why")
        after = self._lower(tool, before)
        return Evidence(
            f"asked {counted(len(self.facts.pins), 'JVM')}:"
            f" heap {size_text(before)} before, {size_text(after)} after",
            {"before": size_text(before), "after": size_text(after)},
        )

    def check_lower(self, context: Context) -> Evidence:
        """Check: less heap is in use than was shown."""
        shown = self.facts.heap_used_bytes
        now = self._lower(context.tools.application(self.params.environment), shown)
        if now >= shown:
            raise NotVerified(
                f"the heap is not smaller: {size_text(shown)} then, {size_text(now)} now. What fills it is in"
                " use: take-heap-dump shows what it is, restart-service gives it back for a while"
            )
        return Evidence(f"heap in use {size_text(now)}, {size_text(shown - now)} less than was shown")

    def _lower(self, tool: Application, than: float) -> float:
        """The heap in use, once it is lower or after a moment's patience."""
        deadline = time.monotonic() + PATIENCE_S
        while (used := heap_used_bytes(tool)) >= than and time.monotonic() < deadline:
            time.sleep(POLL_S)
        return used


def _plan(params: CollectParams, facts: CollectFacts) -> Plan:
    work = _Collecting(params, facts)
    return Plan(
        before=(Step("Check that the containers are those shown here", work.check_same),),
        steps=(
            Step(
                "Ask each JVM for a garbage collection", work.collect,
                timeout_s=30.0 + 2 * EXEC_S * len(facts.pins), attempts=1,
            ),
        ),
        after=(Step("Check that less heap is in use", work.check_lower),),
        facts=(
            ("application", facts.place),
            ("heap in use", size_text(facts.heap_used_bytes)),
            ("command", " ".join(facts.argv)),
            *((f"in {pin.name}", f"{pin.id[:12]}, since {pin.started_at[:19]}") for pin in facts.pins),
        ),
        warnings=("each JVM stands still while it collects, usually for less than a second",),
        forecast_s=5.0 * len(facts.pins),
    )  # fmt: skip


collect_garbage = Action(
    name="collect-garbage",
    title="Ask for a garbage collection",
    risk=Risk.LOW,
    params=CollectParams,
    facts=CollectFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/application",
    survey=_survey,
    plan=_plan,
    permissions=(
        "Docker: the engine of the environment (containers: list, inspect, exec)",
        "Application: to read its actuator's metrics",
    ),
    example="run collect-garbage environment=production",
    description=(
        "Runs the plan's command for a garbage collection in each container of the application, and checks"
        " that less heap is in use. Refused where the plan names none: Spring Boot has no endpoint for it."
    ),
    drift=_drift,
    reach="a pause of each JVM of one service, one after the other",
    endings=(
        Ending(Fault.GONE, "before", "failed", "the container engine does not answer: nothing was asked"),
        Ending(Fault.TIMEOUT, "before", "failed", "the container engine answers too late: nothing was asked"),
        Ending(Fault.DENIED, "before", "refused", "the container engine refuses drbot: nothing was asked"),
        Ending(Fault.VANISHED, "before", "refused", "its containers are gone: nothing was asked"),
        Ending(Fault.CHANGED, "before", "refused", "a container was restarted: its heap is new"),
        Ending(Fault.GONE, "during", "stopped", "some JVMs may have collected; nothing else was changed"),
        Ending(Fault.TIMEOUT, "during", "stopped", "some JVMs may have collected; nothing else was changed"),
    ),
)
