"""What the tests of services share: a toolbox for a project, and a client that counts what fails."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from actions.tools.containers.project import Project
from actions.tools.toolbox import FixedToolbox
from tests.real.belezza.project import Belezza

PLACE = "staging"


def tools_for(
    made: Belezza, engine: str = "", order: tuple[str, ...] = (), within_s: float = 20
) -> FixedToolbox:
    """The project as `staging`, on its engine or behind a proxy."""
    project = Project(
        made.name, engine or made.engine, order=order, healthy_within_s=within_s, stop_within_s=5
    )
    return FixedToolbox(projects={PLACE: project})


def starts(made: Belezza, service: str = "api") -> dict[str, str]:
    """When each container was started last, by its name."""
    return {str(one.name): one.attrs["State"]["StartedAt"] for one in made.containers(service)}


@dataclass
class Load:
    """How requests ended: a status, or the name of the error."""

    ended: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    @property
    def failed(self) -> dict[str, int]:
        """All that was not a 200."""
        return {how: number for how, number in self.ended.items() if how != "200"}


@contextlib.contextmanager
def load(url: str, every_s: float = 0.02, workers: int = 4) -> Iterator[Load]:
    """Requests at a steady rate from several clients while the block runs: GETs and POSTs in turn."""
    seen, over, turn = Load(), threading.Event(), threading.Lock()

    def client(number: int) -> None:
        with requests.Session() as session:
            count = number
            while not over.wait(every_s * workers):
                count += 1
                began = time.monotonic()
                how = _asked(session, url, post=count % 3 == 0)
                with turn:
                    seen.ended[how] += 1
                    seen.slowest_s = max(seen.slowest_s, time.monotonic() - began)

    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(client, number) for number in range(workers)]
        try:
            yield seen
        finally:
            over.set()
            for one in running:
                one.result()


def _asked(session: requests.Session, url: str, post: bool) -> str:
    try:
        if post:
            return str(session.post(f"{url}/api/auth/login", json={"email": "a"}, timeout=10).status_code)
        return str(session.get(f"{url}/test/slow?ms=30", timeout=10).status_code)
    except requests.RequestException as error:
        return type(error).__name__
