"""A real Prometheus that scrapes, evaluates a rule every second, and tells Alertmanager."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import requests

from bot.demo.ports import free_port
from tests.real.processes import running, wait_for

PROGRAM = "prometheus"
CONFIG = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{env: production}}}}
rule_files: ["{rules}"]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager}"]}}]
scrape_configs:
  - job_name: api
    metrics_path: /actuator/prometheus
    static_configs: [{{targets: ["{target}"]}}]
"""
RULES = """\
groups:
  - name: belezza
    rules:
      - alert: HikariPoolExhausted
        expr: hikaricp_connections_active >= hikaricp_connections_max
        labels: {severity: critical}
        annotations:
          summary: Connection pool exhausted on {{ $labels.instance }}
          description: all {{ $value }} pool connections are busy, bookings fail for every customer
"""


def absent() -> str:
    """Why it cannot run here, or ''."""
    return "" if shutil.which(PROGRAM) else f"{PROGRAM} is not installed (Debian package {PROGRAM})"


@contextlib.contextmanager
def real_prometheus(folder: Path, target: str, alertmanager: str) -> Iterator[str]:
    """The program while the block runs; both addresses are `host:port`. Its own URL."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = folder / "rules.yml"
    rules.write_text(RULES)
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(rules=rules, alertmanager=alertmanager, target=target))
    port = free_port()
    argv = [PROGRAM, f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    argv += [f"--web.listen-address=127.0.0.1:{port}"]
    url = f"http://127.0.0.1:{port}"
    with running(argv, folder):
        wait_for("Prometheus", lambda: _ready(url))
        yield url


def _ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=1).ok
    except requests.RequestException:
        return False
