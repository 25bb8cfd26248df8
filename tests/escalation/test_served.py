"""A real `dr serve` with real time: it tells by itself, is killed, is started again, and tells on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from bot.demo.ports import free_port
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.incidents import Incidents
from bot.plan.load import load_plan
from bot.store.journal import of_incident
from bot.store.sqlite import SqliteStore
from tests.real.processes import wait_for

ROOT = Path(__file__).parents[2]
PLAN = """
communication:
  channel: "#alerts"
  outside: {mail_from: drbot@salon.example}
  internal:
    - {tell: "Slack #alerts", via: automated}
    - {tell: On-call engineer, via: PagerDuty, roles: [on-call]}
    - {tell: Engineering lead, at_least: SEV-2, roles: [lead]}
    - {tell: CTO, at_least: SEV-1, roles: [cto], after: 7s}
severities:
  SEV-1: {description: Complete outage, response: 6s}
people:
  ana: {name: Ana Lima, roles: [on-call], email: ana@example.org}
  eva: {name: Eva Reis, roles: [lead], email: eva@example.org}
  leo: {name: Leo Dias, roles: [cto], email: leo@example.org}
"""


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    bot = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "serve"],
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "DR_PLAN": str(folder / "plan.yaml"),
            "DR_DATABASE_URL": f"sqlite:///{folder}/drbot.db",
            "DR_LISTEN": f"127.0.0.1:{port}",
            "SMTP_URL": "smtp://127.0.0.1:9",  # nobody there: its letters wait
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield bot
    finally:
        bot.send_signal(signal.SIGTERM)
        bot.wait(timeout=60)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killed_between_two_lines_it_tells_the_rest_after_it_was_started_again(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    store = SqliteStore(tmp_path / "drbot.db")
    incidents = Incidents(store, load_plan(tmp_path / "plan.yaml"), lambda _tx, _one: None)

    def told() -> list[str]:
        return [str(one.data["tell"]) for one in of_incident(store, 1) if one.kind == "escalated"][1:]

    with serving(tmp_path, free_port()) as bot:
        incidents.declare(Person("ana", "Ana Lima"), "database down", Severity.SEV1)
        wait_for("the on-call engineer", lambda: told()[:1] == ["On-call engineer"], timeout_s=100)
        bot.kill()
    port = free_port()
    with serving(tmp_path, port):
        wait_for("the CTO", lambda: len(told()) >= 3, timeout_s=100)
        ready = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=10).json()
    assert ready["escalation"] == "ok"
    assert told() == ["On-call engineer", "Engineering lead", "CTO"]
    letters = store.read("SELECT key FROM outbound ORDER BY position")
    assert [key for (key,) in letters] == ["tell:1:1:1:ana", "tell:1:1:2:eva", "tell:1:1:3:leo"]
    store.close()
