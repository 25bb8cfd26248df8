"""A server under load: a fresh one for each case, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.demo.ports import free_port
from bot.store.database import Row
from tests.bench.app import TOKEN
from tests.real.processes import wait_for

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """Where it listens, where it stores, which process it is."""

    port: int
    database_url: str
    pid: int

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def well(self) -> bool:
        try:
            return bool(self.get("/healthz"))
        except (urllib.error.URLError, ConnectionError):
            return False

    def peak_mb(self) -> float:
        """Peak resident memory so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def read(self, sql: str) -> list[Row]:
        """What is stored, read beside the server without a word to its writer."""
        path = self.database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reading:
            return reading.execute(sql).fetchall()


@contextlib.contextmanager
def served(kind: str, directory: Path, more: Mapping[str, str] | None = None) -> Iterator[Served]:
    """`small`: store, intake, web alone. `serve`: the whole bot, `dr serve`, with `more` in its settings."""
    port = free_port()
    url = f"sqlite:///{directory}/bench-{port}.db"
    settings = {"DR_LISTEN": f"127.0.0.1:{port}", "DR_DATABASE_URL": url, "DR_WEBHOOK_TOKEN": TOKEN}
    argv = {
        "small": [sys.executable, "-m", "tests.bench.app", str(port), url],
        "serve": [sys.executable, "-c", "from bot.cli import main; main()", "serve"],
    }[kind]
    environment = {**os.environ, **settings, **(more or {})}
    with (directory / f"bench-{port}.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            server = Served(port, url, process.pid)
            wait_for("the server", server.well)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
    for left in directory.glob(f"bench-{port}.db*"):
        left.unlink()
