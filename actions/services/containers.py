"""Looking at an environment's containers: how they are, what they said and take (sections 3.2, 7.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.amounts import counted, share_text, size_text
from actions.failures import Refused
from actions.plan import Action, Context, Ending, Evidence, Fault, Light, Plan, Risk, Step
from actions.services.replicas import ReplicaFacts, check_service, facts_of, row
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.logs import LogLine, read_tail
from actions.tools.containers.project import Project
from actions.tools.containers.replica import find_replicas, services_of
from actions.tools.containers.usage import read_usage
from actions.tools.toolbox import Toolbox

CALL_S = 5.0
SHOWN = 40
TIGHT_SHARE = 0.9
LOOK_ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "Nothing was looked at; nothing was changed."),
    Ending(Fault.TIMEOUT, "before", "failed", "Nothing was looked at; nothing was changed."),
    Ending(Fault.DENIED, "before", "refused", "Nothing was looked at; nothing was changed."),
)


@dataclass(frozen=True)
class LookParams:
    """`service` narrows it to one service; empty: every one of the project."""

    environment: str
    service: str = ""

    def __post_init__(self) -> None:
        check_service(self.service, optional=True)


@dataclass(frozen=True)
class LogsParams:
    """`lines` is how many of the newest lines are shown, of all replicas together."""

    environment: str
    service: str
    lines: int = 30

    def __post_init__(self) -> None:
        check_service(self.service)
        if not 1 <= self.lines <= SHOWN:
            raise ValueError(f"lines is a number from 1 to {SHOWN}")


@dataclass(frozen=True)
class LookFacts:
    """Whose containers would be looked at; looking needs no more."""

    project: str
    containers: int


def _found(engine: Engine, project: Project, service: str) -> tuple[ReplicaFacts, ...]:
    """The containers, those that serve least first. Refused where there is none."""
    found = find_replicas(engine, project, service)
    if not found:
        there = services_of(find_replicas(engine, project)) if service else ()
        has = f"; it has {', '.join(there[:20])}" if there else " at all"
        what = f"of a service {service!r} " if service else ""
        raise Refused(f"the project {project.name} has no container {what}on this engine{has}")
    return tuple(sorted(map(facts_of, found), key=lambda one: (one.good, one.running, one.service)))


def _survey(tools: Toolbox, params: LookParams | LogsParams) -> LookFacts:
    project = tools.services(params.environment)
    with engine_of(project, CALL_S) as engine:
        return LookFacts(project.name, len(_found(engine, project, params.service)))


def _containers(params: LookParams, context: Context) -> Evidence:
    project = context.tools.services(params.environment)
    with engine_of(project, CALL_S) as engine:
        found = _found(engine, project, params.service)
    bad = [one for one in found if not one.good]
    worst = "; ".join(f"{one.name} is {one.state}" for one in bad[:5])
    said = f"{len(found) - len(bad)} of {len(found)} containers were well"
    serving = {one.service for one in found if one.good}
    silent = any(one.service not in serving for one in bad)
    light: Light = "red" if silent else "amber" if bad else "green"
    return Evidence(f"{said}{f': {worst}' if bad else ''}", dict(map(row, found[:SHOWN])), light)


def _logs(params: LogsParams, context: Context) -> Evidence:
    project = context.tools.services(params.environment)
    with engine_of(project, CALL_S) as engine:
        found = _found(engine, project, params.service)
        tails = {one.name: read_tail(engine, one.id, one.name, params.lines) for one in found[:SHOWN]}
    lines = [(line, name) for name, tail in tails.items() for line in tail.lines]
    newest = sorted(lines, key=lambda one: one[0].at)[-params.lines :]
    cut = "" if all(tail.whole for tail in tails.values()) else ", and more than could be read"
    number = len(newest)
    said = f"the newest {number} lines of {counted(len(tails), 'container')} of {params.service}{cut}"
    return Evidence(said if newest else f"{params.service} has logged nothing", _rows(newest))


def _rows(lines: list[tuple[LogLine, str]]) -> dict[str, str]:
    """Each line under its time and its container; the number keeps apart what came at the same moment."""
    return {f"{at} {line.at[11:23]} {name}": line.said for at, (line, name) in enumerate(lines, 1)}


def _usage(params: LookParams, context: Context) -> Evidence:
    project = context.tools.services(params.environment)
    with engine_of(project, CALL_S) as engine:
        found = {one.id: one for one in _found(engine, project, params.service) if one.running}
        taken = read_usage(engine, list(found)[:SHOWN])
    if not taken:
        return Evidence("no container ran, so none took anything")
    busiest = sorted(taken, key=lambda one: -one.processor)
    rows = {
        found[one.id].name: f"CPU {share_text(one.processor)}, memory {size_text(one.used_bytes)} of"
        f" {size_text(one.limit_bytes)} ({share_text(one.memory_share)}), {one.processes} processes"
        for one in busiest
    }
    tight = [found[one.id].name for one in taken if (one.memory_share or 0) >= TIGHT_SHARE]
    top = f"{found[busiest[0].id].name} took most: CPU {share_text(busiest[0].processor)} of one core"
    short = f"; near its memory limit: {', '.join(tight[:5])}" if tight else ""
    light: Light = "amber" if tight else "green"
    return Evidence(f"{top}, {size_text(busiest[0].used_bytes)} of memory{short}", rows, light)


def _engine_answers(params: LookParams | LogsParams) -> Step:
    """Guard: the engine answers, and has what is to be looked at."""

    def check(context: Context) -> Evidence:
        facts = _survey(context.tools, params)
        return Evidence(f"the engine answered: {counted(facts.containers, 'container')} of {facts.project}")

    return Step("Ask the container engine", check)


def _plan(
    params: LookParams | LogsParams, facts: LookFacts, title: str, look: Callable[[Context], Evidence]
) -> Plan:
    what = f"{params.service} of {facts.project}" if params.service else facts.project
    return Plan(
        before=(_engine_answers(params),),
        steps=(),
        after=(Step(title, look),),
        facts=(("containers", f"{facts.containers} of {what}"),),
    )


look_at_containers = Action(
    name="look-at-containers",
    title="Look at the containers",
    risk=Risk.LOOK,
    params=LookParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/services-look",
    survey=_survey,
    plan=lambda params, facts: _plan(
        params, facts, "List the containers and their health", lambda context: _containers(params, context)
    ),
    permissions=("Docker: list and inspect containers (GET /containers)",),
    example="run look-at-containers environment=production",
    description="Each container: state, health, image, last start, exit code, and whether memory ran out.",
    reach="reads the containers of one Compose project; changes nothing",
    endings=LOOK_ENDINGS,
)

look_at_logs = Action(
    name="look-at-logs",
    title="Look at a service's logs",
    risk=Risk.LOOK,
    params=LogsParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/services-look",
    survey=_survey,
    plan=lambda params, facts: _plan(
        params,
        facts,
        f"Read the newest {params.lines} lines of {params.service}",
        lambda context: _logs(params, context),
    ),
    permissions=("Docker: list containers and read their logs (GET /containers)",),
    example="run look-at-logs environment=production service=api lines=30",
    description="The newest lines of all replicas of a service in one order, cut short and without secrets.",
    reach="reads at most 4 MiB of each container's log; changes nothing",
    endings=LOOK_ENDINGS,
)

look_at_usage = Action(
    name="look-at-usage",
    title="Look at what the containers take",
    risk=Risk.LOOK,
    params=LookParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/services-look",
    survey=_survey,
    plan=lambda params, facts: _plan(
        params,
        facts,
        "Measure the processor and memory of each container",
        lambda context: _usage(params, context),
    ),
    permissions=("Docker: list containers and read their statistics (GET /containers)",),
    example="run look-at-usage environment=production",
    description="What each container takes of processor and memory now, as docker stats --no-stream says it.",
    reach="reads the counters of one Compose project's containers; changes nothing",
    endings=LOOK_ENDINGS,
)
