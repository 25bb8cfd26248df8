"""The demo's monitor: looks at the service's pool and tells the bot as Alertmanager would."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

LOOK_EVERY_S = 1.0
FIRE_AFTER = 2
RESOLVE_AFTER = 2
TIMEOUT_S = 5.0
NEVER = "0001-01-01T00:00:00Z"
LABELS = {
    "alertname": "ConnectionPoolExhausted",
    "job": "api",
    "env": "production",
    "instance": "belezza-api-prod",
    "severity": "critical",
}
ANNOTATIONS = {
    "summary": "Database connection pool exhausted on belezza-api-prod",
    "description": "all pool connections are busy with long-running queries; bookings fail with"
    " «Connection is not available» for every customer",
}


def notification(status: str, starts_at: str, ends_at: str = NEVER) -> dict[str, object]:
    """One Alertmanager version-4 webhook body of the pool alert."""
    key = "\x1f".join(f"{name}={value}" for name, value in sorted(LABELS.items()))
    return {
        "version": "4",
        "receiver": "drbot",
        "status": status,
        "groupKey": '{}:{alertname="ConnectionPoolExhausted"}',
        "truncatedAlerts": 0,
        "groupLabels": {"alertname": LABELS["alertname"]},
        "commonLabels": LABELS,
        "commonAnnotations": ANNOTATIONS,
        "externalURL": "http://alertmanager.belezza.local",
        "alerts": [
            {
                "status": status,
                "labels": LABELS,
                "annotations": ANNOTATIONS,
                "startsAt": starts_at,
                "endsAt": ends_at,
                "generatorURL": "",
                "fingerprint": hashlib.sha256(key.encode()).hexdigest()[:16],
            }
        ],
    }


@dataclass
class _Watch:
    busy: int = 0
    free: int = 0
    since: str = ""


class Monitor:
    """A thread that polls the pool and posts firing and resolved webhooks to the bot."""

    def __init__(self, service_url: str, webhook_url: str, token: str) -> None:
        self._service_url = service_url
        self._webhook_url = webhook_url
        self._token = token
        self._stopping = threading.Event()
        self._away = threading.Event()
        self._watch = _Watch()
        self._web = requests.Session()
        self._web.trust_env = False  # everything is on this machine: no proxy of its user's stands between
        self._thread = threading.Thread(target=self._look_for_ever, name="demo-monitor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop looking. Safe to call twice."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=TIMEOUT_S * 3)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Look away while the block runs: somebody else watches."""
        self._away.set()
        try:
            yield
        finally:
            self._away.clear()

    def _look_for_ever(self) -> None:
        with self._web:
            while not self._stopping.wait(LOOK_EVERY_S):
                if self._away.is_set():
                    continue
                try:
                    self._look()
                except requests.RequestException:
                    continue  # the service or the bot is restarting: look again, as a monitor does

    def _look(self) -> None:
        watch = self._watch
        exhausted = self._metric("active") >= self._metric("max")
        watch.busy, watch.free = (watch.busy + 1, 0) if exhausted else (0, watch.free + 1)
        if not watch.since and watch.busy >= FIRE_AFTER:
            since = _now()
            self._tell(notification("firing", since))
            watch.since = since
        elif watch.since and watch.free >= RESOLVE_AFTER:
            self._tell(notification("resolved", watch.since, _now()))
            watch.since = ""

    def _metric(self, name: str) -> float:
        url = f"{self._service_url}/actuator/metrics/hikaricp.connections.{name}"
        answer = self._web.get(url, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return float(answer.json()["measurements"][0]["value"])

    def _tell(self, body: dict[str, object]) -> None:
        answer = self._web.post(
            self._webhook_url,
            json=body,
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=TIMEOUT_S,
        )
        answer.raise_for_status()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
