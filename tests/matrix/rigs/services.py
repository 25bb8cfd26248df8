"""Rigs for the services: replicas of the api on a real engine, behind a proxy before its socket."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from docker.models.containers import Container

from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.belezza.project import SERVICE_LABEL, Belezza
from tests.real.docker import belezza_project
from tests.real.proxy import Proxy, proxy

STARTED = {"api": b"Started BelezzaApplication", "redis": b"Ready to accept connections"}
RECOVERS_S = 10.0
INTERVAL_S = 0.5


def begun(container: Container) -> int:
    """How often it was started, by its own log."""
    return container.logs().count(STARTED[container.labels[SERVICE_LABEL]])


class Scene:
    """A project as it was when the stage was set, but for what the stage itself did to it."""

    def __init__(self, made: Belezza) -> None:
        self.made = made
        self.spared: set[str] = set()
        self.look()

    def look(self) -> None:
        """From here on: what was done so far is not the action's doing."""
        found = self.made.containers()
        self.starts = {str(one.id): begun(one) for one in found}
        self.ran = {str(one.id) for one in found if one.status == "running"}

    def started(self) -> int:
        """How often any was started since: 0, 1, or 2 where one was started again and again."""
        counts = [begun(one) - self.starts.get(str(one.id), 0) for one in self.made.containers()]
        return min(2, max(counts, default=0))

    def down(self) -> int:
        """1 where one that ran does not."""
        return int(any(str(one.id) in self.ran and one.status != "running" for one in self.made.containers()))

    def up(self) -> int:
        """1 where one that did not run does, 2 where it was started twice."""
        risen = [one for one in self.made.containers() if str(one.id) not in self.ran]
        return self.started() if any(one.status == "running" for one in risen) else 0

    def sick(self, may_be_down: bool = False) -> str:
        """Who ran and is not well any more, once what is under way has had its time; '' nobody."""
        deadline = time.monotonic() + RECOVERS_S
        while (found := self._sick(may_be_down)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _sick(self, may_be_down: bool) -> str:
        well = ("healthy", "exited") if may_be_down else ("healthy",)
        found = {str(one.id): one for one in self.made.containers()}
        for which in self.ran - self.spared:
            state = self.made.health(found[which]) if which in found else "gone"
            if state not in well:
                return f"{found[which].name if which in found else which[:12]} ran and is {state}"
        return ""

    @contextlib.contextmanager
    def spoiled(self, number: int) -> Iterator[None]:
        """A replica that does not get healthy at its next start: that one counts for the fault."""
        self.made.spoil(number)
        self.spared.add(str(self.made.replica("api", number).id))
        yield

    @contextlib.contextmanager
    def removed(self) -> Iterator[None]:
        """Somebody removes the first replica."""
        self.spared.add(str(self.made.replica("api", 1).id))
        self.made.replica("api", 1).remove(force=True)
        yield

    @contextlib.contextmanager
    def restarted(self) -> Iterator[None]:
        """Somebody else restarts the first replica (or starts it)."""
        self.made.replica("api", 1).restart(timeout=2)
        self.made.wait_healthy() if self.ran else None
        self.look()
        yield


def _stage(
    made: Belezza,
    way: Proxy,
    params: Mapping[str, str],
    effects: Callable[[], int],
    worse: Callable[[], str],
    faults: Mapping[Fault, Inject],
) -> Stage:
    place = made.place(healthy_within="12s", stop_within="2s")
    return Stage(
        params={"environment": "staging", **params},
        environments={"staging": {"services": place}},
        variables={"DOCKER_HOST": f"tcp://127.0.0.1:{way.port}"},
        effects=effects,
        worse=worse,
        faults={
            Fault.GONE: way.refuse,
            Fault.TIMEOUT: way.hang,
            Fault.DENIED: lambda: way.answer(403, b'{"message": "forbidden"}'),
            **faults,
        },
    )


@contextlib.contextmanager
def _project(
    replicas: int = 3, services: tuple[str, ...] = ("api",), stopped: bool = False
) -> Iterator[tuple[Scene, Proxy]]:
    with (
        belezza_project(replicas, services, interval_s=INTERVAL_S) as made,
        proxy(made.engine.removeprefix("unix://")) as way,
    ):
        if stopped:
            for one in made.containers():
                one.stop(timeout=2)
        yield Scene(made), way


def _others(scene: Scene) -> dict[Fault, Inject]:
    return {Fault.VANISHED: scene.removed, Fault.CHANGED: scene.restarted}


def _unwell(scene: Scene, second: int = 2) -> dict[Fault, Inject]:
    return {Fault.UNHEALTHY: lambda: scene.spoiled(1), Fault.PARTIAL: lambda: scene.spoiled(second)}


@contextlib.contextmanager
def restart_service(servers: Servers) -> Iterator[Stage]:
    with _project() as (scene, way):
        faults = _others(scene) | _unwell(scene)
        yield _stage(scene.made, way, {"service": "api"}, scene.started, scene.sick, faults)


@contextlib.contextmanager
def restart_everything(servers: Servers) -> Iterator[Stage]:
    with _project(2, ("redis", "api")) as (scene, way):
        yield _stage(scene.made, way, {}, scene.started, scene.sick, _others(scene) | _unwell(scene))


@contextlib.contextmanager
def stop_service(servers: Servers) -> Iterator[Stage]:
    with _project() as (scene, way):
        worse = lambda: scene.sick(may_be_down=True)  # noqa: E731
        yield _stage(scene.made, way, {"service": "api"}, scene.down, worse, _others(scene))


@contextlib.contextmanager
def start_service(servers: Servers) -> Iterator[Stage]:
    with _project(stopped=True) as (scene, way):
        faults = _others(scene) | _unwell(scene)
        yield _stage(scene.made, way, {"service": "api"}, scene.up, scene.sick, faults)


@contextlib.contextmanager
def look(servers: Servers) -> Iterator[Stage]:
    """One project for every look: nothing changes it."""
    made = cast(Belezza, servers.keep("belezza to look at", belezza_project))
    with proxy(made.engine.removeprefix("unix://")) as way:
        yield _stage(made, way, {"service": "api"}, lambda: 0, lambda: "", {})


RIGS: Mapping[str, Rig] = {
    "look-at-containers": look,
    "look-at-logs": look,
    "look-at-usage": look,
    "restart-service": restart_service,
    "restart-everything": restart_everything,
    "stop-service": stop_service,
    "start-service": start_service,
}
