"""A real cluster with a real archive: Debian's PostgreSQL, and pgBackRest into a local repository."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from actions.tools.clusters.cluster import Cluster
from actions.tools.postgres.server import Postgres, url_of
from actions.tools.toolbox import FixedToolbox
from tests.real.postgres import PASSWORD, debian_programs
from tests.real.processes import wait_for

STANZA = "salon"
DATABASE = "belezza"
SMOKE = ("usuarios", "agendamentos")
NEWEST = ("agendamentos.criado_em",)
HOLDS = {
    "every appointment has its user": "select not exists (select from agendamentos where usuario is null)"
}
ROWS = 20
URL = "DR_PRODUCTION_DATABASE_URL"


def backrest_program() -> Path | None:
    """pgBackRest, where it is installed with a PostgreSQL that it knows."""
    found = shutil.which("pgbackrest")
    return Path(found) if found and debian_programs() else None


def need_backrest() -> Path:
    """The program; skips where it is absent, fails where nothing may be skipped."""
    found = backrest_program()
    if found is not None:
        return found
    why = "needs Debian's packages postgresql and pgbackrest"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@dataclass(frozen=True)
class RealCluster:
    """A cluster in `root/data` with its repository in `root/repository`; it runs while a test wants it to."""

    root: Path
    port: int
    programs: Path
    backrest: Path
    owner: str | None

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def user(self) -> str:
        return self.owner or getpass.getuser()

    @property
    def cluster(self) -> Cluster:
        config = self.root / "pgbackrest.conf"
        return Cluster(
            STANZA, config, self.data, self.root, self.programs, self.backrest, self.port, self.user, 60.0
        )

    def url(self, port: int = 0, role: str = "postgres", password: str = PASSWORD) -> str:
        return url_of("127.0.0.1", port or self.port, role, password, DATABASE)

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.url(), smoke_tables=SMOKE, newest=NEWEST, holds=HOLDS)

    @property
    def tools(self) -> FixedToolbox:
        return FixedToolbox(servers={"production": self.postgres}, clusters={"production": self.cluster})

    def plan(self, port: int = 0) -> dict[str, object]:
        """The environment as a plan's YAML has it; its database's URL is in the variable `URL`."""
        return {
            "database": {
                "name": DATABASE,
                "url_env": URL,
                "smoke_tables": list(SMOKE),
                "newest": list(NEWEST),
                "holds": HOLDS,
            },
            "cluster": {
                "stanza": STANZA,
                "config": str(self.root / "pgbackrest.conf"),
                "data_directory": str(self.data),
                "programs": str(self.programs),
                "backrest": str(self.backrest),
                "port": self.port,
                "user": self.user,
            },
        }

    def run(self, *argv: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A program as the cluster's owner."""
        identity = (
            {} if self.owner is None else {"user": self.owner, "group": pwd.getpwnam(self.owner).pw_gid}
        )
        done = subprocess.run(  # type: ignore[call-overload]  # the identity is a plain mapping
            [str(word) for word in argv],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **identity,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
        ended: subprocess.CompletedProcess[str] = done
        return ended

    def archiver(self, *words: str) -> str:
        """pgBackRest for the stanza."""
        config = f"--config={self.root}/pgbackrest.conf"
        return self.run(self.backrest, config, f"--stanza={STANZA}", *words).stdout

    def start(self) -> None:
        log = self.root / "server.log"
        options = shlex.join(["-c", "cluster_name=live"])
        with contextlib.suppress(FileNotFoundError):
            (self.data / "postmaster.pid").unlink()
        self.run(self.programs / "pg_ctl", "start", "-D", self.data, "-w", "-s", "-l", log, "-o", options)

    def stop(self, mode: str = "fast") -> None:
        if (self.data / "postmaster.pid").exists():
            self.run(self.programs / "pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", "-s", check=False)

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        url = url_of("127.0.0.1", self.port, "postgres", PASSWORD, database)
        return psycopg.connect(url, autocommit=True, connect_timeout=5)

    def ask(self, query: str) -> object:
        """The first column of the first row."""
        with self.connect() as session:
            row = session.execute(query.encode()).fetchone()
        return row[0] if row else None

    def tell(self, *statements: str) -> None:
        with self.connect() as session:
            for statement in statements:
                session.execute(statement.encode())

    def moment(self) -> datetime:
        """Now by the server's clock, and surely before what is committed next."""
        with self.connect() as session:
            row = session.execute("select clock_timestamp(), pg_sleep(0.02)").fetchone()
        assert row is not None
        assert isinstance(row[0], datetime)
        return row[0].astimezone(UTC)

    def rows(self) -> int:
        return int(str(self.ask("select count(*) from usuarios")))

    def archive_all(self) -> str:
        """Everything written by now into the archive; the newest file there."""
        wanted = str(self.ask("select pg_walfile_name(pg_switch_wal())"))
        state = "select coalesce(last_archived_wal, '') from pg_stat_archiver"
        wait_for("the archive", lambda: str(self.ask(state)) >= wanted)
        return wanted

    def archived(self) -> set[str]:
        """What the repository holds of WAL and histories, without checksum and compression."""
        found = (self.root / "repository" / "archive").rglob("*")
        return {path.name.split("-")[0].split(".zst")[0] for path in found if path.is_file()}

    def labels(self) -> set[str]:
        """The backups of the repository."""
        folder = self.root / "repository" / "backup" / STANZA
        return {path.name for path in folder.iterdir() if path.is_dir() and path.name[:2] == "20"}

    def beside(self) -> set[str]:
        """What recoveries have left beside the cluster."""
        return {path.name for path in self.root.iterdir() if "__" in path.name and path.is_dir()}
