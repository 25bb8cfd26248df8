"""A real Prometheus beside a real Alertmanager, shared by the room's tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from actions.tools.monitors.monitoring import Monitoring, Silence
from actions.tools.toolbox import FixedToolbox
from tests.real import alertmanager, prometheus
from tests.real.alertmanager import Alertmanager
from tests.real.watch import watching


@dataclass(frozen=True)
class Watch:
    """The running pair and the tool that asks it."""

    tool: Monitoring
    alertmanager: Alertmanager

    @property
    def prometheus_address(self) -> tuple[str, int]:
        return _address(self.tool.prometheus)

    @property
    def alertmanager_address(self) -> tuple[str, int]:
        return _address(self.tool.alertmanager)


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    why = prometheus.absent() or alertmanager.absent()
    if why:
        pytest.skip(why)
    with watching(tmp_path_factory.mktemp("watch")) as pair:
        yield Watch(Monitoring(pair.prometheus, pair.alertmanager.url), pair.alertmanager)


class Scene:
    """Two alerts of a name that nobody else has."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.name = f"Pool{uuid.uuid4().hex[:10]}"
        self.tools = FixedToolbox(monitors={"production": watch.tool})
        for instance in ("api-1:8080", "api-2:8080"):
            self.fire(self.name, instance)

    def fire(self, name: str, instance: str) -> None:
        labels = {"alertname": name, "instance": instance, "severity": "critical", "test": self.name}
        self.watch.alertmanager.alert(labels, {"summary": "made for a test"})

    def end(self, name: str) -> None:
        for instance in ("api-1:8080", "api-2:8080"):
            labels = {"alertname": name, "instance": instance, "severity": "critical", "test": self.name}
            self.watch.alertmanager.resolve(labels)

    @property
    def silences(self) -> list[Silence]:
        return [one for one in self.watch.tool.silences() if self.name in str(one.matchers)]

    @property
    def states(self) -> list[str]:
        found = self.watch.tool.alerts()
        return sorted(one.state for one in found if one.labels.get("test") == self.name)


@pytest.fixture
def scene(watch: Watch) -> Iterator[Scene]:
    made = Scene(watch)
    yield made
    for one in made.silences:
        watch.tool.unhush(one.id)
