"""What a connection URL holds in secret is not shown in the list of processes by pg_dump or pg_restore."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.backups.make import dump_database
from actions.plan import Refused
from actions.restores.restore import restore_database
from actions.tools.dumps.program_login import login_of
from actions.tools.postgres.server import Postgres
from tests.actions.running import planned, run
from tests.real.postgres import RealPostgres
from tests.restore.conftest import World

SECRET = "local-key-secret"


@pytest.fixture
def watched(tmp_path: Path, pg: RealPostgres) -> Path:
    """The server's own programs, each of which first writes its arguments and its service file down."""
    for name in ("pg_dump", "pg_restore"):
        noted = shlex.quote(str(tmp_path / "noted"))
        script = tmp_path / name
        script.write_text(
            f'#!/bin/sh\necho "{name} $@" >> {noted}\n'
            f'[ -z "$PGSERVICEFILE" ] || cat "$PGSERVICEFILE" >> {noted}\n'
            f'exec {shlex.quote(str(pg.programs / name))} "$@"\n'
        )
        script.chmod(0o755)
    return tmp_path


def test_a_key_password_goes_in_a_file_without_a_name(world: World, pg: RealPostgres, watched: Path) -> None:
    url = f"{pg.url('salon')}?sslpassword={SECRET}"
    server = Postgres(url, programs=watched)
    at = datetime(2026, 11, 23, 2, 0, 0, tzinfo=UTC)
    dump_database(server, world.bucket, "production", at, kind="archive")
    staging = replace(world.staging, url=f"{world.staging.url}?sslpassword={SECRET}", programs=watched)
    tools = replace(world.tools, servers={"production": server, "staging": staging})
    _, plan = planned(restore_database, tools, environment="staging")
    run(plan, tools, 81)
    noted = (watched / "noted").read_text().splitlines()
    logins = [line for line in noted if "--dbname=" in line]
    assert {line.split()[0] for line in logins} == {"pg_dump", "pg_restore"}
    assert not any(SECRET in line for line in noted if line.startswith("pg_"))
    assert noted.count(f"sslpassword={SECRET}") == len(logins), "the program is told it"


@pytest.mark.parametrize(
    ("more", "says"), [("%20", "a blank at its end"), ("&service=x", "service of its own")]
)
def test_what_such_a_file_cannot_hold_is_refused(pg: RealPostgres, more: str, says: str) -> None:
    server = Postgres(f"{pg.url()}?sslpassword={SECRET}{more}")
    with pytest.raises(Refused, match=f"holds sslpassword .*{says}") as error, login_of(server):
        pass
    assert SECRET not in str(error.value)
