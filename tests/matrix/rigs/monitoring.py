"""Rigs for the monitors: a real Prometheus and Alertmanager behind proxies, alerts of each stage's own."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import requests

from actions.tools.monitors.monitoring import Monitoring, Silence
from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real import alertmanager, prometheus
from tests.real.alertmanager import Alertmanager
from tests.real.proxy import Proxy, proxy
from tests.real.silencing import lengthen
from tests.real.watch import Pair, watching


@contextlib.contextmanager
def _pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="drbot-watch-") as folder, watching(Path(folder)) as pair:
        yield pair


def _watch(servers: Servers) -> Pair:
    why = prometheus.absent() or alertmanager.absent()
    if why:
        pytest.skip(why)
    return cast("Pair", servers.keep("watch", _pair))


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


@dataclass(frozen=True)
class _Alerts:
    """One alert that fires, and another that must stay heard."""

    manager: Alertmanager
    name: str

    @classmethod
    def fired(cls, manager: Alertmanager) -> _Alerts:
        made = cls(manager, f"Pool{uuid.uuid4().hex[:10]}")
        made.fire(made.name, made.name)
        made.fire(f"{made.name}Other", "unlike")
        return made

    def fire(self, name: str, test: str) -> None:
        self.manager.alert({"alertname": name, "instance": "api-1:8080", "test": test}, {"summary": "a test"})

    def resolve(self) -> None:
        self.manager.resolve({"alertname": self.name, "instance": "api-1:8080", "test": self.name})

    @property
    def tool(self) -> Monitoring:
        return Monitoring("", self.manager.url)

    @property
    def active(self) -> list[Silence]:
        return [
            one for one in self.tool.silences() if self.name in str(one.matchers) and one.state == "active"
        ]

    def worse(self) -> str:
        """What must be heard is heard."""
        other = [one for one in self.tool.alerts() if one.name == f"{self.name}Other"]
        return "" if [one.state for one in other] == ["active"] else "another alert is hushed, or was lost"


@contextlib.contextmanager
def _made(fault: Callable[[], None]) -> Iterator[None]:
    """A fault that stays once it is made."""
    fault()
    yield


def _before(way: Proxy) -> dict[Fault, Inject]:
    return {Fault.GONE: way.refuse, Fault.TIMEOUT: way.hang, Fault.DENIED: lambda: way.answer(403, b"no")}


def _environments(way: Proxy) -> Mapping[str, object]:
    return {"staging": {"monitoring": {"alertmanager": way.url}}}


@contextlib.contextmanager
def look_at_monitoring(servers: Servers) -> Iterator[Stage]:
    pair = _watch(servers)
    with proxy(_address(pair.prometheus)) as first, proxy(_address(pair.alertmanager.url)) as second:

        @contextlib.contextmanager
        def both(fault: Fault) -> Iterator[None]:
            with _before(first)[fault](), _before(second)[fault]():
                yield

        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {"monitoring": {"prometheus": first.url, "alertmanager": second.url}}},
            variables={},
            effects=lambda: 0,
            worse=lambda: "",
            faults={
                Fault.GONE: lambda: both(Fault.GONE),
                Fault.TIMEOUT: lambda: both(Fault.TIMEOUT),
                Fault.DENIED: lambda: both(Fault.DENIED),
            },
        )


@contextlib.contextmanager
def silence_alert(servers: Servers) -> Iterator[Stage]:
    alerts = _Alerts.fired(_watch(servers).alertmanager)
    with proxy(_address(alerts.manager.url)) as way:
        yield Stage(
            params={"environment": "staging", "matchers": f'test="{alerts.name}"', "duration": "10m"},
            environments=_environments(way),
            variables={},
            effects=lambda: len(alerts.active),
            worse=alerts.worse,
            faults={
                **_before(way),
                Fault.VANISHED: lambda: _made(alerts.resolve),
                Fault.CHANGED: lambda: _made(lambda: alerts.fire(f"{alerts.name}New", alerts.name)),
            },
        )


@contextlib.contextmanager
def end_silence(servers: Servers) -> Iterator[Stage]:
    alerts = _Alerts.fired(_watch(servers).alertmanager)
    tool = alerts.tool
    body = {
        "matchers": [{"name": "alertname", "value": alerts.name, "isRegex": False}],
        "startsAt": datetime.now(UTC).isoformat(),
        "endsAt": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "createdBy": "ana",
        "comment": "deploying",
    }
    made = requests.post(f"{alerts.manager.url}/api/v2/silences", json=body, timeout=5).json()["silenceID"]
    silence = tool.silence(made)
    assert silence is not None
    ended = [False]

    def end() -> None:
        """By somebody else: no effect of the run's."""
        tool.unhush(made)
        ended[0] = True

    with proxy(_address(alerts.manager.url)) as way:
        yield Stage(
            params={"environment": "staging", "silence": made},
            environments=_environments(way),
            variables={},
            effects=lambda: 0 if alerts.active or ended[0] else 1,
            worse=lambda: alerts.worse() or ("it is silenced twice" if len(alerts.active) > 1 else ""),
            faults={
                **_before(way),
                Fault.VANISHED: lambda: _made(end),
                Fault.CHANGED: lambda: _made(lambda: lengthen(alerts.manager.url, silence)),
            },
        )


RIGS: Mapping[str, Rig] = {
    "look-at-monitoring": look_at_monitoring,
    "silence-alert": silence_alert,
    "end-silence": end_silence,
}
