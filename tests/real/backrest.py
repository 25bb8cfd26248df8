"""A real cluster with a real archive: Debian's PostgreSQL, and pgBackRest into a local repository."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from actions.tools.cluster import Cluster
from actions.tools.postgres import Postgres, url_of
from actions.tools.toolbox import FixedToolbox
from bot.demo.servers import free_port
from tests.real.postgres import PASSWORD, debian_programs
from tests.real.processes import plain_account, server_directory, wait_for

STANZA = "salon"
DATABASE = "belezza"
SMOKE = ("usuarios", "agendamentos")
NEWEST = ("agendamentos.criado_em",)
HOLDS = {
    "every appointment has its user": "select not exists (select from agendamentos where usuario is null)"
}
ROWS = 20
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4_000_000_000
URL = "DR_PRODUCTION_DATABASE_URL"

_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{root}/socket'
fsync = off
shared_buffers = 32MB
max_connections = 40
archive_mode = on
archive_timeout = 60
archive_command = '{backrest} --config={root}/pgbackrest.conf --stanza={stanza} archive-push %p'
"""
_CONFIG = """
[global]
repo1-path={root}/repository
repo1-retention-full=9
lock-path={root}/lock
spool-path={root}/spool
log-path={root}/log
log-level-file=off
start-fast=y
process-max=2
compress-type=zst
archive-timeout=30
{more}
[{stanza}]
pg1-path={root}/data
pg1-port={port}
pg1-socket-path={root}/socket
pg1-user=postgres
"""
_TABLES = f"""
create table usuarios (id int primary key, nome text);
create table agendamentos (id int primary key, usuario int references usuarios, criado_em timestamptz
  not null default now());
insert into usuarios select n, 'n' || n from generate_series(1, {ROWS}) n;
insert into agendamentos select n, n, now() from generate_series(1, {ROWS}) n;
"""


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


def furnish(made: RealCluster) -> None:
    """The two tables, each with ROWS rows."""
    made.tell(_TABLES)


def _nothing(made: RealCluster) -> None:
    del made


@dataclass(frozen=True)
class Prepared:
    """A stopped cluster to copy, and moments of its life.

    `at`: a full backup before it, ROWS users then, one more right after. `first`, `second`: the labels of
    the two full backups, the second after all of that.
    """

    root: Path
    at: datetime
    first: str
    second: str


def _written(root: Path, port: int, backrest: Path, more: str = "") -> None:
    names = {"root": root, "port": port, "backrest": backrest, "stanza": STANZA, "more": more}
    (root / "pgbackrest.conf").write_text(_CONFIG.format(**names))
    (root / "data" / "own.conf").write_text(_SETTINGS.format(**names))


@contextlib.contextmanager
def _directory(owner: str | None, on_disk: bool = False) -> Iterator[Path]:
    """A directory for a cluster, in memory where there is enough of it: copying one takes seconds on disk."""
    with contextlib.ExitStack() as stack:
        if not on_disk and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
            before, tempfile.tempdir = tempfile.tempdir, str(MEMORY)
            stack.callback(setattr, tempfile, "tempdir", before)
            made = stack.enter_context(server_directory(owner))
            tempfile.tempdir = before
        else:
            made = stack.enter_context(server_directory(owner))
        yield made


@contextlib.contextmanager
def new_cluster(segment_mb: int = 1, more: str = "", on_disk: bool = False) -> Iterator[RealCluster]:
    """A fresh cluster with an empty stanza; running, and stopped afterwards. `more`: lines for [global]."""
    backrest, programs = need_backrest(), debian_programs()
    assert programs is not None
    owner = plain_account()
    with _directory(owner, on_disk) as root:
        made = RealCluster(root, free_port(), programs, backrest, owner)
        (root / "password").write_text(PASSWORD)
        made.run(
            programs / "initdb", "-D", made.data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync",
            "--auth-host=scram-sha-256", "--auth-local=trust", f"--pwfile={root}/password",
            f"--wal-segsize={segment_mb}", "--data-checksums",
        )  # fmt: skip
        for name in ("socket", "repository", "lock", "spool", "log"):
            made.run("mkdir", "-m", "700", root / name)
        with (made.data / "postgresql.conf").open("a") as conf:
            conf.write("include = 'own.conf'\n")
        _written(root, made.port, backrest, more)
        try:
            made.archiver("--no-online", "stanza-create")
            made.start()
            with made.connect("postgres") as session:
                session.execute(f"CREATE DATABASE {DATABASE}".encode())
            yield made
        finally:
            made.stop("immediate")


@contextlib.contextmanager
def prepared_cluster(also: Callable[[RealCluster], None] = _nothing) -> Iterator[Prepared]:
    """The cluster that the copies are made of; `also` is called before the first backup."""
    with new_cluster() as made:
        furnish(made)
        also(made)
        made.archiver("--type=full", "backup")
        time.sleep(1.2)  # backups are told to the second
        first = next(iter(made.labels()))
        at = made.moment()
        made.tell("insert into usuarios values (1000, 'after that moment')")
        made.archive_all()
        made.archiver("--type=full", "backup")
        made.stop()
        yield Prepared(made.root, at, first, next(iter(made.labels() - {first})))


@contextlib.contextmanager
def copied_cluster(prepared: Prepared) -> Iterator[RealCluster]:
    """A copy of its own, running; stopped and removed afterwards with all that was recovered beside it."""
    backrest, programs = need_backrest(), debian_programs()
    assert programs is not None
    owner = plain_account()
    with _directory(owner) as root:
        subprocess.run(["cp", "-a", f"{prepared.root}/.", root], check=True, timeout=60)
        made = RealCluster(root, free_port(), programs, backrest, owner)
        _written(root, made.port, backrest)
        try:
            made.start()
            yield made
        finally:
            for place in (root / "data", *(root / name for name in made.beside())):
                if (place / "postmaster.pid").exists():
                    made.run(programs / "pg_ctl", "stop", "-D", place, "-m", "immediate", "-s", check=False)


def variables(made: RealCluster, port: int = 0, role: str = "postgres") -> Mapping[str, str]:
    """The bot's environment for a plan with this cluster."""
    return {URL: made.url(port, role)}
