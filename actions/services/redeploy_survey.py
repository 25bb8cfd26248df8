"""What a redeploy would change: the replicas, the image they run, and what the registry has."""

from __future__ import annotations

from dataclasses import dataclass

from actions.failures import Refused
from actions.services.replica_pins import ReplicaPin, moved_replica, pin_of
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.images import Remote, ask_registry, check_reference, digests_of, id_of, short
from actions.tools.containers.project import Project
from actions.tools.containers.replacement import recipe_for
from actions.tools.containers.replica import Replica, require_no_sharers, require_replicas
from actions.tools.toolbox import Toolbox


@dataclass(frozen=True)
class RedeployParams:
    """`image` is what to run from now on; '' is the name that the replicas run already."""

    environment: str
    service: str = "api"
    image: str = ""

    def __post_init__(self) -> None:
        if self.image:
            check_reference(self.image)


@dataclass(frozen=True)
class RedeployFacts:
    """`local_id` is what the reference names on the engine now; `remote_digest` what the registry has.
    `newer`: some replica does not run the image that would be deployed.
    """

    project: str
    service: str
    reference: str
    local_id: str
    registry: str
    registry_said: str
    remote_digest: str
    newer: bool
    replicas: tuple[ReplicaPin, ...]
    healthy_within_s: float
    stop_within_s: float


def survey(tools: Toolbox, params: RedeployParams) -> RedeployFacts:
    """Look at the replicas, the engine's image and the registry. Refused where nothing could be deployed."""
    project = tools.services(params.environment)
    with engine_of(project) as engine:
        found = require_replicas(engine, project, params.service)
        reference = params.image or _common(found, params.service)
        local = engine.image(reference)
        remote = ask_registry(engine, project, reference)
        if local is None and remote.standing != "there":
            raise Refused(f"{reference} is not on this engine, and {remote.said}. Nothing was changed.")
        pins = tuple(_pin(engine, one) for one in found)
        require_no_sharers(engine, project, {one.id: one.name for one in found})
        newer = any(not _runs(engine, one, remote.digest, id_of(local)) for one in found)
    return RedeployFacts(
        project.name, params.service, reference, id_of(local), remote.standing, remote.said, remote.digest,
        newer, pins, project.healthy_within_s, project.stop_within_s,
    )  # fmt: skip


def _runs(engine: Engine, one: Replica, remote_digest: str, local_id: str) -> bool:
    if remote_digest:
        return remote_digest in digests_of(engine.image(one.image_id))
    return one.image_id == local_id


def _common(found: tuple[Replica, ...], service: str) -> str:
    references = sorted({one.reference for one in found})
    if len(references) > 1:
        raise Refused(
            f"the replicas of {service} were made of {', '.join(references[:4])}: say image=… which one all"
            " are to run. Nothing was changed."
        )
    return references[0]


def _pin(engine: Engine, one: Replica) -> ReplicaPin:
    container = engine.container(one.id)
    if container is None:
        raise Refused(f"{one.name} was removed in this moment; nothing was changed, ask again")
    recipe_for(engine, container, one.reference)
    return pin_of(container)


def drift(planned: RedeployFacts, now: RedeployFacts) -> str | None:
    """Other containers, a healthy one that was started again, or another image in the registry."""
    moved = moved_replica(planned.replicas, now.replicas)
    if moved:
        return moved
    if planned.remote_digest != now.remote_digest:
        return moved_image(planned, now.remote_digest)
    if not planned.remote_digest and planned.local_id != now.local_id:
        return f"{planned.reference} names another image on the engine than was shown"
    return None


def moved_image(planned: RedeployFacts, digest: str) -> str:
    """The registry's image is another than the one shown."""
    before = short(planned.remote_digest) or "none"
    return f"the registry gives another {planned.reference} now ({short(digest) or 'none'}, shown: {before})"


def ask_again(engine: Engine, project: Project, facts: RedeployFacts) -> Remote:
    """What the registry says now of the facts' reference."""
    return ask_registry(engine, project, facts.reference)
