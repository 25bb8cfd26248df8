"""Stopping a service, and starting it again: each takes the other back (plan sections 3.1 and 3.3)."""

from __future__ import annotations

from dataclasses import dataclass

from actions.failures import Refused
from actions.plan import Action, Ending, Fault, Plan, Risk
from actions.services.replicas import ReplicaFacts, check_service, moved, names, needs_of, row, service_facts
from actions.services.steps import CALL_S, Group
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.project import Project
from actions.tools.containers.replica import find_replicas
from actions.tools.toolbox import Toolbox

UNDO_KEEP_S = 24 * 3600.0


@dataclass(frozen=True)
class PowerParams:
    """`service` is the name in the Compose file."""

    environment: str
    service: str

    def __post_init__(self) -> None:
        check_service(self.service)


@dataclass(frozen=True)
class PowerFacts:
    """`replicas` are to be stopped (those that run) or started (those that do not); `dependants` need it."""

    project: str
    replicas: tuple[ReplicaFacts, ...]
    dependants: tuple[str, ...]
    grace_s: float
    healthy_within_s: float

    def group(self, params: PowerParams) -> Group:
        """The containers as steps touch them."""
        return Group(params.environment, params.service, self.replicas, self.grace_s, self.healthy_within_s)


def _dependants(engine: Engine, project: Project, service: str) -> tuple[str, ...]:
    needs = needs_of(find_replicas(engine, project))
    return tuple(sorted(name for name, needed in needs.items() if service in needed))


def _survey(tools: Toolbox, params: PowerParams, running: bool) -> PowerFacts:
    project = tools.services(params.environment)
    with engine_of(project, CALL_S) as engine:
        found = service_facts(engine, project, params.service)
        dependants = _dependants(engine, project, params.service)
    replicas = tuple(one for one in found if one.running is running)
    if not replicas:
        raise Refused(
            f"{names(found)} {'do' if len(found) > 1 else 'does'} not run: nothing to stop"
            if running
            else f"{names(found)} run{'' if len(found) > 1 else 's'} already: nothing to start"
            f"; restart-service service={params.service} restarts it"
        )
    return PowerFacts(project.name, replicas, dependants, project.stop_within_s, project.healthy_within_s)


def _drift(planned: PowerFacts, now: PowerFacts) -> str | None:
    if planned.project != now.project:
        return f"the plan now names the project {now.project}, not {planned.project}"
    return moved(planned.replicas, now.replicas)


def _rows(facts: PowerFacts) -> tuple[tuple[str, str], ...]:
    return (("project", facts.project), *map(row, facts.replicas))


def _stop_plan(params: PowerParams, facts: PowerFacts) -> Plan:
    group = facts.group(params)
    warnings = [f"{params.service} is away, and its callers see errors, until it is started again"]
    if facts.dependants:
        warnings.append(f"{', '.join(facts.dependants)} need{'s' if len(facts.dependants) == 1 else ''} it")
    return Plan(
        before=(group.unmoved(),),
        steps=group.stops(),
        after=(group.all_down(),),
        undo=(*group.starts(), group.all_well()),
        facts=(*_rows(facts), ("stops within", f"{facts.grace_s:g} s each, then it is killed")),
        warnings=tuple(warnings),
        undo_keep_s=UNDO_KEEP_S,
    )


def _start_plan(params: PowerParams, facts: PowerFacts) -> Plan:
    group = facts.group(params)
    return Plan(
        before=(group.unmoved(),),
        steps=group.starts(),
        after=(group.all_well(),),
        undo=(*group.stops_again(), group.all_down()),
        facts=(*_rows(facts), ("must be well within", f"{facts.healthy_within_s:g} s each")),
        undo_keep_s=UNDO_KEEP_S,
    )


_BEFORE = (
    Ending(Fault.GONE, "before", "failed", "Nothing was changed."),
    Ending(Fault.TIMEOUT, "before", "failed", "Nothing was changed."),
    Ending(Fault.DENIED, "before", "refused", "Nothing was changed."),
    Ending(Fault.VANISHED, "before", "refused", "Nothing was changed."),
    Ending(Fault.CHANGED, "before", "refused", "Nothing was changed; ask again to see what there is."),
)
_DURING = (
    Ending(Fault.GONE, "during", "stopped", "Some of its containers may be up, others down; a person looks."),
    Ending(Fault.TIMEOUT, "during", "stopped", "Some may be up, others down; a person looks."),
)

stop_service = Action(
    name="stop-service",
    title="Stop a service",
    risk=Risk.HIGH,
    params=PowerParams,
    facts=PowerFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}",
    survey=lambda tools, params: _survey(tools, params, running=True),
    plan=_stop_plan,
    permissions=(
        "Docker: list and inspect containers (GET /containers)",
        "Docker: stop containers, and start them for the way back (POST /containers/*/stop, */start)",
    ),
    example="run stop-service environment=staging service=api",
    description="Stops the running containers of a service, as before a restore; nothing is removed.",
    drift=_drift,
    reach="the containers of one service of one Compose project; they stay, with all they hold",
    endings=(*_BEFORE, *_DURING),
)

start_service = Action(
    name="start-service",
    title="Start a service",
    risk=Risk.LOW,
    params=PowerParams,
    facts=PowerFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}",
    survey=lambda tools, params: _survey(tools, params, running=False),
    plan=_start_plan,
    permissions=(
        "Docker: list and inspect containers, read their logs (GET /containers)",
        "Docker: start containers, and stop them for the way back (POST /containers/*/start, */stop)",
    ),
    example="run start-service environment=staging service=api",
    description=(
        "Starts the containers of a service that do not run, and waits until each is healthy; where one does"
        " not get so, those that were started are stopped again. It makes no container."
    ),
    drift=_drift,
    reach="the stopped containers of one service of one Compose project; none is made",
    endings=(
        *_BEFORE,
        *_DURING,
        Ending(Fault.UNHEALTHY, "during", "undone", "What was started is stopped again, as before."),
        Ending(Fault.PARTIAL, "during", "undone", "What was started is stopped again, as before."),
    ),
)
