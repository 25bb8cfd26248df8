"""The same restore on Debian's own PostgreSQL, and between major versions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from actions.backups.choice import MANIFEST
from actions.backups.make import dump_database
from actions.plan import Refused
from actions.restores.restore import restore_database
from actions.tools.dumps.copies import BackupFormat
from actions.tools.postgres.content import differences, read_content
from actions.tools.postgres.row_hash import HashedBy
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run, undo
from tests.real.postgres import RealPostgres, debian_programs, real_postgres
from tests.real.s3 import RealS3

pytestmark = pytest.mark.system("postgresql")


@pytest.fixture(scope="module")
def debian() -> Iterator[RealPostgres]:
    programs = debian_programs()
    if programs is None and not os.environ.get("CI"):
        pytest.skip("needs Debian's package postgresql")
    assert programs is not None, "CI installs Debian's package postgresql"
    with real_postgres(programs) as server:
        yield server


@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_a_dump_of_debians_server_is_restored_there_and_taken_back(
    debian: RealPostgres, s3: RealS3, kind: BackupFormat
) -> None:
    bucket = s3.bucket()
    production = Postgres(debian.url("salon"), programs=debian.programs)
    dump_database(production, bucket, "production", datetime.now(UTC), kind=kind)
    with debian.copy_of("template0", "belezza_staging") as name:
        staging = Postgres(debian.url(name), smoke_tables=("usuarios",))
        tools = FixedToolbox({"production": production, "staging": staging}, {"production": bucket})
        _, plan = planned(restore_database, tools, environment="staging")
        run(plan, tools, 3, times=2)
        with debian.connect(name) as session:
            assert session.execute("select count(*) from agendamentos").fetchone() == (12000,)
        undo(plan, tools, 3)
        with debian.connect(name) as session:
            assert session.execute("select to_regclass('agendamentos')").fetchone() == (None,)


@pytest.fixture
def older_and_newer(debian: RealPostgres, pg: RealPostgres) -> tuple[RealPostgres, RealPostgres]:
    older, newer = sorted((debian, pg), key=lambda server: server.major)
    if older.major == newer.major:
        pytest.skip("Debian's server and the embedded one are of one major version here")
    return older, newer


@pytest.mark.disaster(11)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_a_newer_dump_is_refused_by_an_older_server(
    older_and_newer: tuple[RealPostgres, RealPostgres], s3: RealS3, kind: BackupFormat
) -> None:
    older, newer = older_and_newer
    bucket = s3.bucket()
    dump_database(
        Postgres(newer.url("salon"), programs=newer.programs),
        bucket,
        "production",
        datetime.now(UTC),
        kind=kind,
    )
    with older.copy_of("template0", "belezza_staging") as name:
        tools = FixedToolbox({"staging": Postgres(older.url(name))}, {"production": bucket})
        says = rf"from PostgreSQL {newer.major}\.\d+, the target is {older.major}\.\d+: a dump cannot go back"
        with pytest.raises(Refused, match=says):
            planned(restore_database, tools, environment="staging")


@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_an_older_dump_is_restored_on_a_newer_server(
    older_and_newer: tuple[RealPostgres, RealPostgres], s3: RealS3, kind: BackupFormat
) -> None:
    older, newer = older_and_newer
    bucket = s3.bucket()
    dump_database(
        Postgres(older.url("salon"), programs=older.programs),
        bucket,
        "production",
        datetime.now(UTC),
        kind=kind,
    )
    with newer.copy_of("template0", "belezza_staging") as name:
        tools = FixedToolbox({"staging": Postgres(newer.url(name))}, {"production": bucket})
        _, plan = planned(restore_database, tools, environment="staging")
        done = run(plan, tools, 4)
    assert any("every row matched the manifest" in evidence.said for evidence in done)


@pytest.mark.disaster(11)
def test_a_newer_archive_without_a_manifest_is_told_by_its_own_head(
    older_and_newer: tuple[RealPostgres, RealPostgres], s3: RealS3
) -> None:
    older, newer = older_and_newer
    bucket = s3.bucket()
    server = Postgres(newer.url("salon"), programs=newer.programs)
    made = dump_database(server, bucket, "production", datetime.now(UTC), kind="archive")
    bucket.delete(made.key + MANIFEST)
    with older.copy_of("template0", "belezza_staging") as name:
        tools = FixedToolbox({"staging": Postgres(older.url(name))}, {"production": bucket})
        _, plan = planned(restore_database, tools, environment="staging")
        with pytest.raises(Refused, match=rf"made by PostgreSQL {newer.major}, the target is {older.major}"):
            run(plan, tools, 5)
        assert {found for found in older.names() if found.startswith(f"{name}__")} == set()


@pytest.mark.parametrize("by", ["text", "values"])
def test_texts_that_a_collation_takes_for_the_same_are_told_apart(debian: RealPostgres, by: HashedBy) -> None:
    with debian.connect("salon") as session:
        session.execute(
            "create collation blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
        )
        session.execute("create table told (v text collate blind)")
        try:
            session.execute("insert into told values ('a')")
            before = read_content(session, by)
            session.execute("update told set v = 'A'")
            assert "public.told" in " ".join(differences(before, read_content(session, by)))
        finally:
            session.execute("drop table told")
            session.execute("drop collation blind")
