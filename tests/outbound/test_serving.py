"""A letter through a real `dr serve`: asked for by another process, sent when the mail server is back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from bot.demo.ports import free_port
from bot.outbound.jobs import mail
from bot.store.opening import open_store
from bot.store.outbound import job_of, send_later
from tests.real.mail import real_mail
from tests.real.processes import wait_for

ROOT = Path(__file__).parents[2]
PLAN = """
communication: {channel: "#alerts", outside: {mail_from: drbot@salon.example}}
people:
  ana: {name: Ana Lima, roles: [on-call], email: ana@example.org}
"""


@pytest.mark.slow
def test_a_bot_that_serves_sends_what_another_process_asked_for(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    url, port = f"sqlite:///{tmp_path}/drbot.db", free_port()
    store = open_store(url)
    with real_mail() as server:
        server.down()
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"],
            cwd=tmp_path,
            env={
                "PYTHONPATH": str(ROOT),
                "DR_PLAN": str(tmp_path / "plan.yaml"),
                "DR_DATABASE_URL": url,
                "DR_LISTEN": f"127.0.0.1:{port}",
                "SMTP_URL": server.url,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            letter = mail("l", ["ana@example.org"], "Hello", "Hello.\n", "letter to Ana")
            store.write(lambda tx: send_later(tx, letter))

            def tried() -> bool:
                job = job_of(store.read, "l")
                return job is not None and "does not answer" in job.said

            wait_for("a first try", tried, 60)
            server.up()
            wait_for("the letter", lambda: server.subjects == ["Hello"], 30)
            wait_for("its end", lambda: (job := job_of(store.read, "l")) is not None and job.state.ended)
            told = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=10)
            assert told.json()["outbound"] == "ok"
        finally:
            bot.send_signal(signal.SIGTERM)
            _, log = bot.communicate(timeout=60)
    store.close()
    assert "SMTP_URL is not set" not in log
    assert bot.returncode == 0
