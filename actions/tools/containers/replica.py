"""The replicas of a service as they are now: container, image, health; and waiting for one to be good."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actions.failures import NotVerified, Refused
from actions.tools.containers.engine_calls import Engine
from actions.tools.containers.engine_json import Json, part
from actions.tools.containers.project import Project

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"
ONEOFF_LABEL = "com.docker.compose.oneoff"
SETTLE_S = 1.5
POLL_S = 0.1
MOST_RESTARTS = 3
_INTERIM = re.compile(r".+__(?:new|old|back|undone)_\d+")


@dataclass(frozen=True)
class Replica:
    """One container. `state` is healthy, unhealthy or starting where it has a health check, else the
    engine's word (running, exited, …); `image_id` is what it runs, `reference` how it was asked for.
    """

    id: str
    name: str
    number: int
    state: str
    running: bool
    restarts: int
    started_at: str
    image_id: str
    reference: str
    labels: Mapping[str, str]
    exit_code: int = 0
    out_of_memory: bool = False

    @property
    def good(self) -> bool:
        """Healthy, or running where nothing checks its health."""
        return self.state in ("healthy", "running")

    @property
    def interim(self) -> bool:
        """Whether a run made or renamed it for a while: `api-1__new_7`."""
        return _INTERIM.fullmatch(self.name) is not None


def read_replica(container: Json) -> Replica:
    """A replica from an inspected container."""
    state, config = part(container, "State"), part(container, "Config")
    labels = {str(name): str(value) for name, value in part(config, "Labels").items()}
    status = str(state.get("Status") or "unknown")
    health = str(part(state, "Health").get("Status") or "")
    number = labels.get(NUMBER_LABEL, "")
    return Replica(
        id=str(container["Id"]),
        name=str(container.get("Name") or "").lstrip("/"),
        number=int(number) if number.isdecimal() else 0,
        state=health if status == "running" and health not in ("", "none") else status,
        running=status in ("running", "restarting", "paused"),
        restarts=int(str(container.get("RestartCount") or 0)),
        started_at=str(state.get("StartedAt") or ""),
        image_id=str(container.get("Image") or ""),
        reference=str(config.get("Image") or ""),
        labels=labels,
        exit_code=int(str(state.get("ExitCode") or 0)),
        out_of_memory=state.get("OOMKilled") is True,
    )


def find_replicas(engine: Engine, project: Project, service: str = "") -> tuple[Replica, ...]:
    """The containers of a service (or of all), by name; one-off ones (`compose run`) are not among them."""
    labels = {PROJECT_LABEL: project.name} | ({SERVICE_LABEL: service} if service else {})
    found = [engine.container(which) for which in engine.labelled(labels)]
    replicas = [read_replica(one) for one in found if one is not None]
    kept = [one for one in replicas if one.labels.get(ONEOFF_LABEL, "False").lower() != "true"]
    return tuple(sorted(kept, key=lambda one: (one.labels.get(SERVICE_LABEL, ""), one.number, one.name)))


def services_of(replicas: tuple[Replica, ...]) -> tuple[str, ...]:
    """The names of the services that these containers are of."""
    return tuple(dict.fromkeys(one.labels.get(SERVICE_LABEL, "") for one in replicas))


def require_replicas(engine: Engine, project: Project, service: str) -> tuple[Replica, ...]:
    """The service's containers. Refused where there is none, or where a run left interim ones behind."""
    found = find_replicas(engine, project, service)
    if not found:
        others = ", ".join(services_of(find_replicas(engine, project))) or "none at all"
        raise Refused(
            f"the project {project.name} has no container of a service {service!r} on this engine (it has"
            f" {others}); start-project creates them. Nothing was changed."
        )
    left = [one.name for one in found if one.interim]
    if left:
        raise Refused(
            f"an earlier run left {', '.join(left[:5])} behind: look at them, and remove what is not needed"
            " (docker rm) or give the old one its name back (docker rename). Nothing was changed."
        )
    return found


def require_no_sharers(engine: Engine, project: Project, going: Mapping[str, str]) -> None:
    """Refused where a container of the project uses the network of one that goes (`going`: id to name)."""
    for which in engine.labelled({PROJECT_LABEL: project.name}):
        found = engine.container(which) or {}
        kind, _, other = str(part(found, "HostConfig").get("NetworkMode") or "").partition(":")
        if kind == "container" and other in going and str(found["Id"]) not in going:
            raise Refused(
                f"{read_replica(found).name} shares the network of {going[other]} and would lose it: both"
                " must be made anew together (docker-compose up -d). Nothing was changed."
            )


def wait_good(
    engine: Engine, which: str, within_s: float, progress: Callable[[str], None], name: str = ""
) -> Replica:
    """Wait until it is healthy, or has run quietly for a moment where nothing checks its health.

    Raises NotVerified with what it was instead: it ended, it restarts again and again, or it took too long.
    """
    deadline = time.monotonic() + within_s
    seen = _present(engine, which, name)
    before, since = seen.restarts, (seen.started_at, time.monotonic())
    while True:
        if since[0] != seen.started_at or not seen.running:
            since = (seen.started_at, time.monotonic())
        if seen.state == "healthy":
            return seen
        if seen.state == "running" and time.monotonic() - since[1] >= SETTLE_S:
            return seen
        why = _hopeless(seen, before)
        if why or time.monotonic() >= deadline:
            shown = name or seen.name
            raise NotVerified(f"{shown} {why or f'was {seen.state}, not healthy, after {within_s:g} s'}")
        progress(f"{name or seen.name} is {seen.state}")
        time.sleep(POLL_S)
        seen = _present(engine, which, name)


def _present(engine: Engine, which: str, name: str) -> Replica:
    found = engine.container(which)
    if found is None:
        raise NotVerified(f"{name or which[:12]} is gone: somebody removed it")
    return read_replica(found)


def _hopeless(seen: Replica, restarts_before: int) -> str:
    again = seen.restarts - restarts_before
    if again >= MOST_RESTARTS:
        return f"ended and was restarted {again} times"
    return f"ended ({seen.state})" if seen.state in ("exited", "dead") else ""
