"""A real `dr serve` that pages PagerDuty on this machine and hears its webhooks; it can be killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import requests

from bot.demo.ports import free_port
from bot.store.database import Row
from bot.store.opening import open_store
from tests.real.pagerduty import API_KEY, ROUTING_KEY, PagerDutyThere
from tests.real.pagerduty_hooks import SECRET
from tests.real.processes import wait_for

ROOT = Path(__file__).parents[2]
PLAN = """
communication:
  channel: "#alerts"
  pager: {notes: true, writes_as: ana@example.org}
  internal:
    - {tell: On-call engineer, via: PagerDuty, roles: [on-call]}
severities:
  SEV-1: {description: all of it, response: 15m}
people:
  ana: {name: Ana Souza, roles: [on-call], email: ana@example.org}
  bruno: {name: Bruno Lima, roles: [on-call], email: bruno@example.org}
"""


class Bot:
    """Its store outlives it; `start` and `kill` as often as a test wants."""

    def __init__(self, folder: Path, there: PagerDutyThere) -> None:
        (folder / "plan.yaml").write_text(PLAN)
        self._folder = folder
        self._there = there
        self.port = free_port()
        self.log = ""
        self._process: subprocess.Popen[str] | None = None
        self.store = open_store(f"sqlite:///{folder}/drbot.db")
        there.hooks.to = f"http://127.0.0.1:{self.port}/webhooks/pagerduty"

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PYTHONPATH": str(ROOT),
            "DR_PLAN": str(self._folder / "plan.yaml"),
            "DR_DATABASE_URL": f"sqlite:///{self._folder}/drbot.db",
            "DR_LISTEN": f"127.0.0.1:{self.port}",
            "PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
            "PAGERDUTY_API_KEY": API_KEY,
            "PAGERDUTY_WEBHOOK_SECRET": f"older-secret,{SECRET}",
            "DR_PAGERDUTY_EVENTS_URL": self._there.url,
            "DR_PAGERDUTY_API_URL": self._there.url,
        }

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for("the bot", self._serves, 60)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def close(self) -> None:
        self._end(signal.SIGKILL)
        self.store.close()

    def say(self, *words: str, who: str = "ana") -> str:
        """What a person says in a shell beside it."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *words],
            cwd=self._folder,
            env={**self._environment, "DR_PERSON": who},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, sql: str) -> list[Row]:
        return self.store.read(sql)

    def kinds(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT kind FROM journal ORDER BY seq")]

    def state(self) -> tuple[str, str, str]:
        """The one incident: its state, who has it and who ended it."""
        ((state, acknowledged_by, resolved_by),) = self.rows(
            "SELECT state, acknowledged_by, resolved_by FROM incidents"
        )
        return str(state), str(acknowledged_by), str(resolved_by)

    def ready(self) -> dict[str, str]:
        return dict(requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=10).json())

    def _serves(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            _, said = self._process.communicate(timeout=60)
            self.log += said
            self._process = None


def settled(what: str, holds: Callable[[], bool]) -> None:
    """Wait for it, with the patience that a loaded machine needs."""
    wait_for(what, holds, 60)
