"""A Prometheus that watches itself, a target that is down and a rule that is broken, and its Alertmanager."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from bot.demo.ports import free_port
from tests.real.alertmanager import Alertmanager, real_alertmanager
from tests.real.processes import running, wait_for

CONFIG = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{env: production}}}}
rule_files: ["{rules}"]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager}"]}}]
scrape_configs:
  - job_name: api
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
  - job_name: db
    static_configs: [{{targets: ["127.0.0.1:{nobody}"]}}]
"""
RULES = """\
groups:
  - name: belezza
    rules:
      - alert: TargetDown
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.job }} does not answer"}
      - record: broken:twice
        expr: up + on() up  # many against many
"""


@dataclass(frozen=True)
class Pair:
    """Where both answer."""

    prometheus: str
    alertmanager: Alertmanager


@contextlib.contextmanager
def watching(folder: Path) -> Iterator[Pair]:
    """Both programs while the block runs; what Prometheus finds is there when it begins.

    Job `api` is up (Prometheus itself), job `db` is down, so `TargetDown` fires for it.
    """
    nobody = free_port()
    with real_alertmanager(folder / "alertmanager", f"http://127.0.0.1:{nobody}/", "local-token") as manager:
        port = free_port()
        rules, config = folder / "rules.yml", folder / "prometheus.yml"
        rules.write_text(RULES)
        told = manager.url.removeprefix("http://")
        config.write_text(CONFIG.format(rules=rules, alertmanager=told, port=port, nobody=nobody))
        argv = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}"]
        argv += [f"--web.listen-address=127.0.0.1:{port}"]
        url = f"http://127.0.0.1:{port}"
        with running(argv, folder):
            wait_for("the alert of the target that is down", lambda: _fires(manager.url))
            wait_for("the target that is up", lambda: _is_seen(url))
            yield Pair(url, manager)


def _fires(url: str) -> bool:
    try:
        found = requests.get(f"{url}/api/v2/alerts", timeout=2).json()
    except requests.RequestException:
        return False
    return any(alert["labels"].get("alertname") == "TargetDown" for alert in found)


def _is_seen(url: str) -> bool:
    """Whether the target that is up was scraped, and the broken rule was found to be broken."""
    try:
        found = requests.get(f"{url}/api/v1/query", {"query": 'up{job="api"} == 1'}, timeout=2).json()
        rules = requests.get(f"{url}/api/v1/rules", timeout=2).text
    except requests.RequestException:
        return False
    return bool(found["data"]["result"]) and '"health":"err"' in rules
