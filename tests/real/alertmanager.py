"""A real Alertmanager that notifies the bot quickly."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from bot.demo.ports import free_port
from tests.real.processes import running, wait_for

PROGRAM = "prometheus-alertmanager"
CONFIG = """\
route:
  receiver: drbot
  group_by: [alertname]
  group_wait: 200ms
  group_interval: 1s
  repeat_interval: 2s
receivers:
  - name: drbot
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config:
          authorization: {{type: Bearer, credentials: {token}}}
"""


def absent() -> str:
    """Why it cannot run here, or ''."""
    return "" if shutil.which(PROGRAM) else f"{PROGRAM} is not installed (Debian package {PROGRAM})"


@dataclass(frozen=True)
class Alertmanager:
    """The running program."""

    url: str

    def alert(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> None:
        """Fire, as Prometheus does (again and again is the same)."""
        self._post({"labels": dict(labels), "annotations": dict(annotations)})

    def resolve(self, labels: Mapping[str, str]) -> None:
        """Say that it is over."""
        self._post({"labels": dict(labels), "endsAt": datetime.now(UTC).isoformat()})

    def _post(self, alert: Mapping[str, object]) -> None:
        requests.post(f"{self.url}/api/v2/alerts", json=[alert], timeout=5).raise_for_status()


@contextlib.contextmanager
def real_alertmanager(folder: Path, webhook_url: str, token: str, port: int = 0) -> Iterator[Alertmanager]:
    """The program while the block runs, notifying `webhook_url`. `port` 0: any that is free."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG.format(url=webhook_url, token=token))
    port = port or free_port()
    argv = [PROGRAM, f"--config.file={config}", f"--storage.path={folder / 'data'}"]
    argv += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    url = f"http://127.0.0.1:{port}"
    with running(argv, folder):
        wait_for("Alertmanager", lambda: _ready(url))
        yield Alertmanager(url)


def _ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=1).ok
    except requests.RequestException:
        return False
