"""Images of a project: which run, and whether the registry has others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.amounts import counted
from actions.failures import Refused
from actions.plan import Action, Context, Ending, Evidence, Fault, Light, Plan, Risk, Step
from actions.tools.containers.engine_calls import engine_of
from actions.tools.containers.images import Remote, ask_registry, digests_of, short
from actions.tools.containers.replica import SERVICE_LABEL, find_replicas
from actions.tools.toolbox import Toolbox

LOOK_S = 90.0
SHOWN = 20


@dataclass(frozen=True)
class ImagesParams:
    environment: str


@dataclass(frozen=True)
class LookFacts:
    project: str


def _survey_look(tools: Toolbox, params: ImagesParams) -> LookFacts:
    return LookFacts(tools.services(params.environment).name)


def _look_running(environment: str, context: Context) -> Evidence:
    """Which image each container was made of, and which it runs."""
    project = context.tools.services(environment)
    with engine_of(project) as engine:
        found = find_replicas(engine, project)
        if not found:
            raise Refused(
                f"the project {project.name} has no container on this engine; start-project makes them"
            )
        values: dict[str, str] = {}
        for one in found[:SHOWN]:
            digests = digests_of(engine.image(one.image_id))
            which = f"digest {short(digests[0])}" if digests else "made here, not pulled"
            values[one.name] = f"{one.reference}, image {short(one.image_id)}, {which}, {one.state}"
    return Evidence(f"{counted(len(found), 'container')} of {project.name}", values)


def _look_registry(environment: str, context: Context) -> Evidence:
    """What the registry has for each service, against what runs."""
    project = context.tools.services(environment)
    values: dict[str, str] = {}
    newer = []
    lost: list[Remote] = []
    with engine_of(project) as engine:
        for one in find_replicas(engine, project):
            service = one.labels.get(SERVICE_LABEL, one.name)
            if service in values or len(values) >= SHOWN:
                continue
            remote = ask_registry(engine, project, one.reference)
            same = remote.digest in digests_of(engine.image(one.image_id))
            values[service] = "the registry's image runs" if same and remote.digest else remote.said
            if remote.standing in ("absent", "denied", "silent"):
                lost.append(remote)
            if remote.digest and not same:
                values[service] = f"another one is in the registry: {short(remote.digest)}"
                newer.append(service)
            context.progress(f"asked for {one.reference}")
    said = f"the registry has another image for {', '.join(newer)}" if newer else "no newer image was found"
    said += f"; {lost[0].said}" if lost else ""
    return Evidence(said, values, _light(lost, newer))


def _light(lost: list[Remote], newer: list[str]) -> Light:
    """Red where a fresh host could not pull an image, amber where nobody knows or another one is there."""
    if any(one.standing != "silent" for one in lost):
        return "red"
    return "amber" if lost or newer else "green"


def _plan_look(params: ImagesParams, facts: LookFacts) -> Plan:
    environment = params.environment
    return Plan(
        before=(
            Step(f"List the containers of {facts.project}", partial(_look_running, environment), LOOK_S, 2),
        ),
        steps=(),
        after=(Step("Ask the registry for each image", partial(_look_registry, environment), LOOK_S, 2),),
        facts=(("project", facts.project),),
    )


BEFORE = (
    Ending(Fault.GONE, "before", "failed", "Nothing was changed."),
    Ending(Fault.TIMEOUT, "before", "failed", "Nothing was changed."),
    Ending(Fault.DENIED, "before", "refused", "Nothing was changed."),
)

look_at_images = Action(
    name="look-at-images",
    title="Look at images",
    risk=Risk.LOOK,
    params=ImagesParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/images",
    survey=_survey_look,
    plan=_plan_look,
    permissions=(
        "Docker: list and inspect containers and images",
        "Registry: read the manifest of each image",
    ),
    example="run look-at-images environment=production",
    description="Says which image and digest each container runs, and whether the registry has another.",
    reach="reads one project's containers and images, and one manifest a service",
    endings=BEFORE,
)
