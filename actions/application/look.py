"""Looking at the application through its actuator (plan sections 3.2 and 7.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from actions.amounts import share_text, size_text, span_text
from actions.failures import Refused, Transient
from actions.plan import Action, Context, Ending, Evidence, Fault, Light, Plan, Risk, Step
from actions.tools.application.application import Application, Closed
from actions.tools.toolbox import Toolbox

SHOWN = 10
UP = "UP"


@dataclass(frozen=True)
class LookParams:
    environment: str


@dataclass(frozen=True)
class LookFacts:
    """Which application would be asked."""

    place: str


def _check_answers(environment: str, context: Context) -> Evidence:
    """Guard: somebody answers, whatever it says; a health check that hangs is for the look to say."""
    tool = context.tools.application(environment)
    tool.answers()
    return Evidence(f"{tool.place} answered")


def _look(what: Callable[[Application], Evidence], environment: str, context: Context) -> Evidence:
    """What is closed, or does not answer in time, is a finding: the rest is still looked at."""
    try:
        return what(context.tools.application(environment))
    except Closed as error:
        return Evidence(str(error))
    except (Refused, Transient) as error:
        return Evidence(f"not seen: {error}", light="red" if what is _health else "amber")


def _health(tool: Application) -> Evidence:
    try:
        found = tool.health()
    except Transient as error:
        raise Transient(f"{error}. A component's check may wait, for a connection of the pool say") from error
    values = {one.name: f"{one.status}: {one.details}".rstrip(": ") for one in found.ill[:SHOWN]}
    if found.ill:
        return Evidence(f"{found.status}: {', '.join(one.name for one in found.ill[:SHOWN])}", values, "red")
    light: Light = "green" if found.status == UP else "red"
    if not found.components:
        return Evidence(f"{found.status}; its components are not shown to drbot", light=light)
    well = ", ".join(one.name for one in found.components[:SHOWN])
    return Evidence(f"{found.status}, each of {len(found.components)} components: {well}", values, light)


def _probes(tool: Application) -> Evidence:
    states = {}
    for group in ("liveness", "readiness"):
        try:
            states[group] = tool.probe(group)
        except Closed:
            states[group] = "not there (management.endpoint.health.probes.enabled=true opens it)"
    known = [state for state in states.values() if not state.startswith("not there")]
    light: Light = "red" if any(state != UP for state in known) else "green" if known else ""
    return Evidence(", ".join(f"{group} {state}" for group, state in states.items()), light=light)


def heap_text(tool: Application, area: str = "heap") -> str:
    """`298.0 MiB of 1.0 GiB (29 %)`; '' where the application has no such metric."""
    used = tool.metric("jvm.memory.used", f"area:{area}").get("VALUE")
    most = tool.metric("jvm.memory.max", f"area:{area}").get("VALUE", -1.0)
    if used is None:
        return ""
    of = f" of {size_text(most)} ({share_text(used / most)})" if most > 0 else ", without a limit"
    return size_text(used) + of


def _memory(tool: Application) -> Evidence:
    heap = heap_text(tool)
    values = {"heap": heap, "beside the heap": heap_text(tool, "nonheap")}
    pauses = tool.metric("jvm.gc.pause")
    if pauses:
        values["garbage collections"] = (
            f"{pauses.get('COUNT', 0):.0f} since the start, {pauses.get('TOTAL_TIME', 0):.1f} s in all,"
            f" the longest lately {pauses.get('MAX', 0):.2f} s"
        )
    return Evidence(f"heap {heap}" if heap else "without metrics of memory", _said(values))


def _processor(tool: Application) -> Evidence:
    process = tool.metric("process.cpu.usage").get("VALUE")
    values = {
        "of the whole machine": share_text(tool.metric("system.cpu.usage").get("VALUE")),
        "processors": _number(tool.metric("system.cpu.count").get("VALUE")),
        "threads alive": _number(tool.metric("jvm.threads.live").get("VALUE")),
        "threads at most so far": _number(tool.metric("jvm.threads.peak").get("VALUE")),
    }
    uptime = tool.metric("process.uptime").get("VALUE")
    values["up for"] = span_text(uptime) if uptime is not None else ""
    return Evidence(f"the process used {share_text(process)} of the processors", _said(values))


def _pool(tool: Application) -> Evidence:
    found = {
        state: tool.metric(f"hikaricp.connections.{state}").get("VALUE")
        for state in ("active", "idle", "pending", "max")
    }
    if found["active"] is None:
        return Evidence("no pool among its metrics (they appear at its first use)")
    values = _said({state: _number(value) for state, value in found.items()})
    timeouts = tool.metric("hikaricp.connections.timeout").get("COUNT") or 0.0
    values["waits that timed out"] = f"{timeouts:.0f} since the start"
    full = found["max"] is not None and found["active"] >= found["max"]
    said = f"{found['active']:.0f} of {_number(found['max']) or '?'} connections in use"
    waiting = f", {found['pending']:.0f} threads waited for one" if found["pending"] else ""
    light: Light = "red" if full else "amber" if found["pending"] else "green"
    return Evidence(f"{said}{waiting}{': the pool is exhausted' if full else ''}", values, light)


def _errors(tool: Application) -> Evidence:
    every = tool.metric("http.server.requests").get("COUNT")
    if every is None:
        return Evidence("without metrics of requests")
    broken = tool.metric("http.server.requests", "outcome:SERVER_ERROR").get("COUNT", 0.0)
    share = f" ({share_text(broken / every)})" if every else ""
    return Evidence(f"{broken:.0f} of {every:.0f} requests since the start ended with 5xx{share}")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _said(values: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in values.items() if text}


def _survey(tools: Toolbox, params: LookParams) -> LookFacts:
    return LookFacts(tools.application(params.environment).place)


def _plan(params: LookParams, facts: LookFacts) -> Plan:
    def look(what: Callable[[Application], Evidence]) -> Callable[[Context], Evidence]:
        return partial(_look, what, params.environment)

    return Plan(
        before=(
            Step(
                "Ask whether the application answers", partial(_check_answers, params.environment), attempts=2
            ),
        ),
        steps=(),
        after=(
            Step("Count the requests that failed", look(_errors)),
            Step("Read its processor time, threads and age", look(_processor)),
            Step("Read its memory", look(_memory)),
            Step("Read its pool of database connections", look(_pool)),
            Step("Ask whether it is alive and ready", look(_probes)),
            Step("Ask its health and that of its components", look(_health)),
        ),
        facts=(("application", facts.place),),
    )


look_at_application = Action(
    name="look-at-application",
    title="Look at the application",
    risk=Risk.LOOK,
    params=LookParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/application",
    survey=_survey,
    plan=_plan,
    permissions=("Application: to read its actuator (health and metrics; a token where they want one)",),
    example="run look-at-application environment=production",
    description=(
        "Health and which component is down, liveness and readiness, memory and garbage collections,"
        " processor, threads, the pool of database connections, requests that failed. What is closed is said."
    ),
    reach="nothing: it only reads",
    endings=(
        Ending(Fault.GONE, "before", "failed", "the application does not answer, which is said"),
        Ending(Fault.TIMEOUT, "before", "failed", "the application does not answer in time, which is said"),
        Ending(Fault.DENIED, "before", "refused", "the application refuses drbot; nothing was changed"),
    ),
)
