"""A real redis-server of a test's own: started, restarted on the same port, stopped by pid."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import redis

from bot.demo.ports import free_port
from tests.real.processes import running, server_directory, wait_for

PROGRAM = "redis-server"
SLOWER_THAN_US = 2000


def absent() -> str:
    """Why it cannot run here, or ''."""
    return "" if shutil.which(PROGRAM) else f"{PROGRAM} is not installed (Debian package {PROGRAM})"


@dataclass
class RealRedis:
    """One server on loopback; nothing is kept on disk unless `options` say so."""

    port: int
    directory: Path
    options: tuple[str, ...] = ()
    _process: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def url(self, port: int | None = None, login: str = "", database: int = 0) -> str:
        """Its URL; `port` is a proxy's, `login` is `user:password@`."""
        return f"redis://{login}127.0.0.1:{port or self.port}/{database}"

    def client(self, database: int = 0) -> redis.Redis:
        """Somebody else's connection, of a user who may do everything."""
        return redis.Redis(port=self.port, db=database, socket_timeout=5)

    def start(self) -> None:
        """Start it, with nothing in it unless it keeps its data."""
        argv = [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        argv += ["--dir", str(self.directory), "--slowlog-log-slower-than", str(SLOWER_THAN_US)]
        self._process.enter_context(running([*argv, *self.options], self.directory, grace_s=3.0))
        wait_for("Redis", self._answers)

    def stop(self) -> None:
        self._process.close()

    def restart(self) -> None:
        """Another process on the same port."""
        self.stop()
        self.start()

    def calls(self, command: str) -> int:
        """How often a command was carried out since the start (queued and discarded ones do not count)."""
        with contextlib.closing(self.client()) as client:
            stats = client.info("commandstats")
        found = stats.get(f"cmdstat_{command}", {})  # type: ignore[union-attr]  # the synchronous client
        return int(found.get("calls", 0))

    def fill(self, number: int, database: int = 0, family: str = "session", expiring: bool = True) -> None:
        """So many keys `FAMILY:0`, `FAMILY:1`, …"""
        with contextlib.closing(self.client(database)) as client, client.pipeline(False) as together:
            for each in range(number):
                together.set(f"{family}:{each}", "x", ex=3600 if expiring else None)
            together.execute()

    def size(self, database: int = 0) -> int:
        with contextlib.closing(self.client(database)) as client:
            return int(client.dbsize())  # type: ignore[arg-type]

    def _answers(self) -> bool:
        try:
            with contextlib.closing(self.client()) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextlib.contextmanager
def real_redis(*options: str) -> Iterator[RealRedis]:
    """A server of one's own, while the block runs."""
    with server_directory(None) as directory:
        server = RealRedis(free_port(), directory, options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
