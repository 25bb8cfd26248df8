"""A database of more than a gigabyte on a real server, and what a script would do to it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.real.postgres import PASSWORD, RealPostgres

VISITS = 2_200_000
GROWING = Path(__file__).parent / "large.sql"
STEP_TIMEOUT_S = 1_800
Command: TypeAlias = "list[str | Path]"


@dataclass(frozen=True)
class Large:
    """`production`, grown, and a `staging` of the same owner that is as small as the demo's."""

    server: RealPostgres
    directory: Path
    size_bytes: int

    def gzipped(self) -> Path:
        return self.directory / "script.sql.gz"

    def script_backup_s(self) -> float:
        """`pg_dump | gzip`, as the plan's own script has it, into a file."""
        self.settle()
        dump: Command = [self.server.programs / "pg_dump", self.server.url("production")]
        return timed_pipe([dump, ["gzip", "-6"]], self.gzipped())

    def script_restore_s(self) -> float:
        """`gunzip -c | psql` into an empty database, as the plan's own script has it."""
        with self.server.connect() as session:
            session.execute("DROP DATABASE IF EXISTS by_script WITH (FORCE)")
            session.execute("CREATE DATABASE by_script TEMPLATE template0")
        self.settle()
        psql: Command = [self.server.programs / "psql", "-X", "-q", "-d", self.server.url("by_script")]
        took_s = timed_pipe([["gunzip", "-c", self.gzipped()], psql], self.directory / "psql.out")
        with self.server.connect() as session:
            session.execute("DROP DATABASE by_script WITH (FORCE)")
        return took_s

    def settle(self) -> None:
        """Write out what was done before: otherwise the disk does it while something else is timed."""
        with self.server.connect() as session:
            session.execute("CHECKPOINT")
        os.sync()

    def drop_kept(self, name: str) -> None:
        """The databases that restores kept beside it."""
        with self.server.connect() as session:
            for left in self.server.names():
                if left.startswith(f"{name}__"):
                    session.execute(f'DROP DATABASE "{left}" WITH (FORCE)')


def timed_pipe(commands: list[Command], out: Path) -> float:
    """How long the pipe took. Raises RuntimeError where a command of it failed."""
    began = time.monotonic()
    feed = None
    processes = []
    with out.open("wb") as written:
        for command in commands:
            last = command is commands[-1]
            process = subprocess.Popen(command, stdin=feed, stdout=written if last else subprocess.PIPE)
            if feed is not None:
                feed.close()
            feed = process.stdout
            processes.append(process)
        codes = [process.wait(STEP_TIMEOUT_S) for process in processes]
    if any(codes):
        raise RuntimeError(f"the script ended with {codes}")
    return time.monotonic() - began


@contextlib.contextmanager
def large(server: RealPostgres, directory: Path, visits: int = VISITS) -> Iterator[Large]:
    """Grow it from the salon (about two minutes), and drop it afterwards."""
    with server.connect() as session:
        session.execute("CREATE DATABASE production OWNER belezza TEMPLATE salon")
        session.execute("CREATE DATABASE staging OWNER belezza TEMPLATE salon")
    psql: Command = [server.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    command = [*psql, "-v", f"visits={visits}", "-d", server.url("production", "belezza"), "-f", GROWING]
    subprocess.run(command, check=True, timeout=STEP_TIMEOUT_S, env={**os.environ, "PGPASSWORD": PASSWORD})
    with server.connect("production") as session:
        session.execute("VACUUM ANALYZE")
        row = session.execute("SELECT pg_database_size(current_database())").fetchone()
    try:
        yield Large(server, directory, int(row[0]) if row else 0)
    finally:
        with server.connect() as session:
            for name in ("production", "staging"):
                session.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
