"""Restarting, stopping and starting one container: only the start of it that a plan has seen, and only once.

A container is pinned by its id and the moment of its last start. Once somebody has started it again it is
not touched; what its restart policy did while it failed again and again is no such start.
Source: Docker Engine API 1.41, `/containers/{id}/restart`, `/stop`, `/start`.
"""

from __future__ import annotations

from dataclasses import dataclass

from docker.errors import NotFound

from actions.failures import NotVerified, Refused
from actions.tools.containers.engine_calls import Engine, told
from actions.tools.containers.replica import Replica, read_replica


@dataclass(frozen=True)
class Pin:
    """One start of one container. `failing`: it was not well, so its policy may have restarted it since."""

    id: str
    name: str
    started_at: str
    restarts: int = 0
    failing: bool = False

    def is_start(self, started_at: str, restarts: int) -> bool:
        """Whether this is still that start. (The engine counts from 0 again when a person restarts it.)"""
        return started_at == self.started_at or (self.failing and restarts > self.restarts)

    def names(self, replica: Replica) -> bool:
        """Whether the container is still at that start."""
        return self.is_start(replica.started_at, replica.restarts)


def seen(engine: Engine, pin: Pin) -> Replica:
    """The container as it is now. Raises Refused where it is gone."""
    found = engine.container(pin.id)
    if found is None:
        raise _gone(pin.name)
    return read_replica(found)


def restart_once(engine: Engine, pin: Pin, grace_s: float) -> bool:
    """Restart it unless somebody has started it since; whether that was still to do.

    One call, so that the engine finishes it even where nobody hears the answer. A second one that overlaps
    with it has no effect of its own: the engine starts only what does not run.
    """
    if not pin.names(seen(engine, pin)):
        return False
    with told(f"restart {pin.name}"):
        try:
            engine.api.restart(pin.id, timeout=_whole_s(grace_s))
        except NotFound as error:
            raise _gone(pin.name) from error
    return True


def stop_once(engine: Engine, pin: Pin, grace_s: float) -> bool:
    """Stop it; False where it had ended. Refused where it was started again since: that one is not ours."""
    found = seen(engine, pin)
    if not found.running:
        return False
    if not pin.names(found):
        raise Refused(
            f"{pin.name} was started again since this was planned, so it was left running: ask again"
        )
    with told(f"stop {pin.name}"):
        try:
            engine.api.stop(pin.id, timeout=_whole_s(grace_s))
        except NotFound as error:
            raise _gone(pin.name) from error
    return True


def stop_started(engine: Engine, pin: Pin, grace_s: float) -> bool:
    """Take a start back: stop it if it runs; whether it did. A container that is gone counts as stopped."""
    found = engine.container(pin.id)
    if found is None or not read_replica(found).running:
        return False
    engine.stop(pin.id, grace_s)
    return True


def start_once(engine: Engine, pin: Pin) -> bool:
    """Start it; False where it runs. Raises NotVerified where it was started since, and has ended again."""
    found = seen(engine, pin)
    if found.running:
        return False
    if not pin.names(found):
        raise NotVerified(f"{pin.name} was started and has ended again ({ended(found)})")
    with told(f"start {pin.name}"):
        try:
            engine.api.start(pin.id)
        except NotFound as error:
            raise _gone(pin.name) from error
    return True


def ended(replica: Replica) -> str:
    """Why it does not run: `exit code 137, out of memory`."""
    code = f"exit code {replica.exit_code}"
    return f"{code}, out of memory" if replica.out_of_memory else code


def _gone(name: str) -> Refused:
    return Refused(f"{name} is gone: somebody removed it or made it anew; look at the containers")


def _whole_s(grace_s: float) -> int:
    return max(1, round(grace_s))
