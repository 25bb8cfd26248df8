"""`kill -9` in the middle of a thousand webhooks: what was answered is stored, by identity."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.ports import free_port
from bot.store.opening import open_store
from tests.bench.app import TOKEN
from tests.bench.load import Job, answer, body, fingerprint, request
from tests.real.processes import wait_for

WEBHOOKS = 1_000
CONNECTIONS = 16
ROOT = Path(__file__).parents[2]


async def _post_until_killed(server: subprocess.Popen[bytes], job: Job, kill_after: int) -> set[int]:
    """Post over many connections; the numbers of the webhooks that were answered 200."""
    answered: set[int] = set()
    numbers = iter(range(WEBHOOKS))

    async def post_on_one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", job.port)
        try:
            for number in numbers:
                writer.write(request(job, body(job.stem, number, job.alerts)))
                if await answer(reader) == 200:
                    answered.add(number)
                if len(answered) == kill_after:
                    server.send_signal(signal.SIGKILL)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # this is the kill
        finally:
            writer.close()

    async with asyncio.timeout(60):
        await asyncio.gather(*(post_on_one() for _ in range(CONNECTIONS)))
    return answered


def _alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as said:
            return bool(said.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


@contextlib.contextmanager
def _server(port: int, url: str) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.app", str(port), url], cwd=ROOT)
    try:
        wait_for("the server", lambda: _alive(port))
        yield server
    finally:
        server.kill()
        server.wait(10)


@pytest.mark.slow
@pytest.mark.parametrize("kill_after", [1, 400, 700])
def test_every_answered_alert_survives(tmp_path: Path, kill_after: int) -> None:
    url = f"sqlite:///{tmp_path}/drbot.db"
    port = free_port()
    job = Job(port, TOKEN, WEBHOOKS, 3, CONNECTIONS, "kill")
    with _server(port, url) as server:
        answered = asyncio.run(_post_until_killed(server, job, kill_after))
        assert server.wait(10) == -signal.SIGKILL
    assert kill_after <= len(answered) < WEBHOOKS
    store = open_store(url)
    try:
        stored = {row[0] for row in store.read("SELECT fingerprint FROM alerts WHERE judged = 0")}
        assert store.read("PRAGMA integrity_check") == [("ok",)]
    finally:
        store.close()
    lost = {
        (number, one)
        for number in answered
        for one in range(job.alerts)
        if fingerprint(job.stem, number, one) not in stored
    }
    assert lost == set()


def test_a_terminated_server_finishes_what_it_took_and_closes_its_store(tmp_path: Path) -> None:
    port = free_port()
    with _server(port, f"sqlite:///{tmp_path}/drbot.db") as server:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["drbot.db"], "the log was copied back and removed"
