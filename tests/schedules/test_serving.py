"""The clockwork in a real `dr serve`: a heartbeat that beats, a schedule of every minute that is kept."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from bot.demo.ports import free_port
from tests.real.processes import wait_for
from tests.schedules.test_heartbeat import SECRET, listening

ROOT = Path(__file__).parents[2]
PLAN = """
communication: {channel: "#alerts"}
people:
  ana: {name: Ana Lima, roles: [on-call]}
heartbeat: {url_env: DR_HEARTBEAT_URL, every: 1s}
schedules:
  own: {title: Own copy, cron: "* * * * *", action: self-backup, params: {to: copies, keep: "2"}}
"""


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_bot_that_serves_keeps_its_schedules_and_beats(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    port = free_port()
    with listening() as (url, asked):
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"],
            cwd=tmp_path,
            env={
                "PYTHONPATH": str(ROOT),
                "DR_PLAN": str(tmp_path / "plan.yaml"),
                "DR_DATABASE_URL": f"sqlite:///{tmp_path}/drbot.db",
                "DR_LISTEN": f"127.0.0.1:{port}",
                "DR_HEARTBEAT_URL": url,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_for("a heartbeat", lambda: len(asked) >= 3)
            wait_for("a copy", lambda: any(tmp_path.glob("copies/drbot-*/manifest.json")), timeout_s=100)
            told = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=10)
            assert (told.status_code, told.json()["schedules"], told.json()["heartbeat"]) == (200, "ok", "ok")
        finally:
            bot.send_signal(signal.SIGTERM)
            _, log = bot.communicate(timeout=60)
    assert SECRET not in log
    assert SECRET not in told.text
    assert bot.returncode == 0
