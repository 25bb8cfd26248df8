"""An archive of pg_dump comes back as a plain dump does: fetched, judged, loaded at once, proven, swapped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from actions.restores.restore import restore_database
from actions.tools.dumps.copies import BackupFormat
from tests.actions.running import planned, run, undo
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3
from tests.restore.conftest import RUN, Made, World, made, refused

FILLER = "x" * 300


def test_an_archive_replaces_staging_row_for_row_and_can_be_taken_back(world: World, archive: Made) -> None:
    archive.into(world)
    before = world.oid(world.staging.database)
    facts, plan = planned(restore_database, world.tools, environment="staging")

    done = run(plan, world.tools, RUN, times=2)

    assert facts.backup.kind == "archive"
    name = world.staging.database
    assert world.ask(name, "select count(*) from usuarios") == 2500
    assert world.ask(name, "select tableowner from pg_tables where tablename = 'usuarios'") == "belezza"
    assert world.ask(name, "select count(*) from pg_constraint where contype = 'f' and convalidated") == 6
    assert world.relatives() == {f"__old_{RUN}"}
    assert any("every row matched the manifest" in one.said for one in done)
    assert dict(plan.facts)["newest row"] == archive.manifest.newest["usuarios.criado_em"]
    undo(plan, world.tools, RUN, times=2)
    assert world.oid(name) == before


@pytest.fixture(scope="module")
def prepared(pg: RealPostgres, s3: RealS3) -> Iterator[Made]:
    """An archive with room for evil: a view and an index whose definitions are long, and a publication."""
    with pg.copy_of("salon", "evil") as name:
        with pg.connect(name, "belezza") as session:
            session.execute(f"create view enganador as select '{FILLER}' as x".encode())
            session.execute(f"create index engano on usuarios (nome) where nome <> '{FILLER}'".encode())
        with pg.connect(name) as session:
            session.execute("create publication noticias for all tables")
            session.execute(
                "alter default privileges for role belezza grant select on tables to belezza_leitura"
            )
        yield made(pg, s3, "archive", name).bare


def with_definition(archive: Made, begins: bytes, evil: bytes) -> Made:
    """The same archive with another definition of the same length, and a manifest that fits."""
    start = archive.data.index(begins)
    end = archive.data.index(b";", archive.data.index(FILLER[:20].encode(), start)) + 1
    changed = archive.data[:start] + evil.ljust(end - start) + archive.data[end:]
    return archive.of(changed)


VIEW, INDEX = b"CREATE VIEW public.enganador", b"CREATE INDEX engano"
HOSTILE = {
    "psql in the schema": (VIEW, b"SELECT 1\n\\! touch /tmp/harm\n;", "psql command"),
    "copy to a program": (VIEW, b"COPY public.usuarios TO PROGRAM 'touch /tmp/harm';", "no pg_dump writes"),
    "alter system": (VIEW, b"ALTER SYSTEM SET log_statement = 'all';", "no pg_dump of a database"),
    "drop database": (VIEW, b"DROP DATABASE postgres;", "no pg_dump of a database"),
    "two in one": (VIEW, b"CREATE VIEW public.a AS SELECT 1; CREATE ROLE evil SUPERUSER;", "no pg_dump"),
    "after the rows": (INDEX, b"CREATE ROLE evil SUPERUSER;", "no pg_dump of a database"),
    "do after the rows": (INDEX, b"DO $$ begin perform pg_read_file('/etc/passwd'); end $$;", "no pg_dump"),
    "psql after the rows": (INDEX, b"\\connect postgres\n;", "psql command"),
    "extension after the rows": (
        INDEX,
        b"CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA public;",
        "no pg_d",
    ),
}


@pytest.mark.disaster(9, 10, 57)
@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_no_dump_would_run_is_not_run(
    world: World, prepared: Made, case: tuple[bytes, bytes, str]
) -> None:
    with_definition(prepared, *case[:2]).into(world)
    refused(world, case[2])


@pytest.mark.disaster(10)
def test_a_copy_of_its_own_is_denied_by_the_server(world: World, prepared: Made) -> None:
    start = prepared.data.index(b"COPY public.usuarios")
    end = prepared.data.index(b";", start) + 1
    evil = b"COPY public.usuarios FROM PROGRAM 'id';".ljust(end - start)
    prepared.of(prepared.data[:start] + evil + prepared.data[end:]).into(world)
    refused(world, "asks for a right that a restore never has")


@pytest.mark.disaster(1)
def test_an_archive_that_is_cut_short_is_refused(world: World, archive: Made) -> None:
    archive.of(archive.data[: len(archive.data) * 3 // 4]).into(world)
    refused(world, "damaged|did not accept|no pg_restore here can read")


@pytest.mark.disaster(3, 47)
def test_a_flipped_byte_is_told_before_anything_is_made(world: World, archive: Made) -> None:
    middle = len(archive.data) // 2
    flipped = archive.data[:middle] + bytes([archive.data[middle] ^ 0x10]) + archive.data[middle + 1 :]
    Made(archive.manifest, flipped).into(world)
    refused(world, "is not what its manifest says: SHA-256|the backup is damaged")


@pytest.mark.disaster(1, 3)
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_one_without_packing_is_checked_alike(world: World, archive: Made, share: float) -> None:
    bare = archive.bare
    bare.of(bare.data[: int(len(bare.data) * share)]).into(world)
    refused(world, "damaged|did not accept|no pg_restore here can read|rows, the manifest says")


@pytest.mark.disaster(59)
def test_an_empty_archive_is_refused(world: World, archive: Made) -> None:
    archive.of(b"").into(world)
    refused(world, "no pg_restore here can read")


@pytest.mark.disaster(60)
def test_an_archive_with_fewer_rows_than_promised_does_not_hold(world: World, archive: Made) -> None:
    tables = dict(archive.manifest.content.tables)
    more = replace(tables["public.usuarios"], rows=2501)
    content = replace(archive.manifest.content, tables={**tables, "public.usuarios": more})
    Made(replace(archive.manifest, content=content), archive.data).into(world)
    refused(world, "usuarios has 2,500 rows, the manifest says 2,501")


def test_what_would_act_in_the_originals_name_is_left_out(world: World, prepared: Made) -> None:
    prepared.into(world)
    _, plan = planned(restore_database, world.tools, environment="staging")
    run(plan, world.tools, RUN)
    assert world.ask(world.staging.database, "select count(*) from pg_publication") == 0
    assert world.ask(world.staging.database, "select count(*) from enganador") == 1


@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_an_extension_in_a_schema_of_its_own_comes_back(
    world: World, pg: RealPostgres, s3: RealS3, kind: BackupFormat
) -> None:
    with pg.copy_of("salon", "extended") as name:
        with pg.connect(name) as session:
            session.execute('create schema "My extras" authorization belezza')
            session.execute('create extension vector with schema "My extras"')
            session.execute('create table rostos (id int primary key, rosto "My extras".vector(3))')
            session.execute("alter table rostos owner to belezza")
            session.execute("insert into rostos values (1, '[1,2,3]'), (2, '[3,2,1]')")
        made(pg, s3, kind, name).into(world)
    _, plan = planned(restore_database, world.tools, environment="staging")
    run(plan, world.tools, RUN)
    assert world.ask(world.staging.database, "select rosto::text from rostos where id = 2") == "[3,2,1]"
