"""The containers of a service as facts of a plan: pinned, worst first, and how the world moved since."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actions.failures import Refused
from actions.tools.containers.engine_calls import Engine
from actions.tools.containers.power import Pin, ended
from actions.tools.containers.project import Project
from actions.tools.containers.replica import SERVICE_LABEL, Replica, require_replicas

DEPENDS_LABEL = "com.docker.compose.depends_on"
STOPPED_CODES = (0, 137, 143)
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
GONE, CHANGED = "is gone", "was started again"


def check_service(name: str, optional: bool = False) -> None:
    """Raises ValueError where this cannot be a service's name."""
    if not (optional and not name) and _SERVICE.fullmatch(name) is None:
        raise ValueError("service is the name of one service of the Compose project, such as api")


@dataclass(frozen=True)
class ReplicaFacts:
    """One container: pinned by `id` and `started_at`; `state` and `image` are for people."""

    id: str
    name: str
    service: str
    started_at: str
    state: str
    image: str
    good: bool
    running: bool
    checked: bool
    code: int
    out_of_memory: bool
    restarts: int

    @property
    def pin(self) -> Pin:
        """What a step touches, and nothing else."""
        return Pin(self.id, self.name, self.started_at, self.restarts, failing=not self.good)

    @property
    def failed(self) -> bool:
        """Whether it ended by itself: not by a stop (exit codes 0, 143 and 137), or for want of memory."""
        return not self.running and (self.out_of_memory or self.code not in STOPPED_CODES)


def facts_of(replica: Replica) -> ReplicaFacts:
    """What of a container a plan keeps."""
    state = replica.state if replica.running else f"{replica.state} ({ended(replica)})"
    return ReplicaFacts(
        id=replica.id,
        name=replica.name,
        service=replica.labels.get(SERVICE_LABEL, ""),
        started_at=replica.started_at,
        state=state,
        image=f"{replica.reference} ({replica.image_id.removeprefix('sha256:')[:12]})",
        good=replica.good,
        running=replica.running,
        checked=replica.state in ("healthy", "unhealthy", "starting"),
        code=replica.exit_code,
        out_of_memory=replica.out_of_memory,
        restarts=replica.restarts,
    )


def service_facts(engine: Engine, project: Project, service: str) -> tuple[ReplicaFacts, ...]:
    """The service's containers, those first that serve least: failed, unhealthy, then by number.

    Refused where it has none (the sentence names the services there are), or two say they are the same one.
    """
    found = require_replicas(engine, project, service)
    counted = Counter(one.number for one in found)
    twice = [one.name for one in found if counted[one.number] > 1]
    if twice:
        raise Refused(
            f"{' and '.join(twice[:4])} both say they are the same replica of {service}: two projects of one"
            " name? Nothing was changed; remove the one that does not belong."
        )
    return tuple(sorted(map(facts_of, found), key=lambda one: (one.good, one.running)))


def needs_of(replicas: Sequence[Replica]) -> Mapping[str, tuple[str, ...]]:
    """What each service needs, as newer Compose writes it on its containers (`db:service_healthy:false`)."""
    labels = {one.labels.get(SERVICE_LABEL, ""): one.labels.get(DEPENDS_LABEL, "") for one in replicas}
    return {
        service: tuple(word.partition(":")[0] for word in label.split(",") if word)
        for service, label in labels.items()
    }


def moved(planned: Iterable[ReplicaFacts], now: Iterable[ReplicaFacts]) -> str | None:
    """How these containers differ from those of the plan: gone, started again, ended, or more of them."""
    seen = {one.id: one for one in now}
    before = tuple(planned)
    for one in before:
        found = seen.pop(one.id, None)
        if found is None:
            return f"{one.name} {GONE} since the plan was shown"
        if not one.pin.is_start(found.started_at, found.restarts):
            return f"{one.name} {CHANGED} by somebody else since the plan was shown"
        if found.running != one.running:
            return f"{one.name} was {one.state} when the plan was shown, and is {found.state} now"
    more = next(iter(seen.values()), None)
    return f"{more.name} has come since the plan was shown" if more else None


def row(one: ReplicaFacts) -> tuple[str, str]:
    """A row of the card: the container, how it is, its image, since when."""
    since = one.started_at[:16].replace("T", " ")
    verb = "started" if one.running else "last started"
    return one.name, f"{one.state}, {verb} {since} UTC, {one.image}"


def names(replicas: Iterable[ReplicaFacts]) -> str:
    """`belezza_api_1, belezza_api_2`, at most ten."""
    known = [one.name for one in replicas]
    more = f" and {len(known) - 10} more" if len(known) > 10 else ""
    return ", ".join(known[:10]) + more
