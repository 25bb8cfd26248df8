"""Restarting a service, one replica at a time, so that the others serve meanwhile (plan section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from actions.failures import Refused
from actions.plan import Action, Ending, Fault, Plan, Risk
from actions.services.replicas import ReplicaFacts, check_service, moved, names, row, service_facts
from actions.services.steps import CALL_S, Group
from actions.tools.containers.engine_calls import engine_of
from actions.tools.toolbox import Toolbox

MOST = 50


@dataclass(frozen=True)
class RestartParams:
    """`service` is the name in the Compose file."""

    environment: str
    service: str = "api"

    def __post_init__(self) -> None:
        check_service(self.service)


@dataclass(frozen=True)
class RestartFacts:
    """`replicas` in the order of their restart, those that serve least first; `left` were stopped before."""

    project: str
    replicas: tuple[ReplicaFacts, ...]
    left: tuple[ReplicaFacts, ...]
    grace_s: float
    healthy_within_s: float


def chosen(found: tuple[ReplicaFacts, ...]) -> tuple[tuple[ReplicaFacts, ...], tuple[ReplicaFacts, ...]]:
    """What is restarted (what runs, and what ended by itself), and what was stopped and stays so."""
    return (
        tuple(one for one in found if one.running or one.failed),
        tuple(one for one in found if not one.running and not one.failed),
    )


def _survey(tools: Toolbox, params: RestartParams) -> RestartFacts:
    project = tools.services(params.environment)
    with engine_of(project, CALL_S) as engine:
        found = service_facts(engine, project, params.service)
    replicas, left = chosen(found)
    if not replicas:
        raise Refused(
            f"no container of {params.service} runs ({names(left)}: stopped), so there is nothing to restart."
            f" Nothing was changed; start-service service={params.service} starts it."
        )
    if len(replicas) > MOST:
        raise Refused(
            f"{params.service} has {len(replicas)} replicas; drbot restarts at most {MOST} in a run"
        )
    return RestartFacts(project.name, replicas, left, project.stop_within_s, project.healthy_within_s)


def _drift(planned: RestartFacts, now: RestartFacts) -> str | None:
    if planned.project != now.project:
        return f"the plan now names the project {now.project}, not {planned.project}"
    return moved(planned.replicas, now.replicas)


def outage(replicas: tuple[ReplicaFacts, ...], service: str) -> str:
    """What customers will notice of a restart of them, one after the other."""
    well = sum(one.good for one in replicas)
    if len(replicas) == 1:
        return f"{service} has one replica: until it is up again it is away, and callers see errors"
    if well == 0:
        return f"none of the {len(replicas)} replicas of {service} is well: callers see errors already"
    return (
        f"one of {len(replicas)} replicas of {service} is away at a time; callers notice nothing where what"
        " balances between them goes on to the next"
    )


def _plan(params: RestartParams, facts: RestartFacts) -> Plan:
    group = Group(params.environment, params.service, facts.replicas, facts.grace_s, facts.healthy_within_s)
    warnings = [outage(facts.replicas, params.service)]
    if not all(one.checked for one in facts.replicas if one.running):
        warnings.append("the container has no health check, so that it keeps running for a moment must do")
    if facts.left:
        warnings.append(f"stopped before, and left so: {names(facts.left)}")
    return Plan(
        before=(group.unmoved(),),
        steps=group.restarts(),
        after=(group.all_well(),),
        facts=(
            ("project", facts.project),
            *map(row, facts.replicas),
            ("stops within", f"{facts.grace_s:g} s, then it is killed"),
            ("must be well within", f"{facts.healthy_within_s:g} s"),
        ),
        warnings=tuple(warnings),
    )


RESTART_ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "Nothing was changed."),
    Ending(Fault.TIMEOUT, "before", "failed", "Nothing was changed."),
    Ending(Fault.DENIED, "before", "refused", "Nothing was changed."),
    Ending(Fault.VANISHED, "before", "refused", "Nothing was changed; the others serve on."),
    Ending(Fault.CHANGED, "before", "refused", "Nothing was changed; ask again to see what there is."),
    Ending(
        Fault.GONE, "during", "stopped", "What was restarted is up again, the rest untouched; a person looks."
    ),
    Ending(
        Fault.TIMEOUT,
        "during",
        "stopped",
        "What was restarted is up again, the rest untouched; a person looks.",
    ),
    Ending(Fault.UNHEALTHY, "during", "stopped", "One replica is not well; the others were left to serve."),
    Ending(
        Fault.PARTIAL, "during", "stopped", "That replica is not well; those after it were left to serve."
    ),
)

restart_service = Action(
    name="restart-service",
    title="Restart a service",
    risk=Risk.HIGH,
    params=RestartParams,
    facts=RestartFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}",
    survey=_survey,
    plan=_plan,
    permissions=(
        "Docker: list and inspect containers, read their logs (GET /containers)",
        "Docker: restart containers (POST /containers/*/restart)",
    ),
    example="run restart-service environment=production service=api",
    description=(
        "Restarts the containers of a service one at a time, the sick ones first, and waits until each is"
        " healthy and known again; it ends at the first that is not, so that the others go on serving."
    ),
    drift=_drift,
    reach="every replica of one service of one Compose project, one at a time; nothing is made or removed",
    endings=RESTART_ENDINGS,
)
