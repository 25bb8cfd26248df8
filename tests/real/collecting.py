"""A container of the api in which a command frees memory, as jcmd does where the image has a JDK."""

from __future__ import annotations

import requests

from actions.tools.application.application import Application
from actions.tools.containers.project import Project
from actions.tools.toolbox import FixedToolbox
from tests.real.belezza.project import Belezza

FULL_BYTES, FREED_BYTES = 312_000_000, 100_000_000
_FREE = (
    "import http.client; c = http.client.HTTPConnection('127.0.0.1', 8080, timeout=5);"
    f" c.request('POST', '/test/metrics?jvm.memory.used={FREED_BYTES}'); assert c.getresponse().status == 200"
)
COLLECT = ("/usr/bin/python3", "-S", "-c", _FREE)


def actuator_of(made: Belezza) -> str:
    return f"{made.api_url()}/actuator"


def used_bytes(actuator: str) -> float:
    """What the application says; 0 where it does not answer any more."""
    try:
        found = requests.get(f"{actuator}/metrics/jvm.memory.used", timeout=3).json()
    except requests.RequestException:
        return 0.0
    return float(found["measurements"][0]["value"])


def toolbox(made: Belezza, collect: tuple[str, ...] = COLLECT, engine: str = "") -> FixedToolbox:
    """Staging: the project, and its api's actuator with this command."""
    return FixedToolbox(
        projects={"staging": Project(made.name, engine or made.engine)},
        applications={"staging": Application(actuator_of(made), "api", collect=collect)},
    )
