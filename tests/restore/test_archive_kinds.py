"""What an archive may hold, and which pg_restore may read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.plan import Refused
from actions.tools.dumps.archive import programs
from actions.tools.dumps.archive_kinds import read_listing
from actions.tools.postgres.server import Postgres
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.conftest import World, made, refused


def test_an_entry_that_only_a_superuser_may_make_is_refused_by_name(
    world: World, pg: RealPostgres, s3: RealS3
) -> None:
    with pg.copy_of("salon", "watched") as name:
        with pg.connect(name) as session:
            session.execute("create foreign data wrapper far; create server there foreign data wrapper far")
        made(pg, s3, "archive", name).into(world)
    refused(world, "holds a way to another server")


def test_kinds_that_nobody_knows_are_refused() -> None:
    head = ";     Dumped from database version: 16.14\n"
    listed = read_listing(
        head + '5; 1259 16400 TABLE DATA public "a b" belezza\n6; 0 0 DEFAULT ACL - x belezza\n'
    )
    assert listed.major("Dumped from database version") == 16
    assert listed.left_out == {"DEFAULT ACL": 1}
    assert listed.restored == b'5; 1259 16400 TABLE DATA public "a b" belezza\n'
    with pytest.raises(Refused, match="of a kind that no pg_dump of a database writes"):
        read_listing("7; 0 0 BACKDOOR public x belezza\n")
    with pytest.raises(Refused, match="a password for another server"):
        read_listing("7; 0 0 USER MAPPING - USER MAPPING belezza SERVER far belezza\n")


@pytest.mark.disaster(12)
def test_a_pg_restore_with_known_holes_is_passed_over(tmp_path: Path, pg: RealPostgres) -> None:
    for number, version in enumerate(("16.9", "17.5", "15.13")):
        place = tmp_path / str(number)
        place.mkdir()
        program = place / "pg_restore"
        program.write_text(f'#!/bin/sh\necho "pg_restore (PostgreSQL) {version}"\n')
        program.chmod(0o755)
        assert program not in programs(Postgres(pg.url(), programs=place))
    sound = tmp_path / "sound"
    sound.mkdir()
    (sound / "pg_restore").write_text('#!/bin/sh\necho "pg_restore (PostgreSQL) 18.6"\n')
    (sound / "pg_restore").chmod(0o755)
    assert sound / "pg_restore" in programs(Postgres(pg.url(), programs=sound))
