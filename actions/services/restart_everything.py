"""Restarting every service of a project in the order in which they need each other (plan section 8.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from actions.failures import Refused
from actions.plan import Action, Plan, Risk, Step
from actions.services.replicas import ReplicaFacts, moved, names, needs_of, row, service_facts
from actions.services.restart import MOST, RESTART_ENDINGS, chosen, outage
from actions.services.steps import CALL_S, Group
from actions.tools.containers.engine_calls import engine_of
from actions.tools.containers.replica import find_replicas, services_of
from actions.tools.toolbox import Toolbox


@dataclass(frozen=True)
class EverythingParams:
    environment: str


@dataclass(frozen=True)
class EverythingFacts:
    """`replicas` in the order of their restart; `left` do not run and stay so; `ordered_by` says why so."""

    project: str
    services: tuple[str, ...]
    ordered_by: str
    replicas: tuple[ReplicaFacts, ...]
    left: tuple[ReplicaFacts, ...]
    grace_s: float
    healthy_within_s: float

    def of(self, service: str) -> tuple[ReplicaFacts, ...]:
        """The replicas of one service."""
        return tuple(one for one in self.replicas if one.service == service)


def in_order(
    services: Sequence[str], order: Sequence[str], needs: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], str]:
    """The services as they start, and what says so: the plan's order, else what needs what, else names.

    What the plan's order leaves out comes last.
    """
    if order:
        rest = sorted(set(services) - set(order))
        return tuple(one for one in order if one in services) + tuple(rest), "the plan"
    known = {one: [need for need in needs.get(one, ()) if need in services] for one in sorted(services)}
    if not any(known.values()):
        return tuple(sorted(services)), "their names, for neither the plan nor their labels say more"
    try:
        return tuple(TopologicalSorter(known).static_order()), "what needs what, by their labels"
    except CycleError:
        return tuple(sorted(services)), "their names, for they need each other in a circle"


def _survey(tools: Toolbox, params: EverythingParams) -> EverythingFacts:
    project = tools.services(params.environment)
    with engine_of(project, CALL_S) as engine:
        there = find_replicas(engine, project)
        order, by = in_order(services_of(there), project.order, needs_of(there))
        found = [chosen(service_facts(engine, project, service)) for service in order]
    replicas = tuple(one for run, _ in found for one in run)
    left = tuple(one for _, stopped in found for one in stopped)
    if not replicas:
        raise Refused(f"no container of the project {project.name} runs on this engine: nothing to restart")
    if len(replicas) > MOST:
        raise Refused(
            f"{project.name} has {len(replicas)} containers; drbot restarts at most {MOST} in a run"
        )
    running = tuple(dict.fromkeys(one.service for one in replicas))
    return EverythingFacts(
        project.name, running, by, replicas, left, project.stop_within_s, project.healthy_within_s
    )


def _drift(planned: EverythingFacts, now: EverythingFacts) -> str | None:
    if (planned.project, planned.services) != (now.project, now.services):
        return f"the services of {planned.project} are others than those shown, or in another order"
    return moved(planned.replicas, now.replicas)


def _plan(params: EverythingParams, facts: EverythingFacts) -> Plan:
    groups = [
        Group(params.environment, name, facts.of(name), facts.grace_s, facts.healthy_within_s)
        for name in facts.services
    ]
    steps: list[Step] = [step for group in groups for step in group.restarts()]
    single = [group.service for group in groups if len(group.replicas) == 1]
    warnings = [outage(group.replicas, group.service) for group in groups if len(group.replicas) > 1]
    if single:
        warnings.append(
            f"{', '.join(single)}: one container each, away while it restarts; what needs it fails meanwhile,"
            " and callers see errors"
        )
    if facts.left:
        warnings.append(f"stopped before, and left so: {names(facts.left)}")
    return Plan(
        before=tuple(group.unmoved() for group in groups),
        steps=tuple(steps),
        after=tuple(group.all_well() for group in groups),
        facts=(
            ("project", facts.project),
            ("order", f"{', '.join(facts.services)} (by {facts.ordered_by})"),
            *map(row, facts.replicas),
            ("stops within", f"{facts.grace_s:g} s each, then it is killed"),
            ("must be well within", f"{facts.healthy_within_s:g} s each"),
        ),
        warnings=tuple(warnings),
    )


restart_everything = Action(
    name="restart-everything",
    title="Restart every service",
    risk=Risk.HIGH,
    params=EverythingParams,
    facts=EverythingFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/*",
    survey=_survey,
    plan=_plan,
    permissions=(
        "Docker: list and inspect containers, read their logs (GET /containers)",
        "Docker: restart containers (POST /containers/*/restart)",
    ),
    example="run restart-everything environment=staging",
    description=(
        "Restarts the services of the project one container at a time, first what others need, and waits for"
        " each to be healthy before the next; it ends at the first that is not."
    ),
    drift=_drift,
    reach="every running container of one Compose project, one at a time; nothing is made or removed",
    endings=RESTART_ENDINGS,
)
