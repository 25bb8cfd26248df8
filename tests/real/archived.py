"""Worlds with a real archive: a fresh cluster, one prepared to be copied, and copies of it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.demo.ports import free_port
from tests.real.backrest import DATABASE, ROWS, STANZA, RealCluster, need_backrest
from tests.real.postgres import PASSWORD, debian_programs
from tests.real.processes import plain_account, server_directory

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4_000_000_000

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
