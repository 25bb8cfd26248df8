"""Starting a project from its compose file on a fresh server, a service at a time (section 3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from actions.failures import Refused
from actions.plan import Action, Ending, Fault, Plan, Risk, Step
from actions.services.replica_pins import ReplicaPin, moved_replica, pin_of
from actions.services.start_steps import ServicePlan, StartFacts, Starting
from actions.tools.containers.compose import UP_S, ComposeFile, read_file
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.images import ask_registry
from actions.tools.containers.project import Project
from actions.tools.containers.replica import SERVICE_LABEL, find_replicas, require_replicas
from actions.tools.toolbox import Toolbox

LOOK_S = 90.0
UNDO_KEEP_S = 3600.0


@dataclass(frozen=True)
class StartParams:
    """`services`: names with commas between; '' is all of them, in the plan's order."""

    environment: str
    services: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"([A-Za-z0-9][\w.-]{0,62}(,(?=.)|$))*", self.services, re.ASCII):
            raise ValueError("services are names with commas between: db,redis,api")


def survey(tools: Toolbox, params: StartParams) -> StartFacts:
    """Read the file and what is there. Refused where the file, a file of variables or an image is missing."""
    project = tools.services(params.environment)
    with engine_of(project) as engine:
        found = find_replicas(engine, project)
        file = read_file(project)
        names = _named(params, project, file)
        for name in names:
            if any(one.labels.get(SERVICE_LABEL) == name for one in found):
                require_replicas(engine, project, name)
        containers = [engine.container(one.id) for one in found if one.labels.get(SERVICE_LABEL) in names]
        before = tuple(pin_of(one) for one in containers if one is not None)
        services = tuple(
            _service(name, file, [one.labels.get(SERVICE_LABEL) for one in found]) for name in names
        )
        _refuse_missing_images(engine, project, services)
    if len(before) >= sum(one.replicas for one in services) and all(pin.good for pin in before):
        raise Refused(f"all of {', '.join(names)} run and are healthy already. Nothing was changed.")
    return StartFacts(
        project.name, project.compose_file, file.sha256, services, before, project.healthy_within_s,
        project.stop_within_s,
    )  # fmt: skip


def _named(params: StartParams, project: Project, file: ComposeFile) -> tuple[str, ...]:
    """The services asked for, those of the plan's order first."""
    asked = tuple(one for one in params.services.split(",") if one) or file.services
    strange = [name for name in asked if name not in file.services]
    if strange:
        raise Refused(
            f"{project.compose_file} has no service {strange[0]}; it has {', '.join(file.services)}"
        )
    ordered = [name for name in project.order if name in asked]
    return tuple(dict.fromkeys((*ordered, *(name for name in file.services if name in asked))))


def _service(name: str, file: ComposeFile, there: list[str | None]) -> ServicePlan:
    return ServicePlan(name, file.images.get(name, ""), max(1, there.count(name)))


def _refuse_missing_images(engine: Engine, project: Project, services: tuple[ServicePlan, ...]) -> None:
    for one in services:
        if not one.image and not any(engine.image(f"{project.name}{dash}{one.name}") for dash in "_-"):
            raise Refused(
                f"{one.name} is built, not pulled, and no image of it is on this engine: build it first"
                f" (docker-compose build {one.name}). Nothing was changed."
            )
        if one.image and engine.image(one.image) is None:
            remote = ask_registry(engine, project, one.image)
            if remote.standing != "there":
                raise Refused(f"{one.name} cannot start: {remote.said}. Nothing was changed.")


def _drift(planned: StartFacts, now: StartFacts) -> str | None:
    """Another file, or other containers."""
    if planned.sha256 != now.sha256:
        return f"{planned.file} or its variables changed since the plan was shown"
    return moved_replica(planned.before, now.before)


def plan(params: StartParams, facts: StartFacts) -> Plan:
    """One step a service, in order; and back, the last first."""
    starting = Starting(params.environment, facts)
    most = max((one.replicas for one in facts.services), default=1)
    within_s = UP_S + most * facts.healthy_within_s + LOOK_S
    back_s = most * facts.stop_within_s + LOOK_S
    all_s = within_s * len(facts.services)
    return Plan(
        before=(
            Step(f"Let Compose check {facts.file}", starting.check_file, LOOK_S, 2),
            Step("Check that the containers there are those shown", starting.check_same, LOOK_S, 2),
        ),
        steps=tuple(
            Step(f"Start {one.name} and wait until it is healthy", partial(starting.start, one), within_s, 2)
            for one in facts.services
        ),
        after=(Step("Ask every container whether it is healthy", starting.check_all, all_s, 2),),
        undo=(
            *(
                Step(f"Leave {one.name} as it was before", partial(starting.take_back, one), back_s, 3)
                for one in reversed(facts.services)
            ),
            Step("Check that only what was there before is there", starting.check_back, LOOK_S, 2),
        ),
        facts=(
            ("project", f"{facts.project}, {facts.file}"),
            ("order", ", ".join(one.name for one in facts.services)),
            *(
                (one.name, one.image or "as it was built here; nothing is built now")
                for one in facts.services
            ),
            ("there before", _there(facts.before)),
            ("not touched", "containers that are there are not made anew; volumes stay"),
        ),
        undo_keep_s=UNDO_KEEP_S,
    )


def _there(before: tuple[ReplicaPin, ...]) -> str:
    return ", ".join(f"{pin.name} ({pin.state})" for pin in before[:10]) or "nothing"


start_project = Action(
    name="start-project",
    title="Start the project",
    risk=Risk.HIGH,
    params=StartParams,
    facts=StartFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/*",
    survey=survey,
    plan=plan,
    permissions=(
        "Host: read the compose file and its files of variables; run docker-compose or docker compose",
        "Docker: list, inspect, create, start, stop and remove containers; create networks and volumes",
        "Registry: pull of images that are not there",
    ),
    example="run start-project environment=production services=db,redis,api",
    description=(
        "Creates and starts the services of the compose file in the plan's order, each proven healthy before"
        " the next. Containers that are there are started, never made anew. On a failure what it created is"
        " removed again; volumes stay."
    ),
    drift=_drift,
    reach="the named services of one project: containers that are missing or stopped, nothing that runs",
    endings=(
        Ending(Fault.GONE, "before", "failed", "Nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "Nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "Nothing was changed."),
        Ending(Fault.VANISHED, "before", "refused", "The file is gone; nothing was changed."),
        Ending(Fault.CHANGED, "before", "refused", "Nothing was changed; ask again to see what is there."),
        Ending(Fault.GONE, "during", "stopped", "What was started runs on; a person is called."),
        Ending(Fault.TIMEOUT, "during", "stopped", "What was started runs on; a person is called."),
        Ending(Fault.UNHEALTHY, "during", "undone", "What it created is removed; volumes stay."),
        Ending(Fault.PARTIAL, "during", "undone", "What it created is removed; volumes stay."),
    ),
)
