"""One stage of a redeploy, a scaling or a start: what the engine created, and containers made sick at will.

A container is healthy unless a file with its short id lies in the folder that all see at /switch.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
from requests.exceptions import RequestException

from tests.real.processes import wait_for
from tests.real.proxy import Proxy, proxy
from tests.redeploy.world import World, world

HEALTH = "[ ! -e /switch/$HOSTNAME ]"
NUMBER, SERVICE = "com.docker.compose.container-number", "com.docker.compose.service"
SETTLES_S = 10.0
POLL_S = 0.05


class Scene:
    """A world, the switch of its containers' health, and what the engine said that was created since."""

    def __init__(self, made: World, folder: Path) -> None:
        self.made = made
        self.folder = folder
        self.switch = folder / "switch"
        self.switch.mkdir()
        self.lock = threading.Lock()
        self.births: list[dict[str, str]] = []
        self.before: set[str] = set()
        self.spared = 0

    def replicas(self, count: int, image: str) -> None:
        """That many of the api, healthy."""
        for number in range(1, count + 1):
            self.made.replica(number, image, HostConfig={"Binds": [f"{self.switch}:/switch:ro"]})
        self.made.wait_healthy()
        wait_for("the engine's events", lambda: len(self.births) >= count)
        self.look()

    def look(self) -> None:
        """From here on: what comes later is the action's doing."""
        self.before = {one["Id"] for one in self._containers()}
        with self.lock:
            self.births.clear()

    def _containers(self) -> list[dict[str, Any]]:
        ours = {"label": f"com.docker.compose.project={self.made.name}"}
        return list(self.made.client.api.containers(all=True, filters=ours))

    def created(self, made: str, by: str) -> int:
        """The most that any one replica (by this label) was created since."""
        with self.lock:
            seen = [one for one in self.births if not made or one.get("drbot.made") == made]
        return max(Counter(one.get(by, "") for one in seen).values(), default=0)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Hear of every container that is created (the engine forgets its events soon)."""
        ours = {
            "type": "container",
            "event": "create",
            "label": f"com.docker.compose.project={self.made.name}",
        }
        api = docker.APIClient(base_url=self.made.engine, timeout=3600)
        stream = api.events(filters=ours, decode=True)

        def hear() -> None:
            with contextlib.suppress(OSError, ValueError, RequestException):
                for one in stream:
                    with self.lock:
                        self.births.append(one["Actor"]["Attributes"] | {"id": one["Actor"]["ID"]})

        listener = threading.Thread(target=hear, daemon=True)
        listener.start()
        try:
            yield
        finally:
            stream.close()
            listener.join(5)
            api.close()

    def redeployed(self) -> int:
        """0 where no replica is a new one."""
        new = [one for one in self._containers() if one["Labels"].get("drbot.made") == "new"]
        return min(2, self.created("new", "drbot.pin")) if new else 0

    def scaled(self) -> int:
        """0 where none was added."""
        new = [one for one in self._containers() if one["Id"] not in self.before]
        return min(2, self.created("scale", NUMBER)) if new else 0

    def started(self) -> int:
        """0 where nothing was started."""
        return min(2, self.created("", SERVICE)) if self._containers() else 0

    def worse(self, healthy: int) -> str:
        """Fewer healthy replicas than before, or something left over, once all had its time."""
        deadline = time.monotonic() + SETTLES_S
        while (found := self._worse(healthy - self.spared)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _worse(self, healthy: int) -> str:
        left = [name for name in self.made.names() if "__" in name]
        if left:
            return f"{', '.join(left)} is left over"
        now = sum("(healthy)" in one["Status"] for one in self._containers())
        return f"{now} replicas are healthy, {healthy} were" if now < healthy else ""

    @contextlib.contextmanager
    def sickening(self, label: str = "", value: str = "") -> Iterator[None]:
        """New containers (with this label, or all) never get healthy."""
        over = threading.Event()

        def mark() -> None:
            while not over.wait(POLL_S):
                for one in self._containers():
                    if one["Id"] not in self.before and (not label or one["Labels"].get(label) == value):
                        (self.switch / one["Id"][:12]).touch()

        watcher = threading.Thread(target=mark, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(5)

    @contextlib.contextmanager
    def removed(self) -> Iterator[None]:
        """Somebody removes the first replica."""
        self.made.client.api.remove_container(self.made.inspect(1)["Id"], force=True)
        self.spared = 1
        yield

    @contextlib.contextmanager
    def restarted(self) -> Iterator[None]:
        """Somebody else restarts the first replica."""
        self.made.client.api.restart(self.made.inspect(1)["Id"], timeout=1)
        self.made.wait_healthy()
        yield


@contextlib.contextmanager
def scene() -> Iterator[tuple[Scene, Proxy]]:
    with (
        tempfile.TemporaryDirectory(prefix="drbot-redeploy-") as folder,
        world() as made,
        proxy(made.engine.removeprefix("unix://")) as way,
    ):
        opened = Scene(made, Path(folder))
        with opened.watched():
            yield opened, way
