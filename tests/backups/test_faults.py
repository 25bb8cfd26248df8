"""What goes wrong while a backup is made: nothing is published that is not whole, nothing old is worse."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from actions.backups.back_up import back_up_database
from actions.backups.choice import choose, list_backups
from actions.plan import Context, NotVerified, Plan, Refused, Transient
from tests.actions.running import planned, run, undo
from tests.backups.conftest import World
from tests.real.proxy import Proxy, proxy

RUN = 51
ASKED = {"environment": "production"}
VERSION = "#!/bin/sh\n[ $1 = --version ] && echo 'pg_dump (PostgreSQL) 16.14' && exit\n"
DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>wait</Message></Error>"


@pytest.fixture
def way(world: World) -> Iterator[Proxy]:
    """The way from the bot to S3."""
    port = int(str(world.bucket.endpoint_url).rsplit(":", 1)[-1])
    with proxy(("127.0.0.1", port)) as made:
        yield made


def through(world: World, way: Proxy) -> World:
    bucket = replace(world.bucket, endpoint_url=way.url, read_timeout_s=2.0)
    return replace(world, bucket=bucket).keeps(copies=())


def nothing_published(world: World, plan: Plan, older: str) -> None:
    """The older backup is the newest one, and the way back leaves nothing of the run."""
    assert choose(list_backups(world.bucket), "latest").id == older
    undo(plan, world.tools, RUN)
    assert world.names() == [f"{older}.dump.zst", f"{older}.dump.zst.manifest.json"]


@pytest.mark.disaster(59)
@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exit 0", "wrote nothing at all"),
        ("echo half; exit 1", "something else than an archive"),
        ("printf PGDMPhalf; exit 1", "pg_dump ended with 1"),
        ("printf PGDMPhalf; kill -9 $$", "pg_dump ended with -9"),
        ("printf PGDMPhalf; exit 0", "cannot read its table of contents"),
    ],
    ids=["0 bytes", "no archive", "it fails", "killed midway", "cut and content"],
)
def test_a_dump_that_is_not_whole_is_never_published(
    world: World, tmp_path: Path, script: str, says: str
) -> None:
    older = world.put(timedelta(hours=3))
    fake = tmp_path / "pg_dump"
    fake.write_text(VERSION + script + "\n")
    fake.chmod(0o755)
    (tmp_path / "pg_restore").symlink_to(world.pg.programs / "pg_restore")
    broken = replace(world, server=replace(world.server, programs=tmp_path))
    _, plan = planned(back_up_database, broken.tools, **ASKED)
    with pytest.raises(NotVerified, match=says):
        run(plan, broken.tools, RUN)
    nothing_published(world, plan, older)


@pytest.mark.disaster(26)
def test_no_right_to_write_is_said_before_the_work(world: World, way: Proxy) -> None:
    older = world.put(timedelta(hours=3))
    behind = through(world, way)
    _, plan = planned(back_up_database, behind.tools, **ASKED)
    with (
        way.answer(403, DENIED, "application/xml"),
        pytest.raises(Refused, match="credentials or bucket policy"),
    ):
        plan.steps[0].do(Context(behind.tools, RUN))
    nothing_published(world, plan, older)


@pytest.mark.disaster(49)
def test_503_is_tried_again_and_then_told(world: World, way: Proxy) -> None:
    older = world.put(timedelta(hours=3))
    behind = through(world, way)
    _, plan = planned(back_up_database, behind.tools, **ASKED)
    with (
        way.answer(503, SLOW_DOWN, "application/xml"),
        pytest.raises(Transient, match=r"SlowDown|did not answer"),
    ):
        plan.steps[0].do(Context(behind.tools, RUN))
    run(plan, behind.tools, RUN)
    assert len(world.manifests()) == 2
    undo(plan, behind.tools, RUN)
    assert choose(list_backups(world.bucket), "latest").id == older


@pytest.mark.disaster(50, 31)
@pytest.mark.parametrize("request_number", range(1, 14, 2))
def test_s3_gone_at_any_request_publishes_nothing_half(world: World, way: Proxy, request_number: int) -> None:
    older = world.put(timedelta(hours=3))
    behind = through(world, way)
    _, plan = planned(back_up_database, behind.tools, **ASKED)
    way.at(request_number, way.refuse)
    with pytest.raises(Transient, match="did not answer"):
        run(replace(plan, before=(), after=()), behind.tools, RUN)
    way.passing()
    newest = choose(list_backups(world.bucket), "latest").id
    run(plan, behind.tools, RUN)  # the next attempt goes on from there
    assert len(world.manifests()) == 2
    assert newest == older or newest == choose(list_backups(world.bucket), "latest").id
    undo(plan, behind.tools, RUN)
    assert world.names() == [f"{older}.dump.zst", f"{older}.dump.zst.manifest.json"]


@pytest.mark.disaster(17, 55)
@pytest.mark.parametrize("after_bytes", [20_000, 150_000])
def test_a_connection_lost_midway_keeps_nothing(world: World, after_bytes: int) -> None:
    older = world.put(timedelta(hours=3))
    with proxy(("127.0.0.1", world.pg.port)) as to_server:
        url = world.server.url.replace(f":{world.pg.port}/", f":{to_server.port}/")
        lost = replace(world, server=replace(world.server, url=url)).keeps(copies=())
        _, plan = planned(back_up_database, lost.tools, **ASKED)
        with to_server.cut(after_bytes), pytest.raises((Transient, NotVerified)):
            plan.steps[0].do(Context(lost.tools, RUN))
        to_server.passing()
        assert choose(list_backups(world.bucket), "latest").id == older
        run(plan, lost.tools, RUN)
    assert len(world.manifests()) == 2


@pytest.mark.disaster(17)
def test_a_server_that_falls_silent_midway_is_given_up(world: World) -> None:
    """The connection stands and no byte comes: pg_dump itself would wait for hours."""
    older = world.put(timedelta(hours=3))
    with proxy(("127.0.0.1", world.pg.port)) as to_server:
        url = world.server.url.replace(f":{world.pg.port}/", f":{to_server.port}/")
        server = replace(world.server, url=url, silence_timeout_s=1.0, connect_timeout_s=1)
        silent = replace(world, server=server).keeps(copies=())
        _, plan = planned(back_up_database, silent.tools, **ASKED)
        began = time.monotonic()
        to_server.at(60, to_server.hang)
        with pytest.raises(Transient, match=r"gone while it is dumped|did not do it for now"):
            plan.steps[0].do(Context(silent.tools, RUN))
        assert time.monotonic() - began < 40
        to_server.passing()
    assert choose(list_backups(world.bucket), "latest").id == older


DYING = """
import os, sys
from actions.backups.make import Making, take_dump
from actions.tools.dumps import make as dump_make
from actions.tools.postgres.server import Postgres
from actions.tools.aws.s3 import Bucket
url, programs, name, prefix, endpoint, key, secret = sys.argv[1:]
def many(self):  # an upload of several parts, of which the process dies in the third
    for number in range(5):
        if number == 3:
            os.kill(os.getpid(), 9)
        yield os.urandom(8 * 1024 * 1024)
dump_make.DumpStream.__iter__ = many
import pathlib
bucket = Bucket(name, prefix, endpoint_url=endpoint, access_key=key, secret_key=secret)
take_dump(Postgres(url, programs=pathlib.Path(programs)), bucket, Making("production", "archive", 51))
"""


@pytest.mark.disaster(61, 31)
def test_an_uploader_that_is_killed_leaves_no_object_and_the_next_one_clears_up(world: World) -> None:
    older = world.put(timedelta(hours=3))
    _, plan = planned(back_up_database, world.tools, **ASKED)
    place = (world.bucket.name, world.bucket.prefix, str(world.bucket.endpoint_url))
    keys = (str(world.bucket.access_key), str(world.bucket.secret_key))
    died = subprocess.run(
        [sys.executable, "-c", DYING, world.server.url, str(world.pg.programs), *place, *keys],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == -9, died.stderr[-2000:]
    assert choose(list_backups(world.bucket), "latest").id == older
    left = world.bucket.client.list_multipart_uploads(Bucket=world.bucket.name, Prefix=world.bucket.prefix)
    assert len(left.get("Uploads", [])) == 1, "the killed one was under way"
    run(plan, world.tools, RUN)
    left = world.bucket.client.list_multipart_uploads(Bucket=world.bucket.name, Prefix=world.bucket.prefix)
    assert left.get("Uploads", []) == []
    assert len(world.manifests()) == 2


@pytest.mark.disaster(58)
def test_a_database_with_quotes_and_spaces_in_its_name(world: World) -> None:
    odd = "belezza \"produção\" 'um'; \\"
    quoted = '"' + odd.replace('"', '""') + '"'
    world.sql("select 1")
    with world.pg.connect() as session:
        session.execute(f"create database {quoted} template salon".encode())
    try:
        server = world.server.login("postgres", "local-password", odd)
        strange = replace(world, server=server)
        _, plan = planned(back_up_database, strange.tools, **ASKED)
        run(plan, strange.tools, RUN)
        (manifest,) = world.manifests()
        assert manifest["database"] == odd
    finally:
        with world.pg.connect() as session:
            session.execute(f"drop database {quoted} with (force)".encode())


@pytest.mark.disaster(28)
def test_an_s3_that_hangs_is_given_up_in_time(world: World, way: Proxy) -> None:
    behind = through(world, way)
    _, plan = planned(back_up_database, behind.tools, **ASKED)
    began = time.monotonic()
    with way.hang(), pytest.raises(Transient, match="did not answer"):
        plan.steps[0].do(Context(behind.tools, RUN))
    assert time.monotonic() - began < 15
