"""Pulling every image of a project, each digest compared with the one shown (section 3.3, step 3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.amounts import counted
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.services.images import BEFORE, LOOK_S, SHOWN, ImagesParams
from actions.tools.containers.compose import read_file
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.images import PULL_TIMEOUT_S, ask_registry, digests_of, id_of, pull, short
from actions.tools.containers.project import Project
from actions.tools.containers.replica import find_replicas
from actions.tools.toolbox import Toolbox


@dataclass(frozen=True)
class ImagePin:
    """One reference: what it names here ('' nothing), and the digest in the registry ('' where there is
    none to ask, `said` says why).
    """

    reference: str
    local_id: str
    remote_digest: str
    here: bool
    said: str


@dataclass(frozen=True)
class PullFacts:
    project: str
    images: tuple[ImagePin, ...]


def _references(engine: Engine, project: Project) -> tuple[str, ...]:
    """Every image that the compose file or a container names."""
    running = [one.reference for one in find_replicas(engine, project)]
    try:
        written = tuple(read_file(project).images.values())
    except Refused:
        if not running:
            raise
        written = ()  # the file may be on another machine than drbot: the containers' images it is
    return tuple(dict.fromkeys(one for one in (*written, *running) if one))[:SHOWN]


def _survey_pull(tools: Toolbox, params: ImagesParams) -> PullFacts:
    project = tools.services(params.environment)
    with engine_of(project) as engine:
        references = _references(engine, project)
        if not references:
            raise Refused(
                f"{project.name} names no image: no compose file is known and no container is there"
            )
        pins = tuple(_pin(engine, project, one) for one in references)
    if not any(pin.remote_digest for pin in pins):
        raise Refused(f"none can be pulled: {'; '.join(pin.said for pin in pins[:3])}. Nothing was changed.")
    return PullFacts(project.name, pins)


def _pin(engine: Engine, project: Project, reference: str) -> ImagePin:
    remote, image = ask_registry(engine, project, reference), engine.image(reference)
    here = bool(remote.digest) and remote.digest in digests_of(image)
    return ImagePin(reference, id_of(image), remote.digest, here, remote.said)


def _drift_pull(planned: PullFacts, now: PullFacts) -> str | None:
    """An image that came here meanwhile is harmless; another one in the registry is not."""
    there = {pin.reference: pin for pin in now.images}
    for pin in planned.images:
        if pin.reference not in there or there[pin.reference].remote_digest != pin.remote_digest:
            return f"the registry has another {pin.reference} than was shown"
    return None


class _Pulling:
    """Over the images that were shown."""

    def __init__(self, params: ImagesParams, facts: PullFacts) -> None:
        self.environment = params.environment
        self.wanted = tuple(pin for pin in facts.images if pin.remote_digest)

    def check(self, context: Context) -> Evidence:
        """Guard: the registry has what was shown."""
        project = context.tools.services(self.environment)
        with engine_of(project) as engine:
            for pin in self.wanted:
                remote = ask_registry(engine, project, pin.reference)
                if remote.standing == "silent":
                    raise Transient(remote.said)
                if remote.digest != pin.remote_digest:
                    raise Refused(
                        f"the registry has another {pin.reference} than was shown ({remote.said});"
                        " nothing was pulled, ask again"
                    )
        return Evidence(f"the registry had {counted(len(self.wanted), 'image')} as shown")

    def pull(self, pin: ImagePin, context: Context) -> Evidence:
        """Step: pull one, its digest the one shown."""
        project = context.tools.services(self.environment)
        with engine_of(project, project.pull_timeout_s) as engine:
            if pin.remote_digest in digests_of(engine.image(pin.reference)):
                return Evidence(f"{pin.reference} was here with the digest shown")
            pull(engine, project, pin.reference, pin.remote_digest, context.progress)
        return Evidence(f"pulled {pin.reference}", {"digest": pin.remote_digest})

    def check_here(self, context: Context) -> Evidence:
        """Check: each is here with its digest."""
        with engine_of(context.tools.services(self.environment)) as engine:
            for pin in self.wanted:
                if pin.remote_digest not in digests_of(engine.image(pin.reference)):
                    raise NotVerified(f"{pin.reference} is not here with the digest that was shown")
        return Evidence(f"{counted(len(self.wanted), 'image')} here, with the digests shown")

    def put_back(self, context: Context) -> Evidence:
        """Undo: each name means the image from before again, where that is still here."""
        gone = []
        with engine_of(context.tools.services(self.environment)) as engine:
            for pin in self.wanted:
                if id_of(engine.image(pin.reference)) == pin.local_id or "@" in pin.reference:
                    continue
                if not pin.local_id:
                    engine.untag(pin.reference)
                elif engine.image(pin.local_id) is not None:
                    engine.tag(pin.local_id, pin.reference)
                else:
                    gone.append(pin.reference)
        if gone:
            raise NotVerified(f"the image from before is not here any more: {', '.join(gone[:3])}")
        return Evidence("every name meant the image from before again; no container was touched")


def _plan_pull(params: ImagesParams, facts: PullFacts) -> Plan:
    pulling = _Pulling(params, facts)
    limit_s = PULL_TIMEOUT_S + LOOK_S
    return Plan(
        before=(Step("Ask the registry whether it has what is shown", pulling.check, LOOK_S, 2),),
        steps=tuple(
            Step(f"Pull {pin.reference}", partial(pulling.pull, pin), limit_s, 2) for pin in pulling.wanted
        ),
        after=(Step("Compare the digest of each image here", pulling.check_here, LOOK_S, 2),),
        undo=(Step("Let each name mean the image from before", pulling.put_back, LOOK_S, 3),),
        facts=(("project", facts.project), *((pin.reference, _standing(pin)) for pin in facts.images)),
        warnings=tuple(f"not pulled: {pin.said}" for pin in facts.images if not pin.remote_digest)[:5],
        undo_keep_s=3600.0,
    )


def _standing(pin: ImagePin) -> str:
    if not pin.remote_digest:
        return "cannot be pulled"
    return f"{short(pin.remote_digest)}, {'here already' if pin.here else 'is pulled'}"


pull_images = Action(
    name="pull-images",
    title="Pull all images",
    risk=Risk.LOW,
    params=ImagesParams,
    facts=PullFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/images",
    survey=_survey_pull,
    plan=_plan_pull,
    permissions=(
        "Docker: list containers; inspect, pull, tag and untag images",
        "Registry: pull of each image",
    ),
    example="run pull-images environment=production",
    description=(
        "Pulls every image that the compose file or a container of the project names, and compares its digest"
        " with the one shown. No container is touched."
    ),
    drift=_drift_pull,
    reach="the images of one project on one engine; no container",
    endings=(
        *BEFORE,
        Ending(Fault.VANISHED, "before", "refused", "The registry has it no more; nothing was changed."),
        Ending(Fault.CHANGED, "before", "refused", "Nothing was changed; ask again to see what is there."),
        Ending(Fault.GONE, "during", "stopped", "Containers run on; a person is called for the names."),
        Ending(Fault.TIMEOUT, "during", "stopped", "Containers run on; a person is called for the names."),
        Ending(Fault.PARTIAL, "during", "undone", "Every name means the image from before."),
    ),
)
