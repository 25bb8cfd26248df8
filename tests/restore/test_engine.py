"""The database engine itself fails under a restore: it restarts midway, or its disk fills up."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from actions.backups.choice import Manifest
from actions.plan import Context, Refused, Transient
from actions.restores.restore import restore_database
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox
from tests.actions.conftest import SMOKE, publish
from tests.actions.running import planned, run
from tests.real.postgres import RealPostgres, embedded_programs, real_postgres
from tests.real.processes import plain_account, wait_for
from tests.real.s3 import RealS3
from tests.restore.conftest import Made

RUN = 75
GIVEN = {"environment": "staging"}
SMALL_BYTES = 40 * 1024 * 1024
LEFT_BYTES = 3 * 1024 * 1024
"""Not enough for what is loaded; an empty shadow is written to the disk only later."""


@pytest.fixture(scope="module")
def own() -> Iterator[RealPostgres]:
    """A server that may be restarted."""
    with real_postgres(embedded_programs()) as server:
        yield server


def tools_of(server: RealPostgres, s3: RealS3, made: Made, staging: str) -> FixedToolbox:
    bucket = s3.bucket()
    suffix = ".dump" if made.manifest.kind == "archive" else ".sql.gz"
    key = f"{bucket.prefix}belezza_production_20261123_020000{suffix}"
    publish(bucket, replace(made.manifest, key=key), made.data, key)
    return FixedToolbox(
        {"staging": Postgres(server.url(staging), smoke_tables=SMOKE, programs=server.programs)},
        {"production": bucket},
    )


def crash(server: RealPostgres, application: str) -> None:
    """kill -9 a session of that name: the engine ends all others, recovers, and takes connections again."""
    with server.connect() as session:
        row = session.execute(
            "select pid from pg_stat_activity where application_name = %s and datname ~ '__dr_' limit 1",
            [application],
        ).fetchone()
    assert row is not None
    os.kill(int(row[0]), signal.SIGKILL)


@pytest.mark.disaster(55)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_an_engine_that_restarts_midway_leaves_no_half_database(
    own: RealPostgres, s3: RealS3, backup: tuple[Manifest, bytes], archive: Made, kind: str
) -> None:
    made = archive if kind == "archive" else Made(*backup)
    with own.copy_of("template0", "belezza_staging") as staging:
        with own.connect(staging, "belezza") as session:
            session.execute("create table usuarios (id int); insert into usuarios values (1), (2)")
        tools = tools_of(own, s3, made, staging)
        _, plan = planned(restore_database, tools, **GIVEN)
        crashed: list[str] = []

        def tell(said: str) -> None:
            if not crashed and "public." in said:
                crashed.append(said)
                crash(own, f"drbot:{RUN}")

        for step in (*plan.before, plan.steps[0]):
            step.do(Context(tools, RUN))
        with pytest.raises((Transient, Refused)):  # in the middle of comparing the rows
            plan.steps[1].do(Context(tools, RUN, tell))
        assert crashed
        wait_for("the engine", lambda: _answers(own))
        with own.connect(staging) as session:
            assert session.execute("select count(*) from usuarios").fetchone() == (2,), "as it was"
        run(plan, tools, RUN)
        with own.connect(staging) as session:
            assert session.execute("select count(*) from usuarios").fetchone() == (2500,)


@pytest.mark.disaster(55)
def test_an_engine_that_restarts_while_rows_come_in(
    own: RealPostgres, s3: RealS3, backup: tuple[Manifest, bytes]
) -> None:
    with own.copy_of("template0", "belezza_staging") as staging:
        tools = tools_of(own, s3, Made(*backup), staging)
        _, plan = planned(restore_database, tools, **GIVEN)
        for step in plan.before:
            step.do(Context(tools, RUN))
        with _crashing(own, "COPY public"), pytest.raises(Transient):
            plan.steps[0].do(Context(tools, RUN))
        wait_for("the engine", lambda: _answers(own))
        run(plan, tools, RUN)
        assert {name for name in own.names() if name.startswith(f"{staging}__")} == {f"{staging}__old_{RUN}"}


@contextlib.contextmanager
def _crashing(server: RealPostgres, at: str) -> Iterator[None]:
    """Let the engine crash while it does such a statement in a shadow: a trigger of its own waits there."""
    over = threading.Event()

    def watch() -> None:
        with server.connect() as session:
            while not over.is_set():
                row = session.execute(
                    "select pid from pg_stat_activity where datname ~ '__dr_' and query like %s", [f"{at}%"]
                ).fetchone()
                if row is not None:
                    os.kill(int(row[0]), signal.SIGKILL)
                    return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def _answers(server: RealPostgres) -> bool:
    with contextlib.suppress(Exception), server.connect() as session:
        return session.execute("select 1").fetchone() == (1,)
    return False


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own of 40 MB, which only root can mount."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    place = Path(tempfile.mkdtemp(prefix="drbot-small-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES},mode=777", "tmpfs", place],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        place.rmdir()
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode()[:80]}")
    owner = pwd.getpwnam(plain_account() or "root")
    os.chown(place, owner.pw_uid, owner.pw_gid)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


@pytest.mark.disaster(52)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_a_disk_that_fills_up_midway_costs_the_target_nothing(
    own: RealPostgres, s3: RealS3, backup: tuple[Manifest, bytes], archive: Made, small_disk: Path, kind: str
) -> None:
    made = archive if kind == "archive" else Made(*backup)
    with _everything_on(own, small_disk), own.copy_of("template0", "belezza_staging") as staging:
        with own.connect(staging, "belezza") as session:
            session.execute("create table usuarios (id int); insert into usuarios values (1), (2)")
        tools = tools_of(own, s3, made, staging)
        _, plan = planned(restore_database, tools, **GIVEN)
        with own.connect() as session:
            session.execute("checkpoint")
        filler = small_disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - LEFT_BYTES))
        with pytest.raises(Refused, match="the server's disk filled up"):
            run(plan, tools, RUN)
        assert {name for name in own.names() if name.startswith(f"{staging}__")} == set()
        with own.connect(staging) as session:
            assert session.execute("select count(*) from usuarios").fetchone() == (2,)


@contextlib.contextmanager
def _everything_on(own: RealPostgres, disk: Path) -> Iterator[None]:
    """New databases lie on this disk for as long as the block lasts."""
    with own.connect() as session:
        session.execute(f"create tablespace small location '{disk}'".encode())
        session.execute("alter database template0 set tablespace small")
        try:
            yield
        finally:
            session.execute("alter database template0 set tablespace pg_default")
            session.execute("drop tablespace small")
