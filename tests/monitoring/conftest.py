"""A real Prometheus beside a real Alertmanager, shared by the room's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from actions.tools.monitoring import Monitoring
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
