"""What goes wrong around a restore: the target is never worse for it, and people are told."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from psycopg import sql

from actions.backups.choice import Extension, Manifest
from actions.backups.rehearsals import REHEARSED, Rehearsed
from actions.plan import Refused
from actions.restores.rehearse import rehearse_restore
from actions.restores.restore import restore_database
from actions.tools.postgres.server import Postgres, url_of
from actions.tools.toolbox import FixedToolbox
from tests.actions.conftest import SMOKE, World, publish
from tests.actions.crowd import Crowd
from tests.actions.running import planned, run, undo
from tests.real.postgres import PASSWORD
from tests.restore.conftest import LATER, Made

RUN = 74
GIVEN = {"environment": "staging"}


def later(world: World, data: bytes, **changed: object) -> Manifest:
    """The world's backup again as the newest, with other words in its manifest."""
    key = f"{world.bucket.prefix}{LATER}.sql.gz"
    at = "2026-11-23T02:00:00Z"
    times = {"started_at": at, "finished_at": at, **changed}
    manifest = replace(world.manifest, key=key, **times)  # type: ignore[arg-type]  # fields of a manifest
    publish(world.bucket, manifest, data, key)
    return manifest


@pytest.mark.disaster(36)
def test_far_fewer_rows_than_the_backup_before_are_an_objection(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    content = world.manifest.content
    few = {name: replace(table, rows=table.rows // 2) for name, table in content.tables.items()}
    later(world, backup[1], content=replace(content, tables=few))
    facts, plan = planned(restore_database, world.tools, **GIVEN)
    (said,) = plan.objections
    assert "rows may be missing from it already" in said
    assert facts.objections == plan.objections
    _, older = planned(restore_database, world.tools, **GIVEN, backup="belezza_production_20261122_020000")
    assert older.objections == ()


@pytest.mark.disaster(36)
def test_the_second_short_backup_is_an_objection_too(world: World, backup: tuple[Manifest, bytes]) -> None:
    """Found at first: compared with the short one before it, the second passed for good."""
    content, said = world.manifest.content, "10 rows, 99 % fewer than before"
    few = replace(content, tables={name: replace(table, rows=1) for name, table in content.tables.items()})
    for day in (23, 24):
        key = f"{world.bucket.prefix}belezza_production_202611{day}_020000.sql.gz"
        at = f"2026-11-{day}T02:00:00Z"
        short = replace(
            world.manifest,
            key=key,
            content=few,
            started_at=at,
            finished_at=at,
            remark=said if day == 23 else "",
        )
        publish(world.bucket, short, backup[1], key)
    _, second = planned(restore_database, world.tools, **GIVEN)
    (objection,) = second.objections
    assert "the last good one before it (belezza_production_20261122_020000)" in objection
    _, rehearsal = planned(rehearse_restore, world.tools, **GIVEN)
    assert rehearsal.objections == second.objections, "a rehearsal by the clock does not take the doubt away"
    given = {**GIVEN, "backup": "belezza_production_20261123_020000"}
    _, first = planned(restore_database, world.tools, **given)
    (objection,) = first.objections
    assert "was marked when it was made: 10 rows, 99 % fewer than before. Look" in objection
    noted = Rehearsed(7, "2026-11-23T03:00:00Z", 1.0, 10, world.manifest.sha256)
    marked = f"{world.bucket.prefix}belezza_production_20261123_020000.sql.gz"
    world.bucket.put(marked + REHEARSED, msgspec.json.encode(noted))
    (objection,) = planned(restore_database, world.tools, **given)[1].objections
    assert "rows may be missing from it already" in objection


@pytest.mark.disaster(36)
def test_a_fifth_less_is_no_objection(world: World, backup: tuple[Manifest, bytes]) -> None:
    content = world.manifest.content
    few = {name: replace(table, rows=table.rows * 81 // 100) for name, table in content.tables.items()}
    later(world, backup[1], content=replace(content, tables=few))
    assert planned(restore_database, world.tools, **GIVEN)[1].objections == ()


@pytest.mark.disaster(15)
def test_a_locale_that_the_server_does_not_know_is_refused(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    later(world, backup[1], collation="tlh_QX.UTF-8", ctype="tlh_QX.UTF-8")
    with pytest.raises(Refused, match=r"sorts by tlh_QX.UTF-8 .* which the server does not know"):
        planned(restore_database, world.tools, **GIVEN)


@pytest.mark.disaster(15)
def test_another_locale_that_it_knows_is_the_shadows(world: World, backup: tuple[Manifest, bytes]) -> None:
    known = world.ask(
        "postgres",
        "select collcollate from pg_collation where collcollate ~ '^C.[uU]' and collprovider = 'c'",
    )
    other = str(known or "POSIX")
    later(world, backup[1], collation=other, ctype=other)
    facts, plan = planned(restore_database, world.tools, **GIVEN)
    assert facts.backup.collation == other
    assert any(f"sorts by {other}" in warning for warning in plan.warnings)
    run(plan, world.tools, RUN)
    name = world.staging.database
    assert world.ask("postgres", f"select datcollate from pg_database where datname = '{name}'") == other


@pytest.mark.disaster(14)
def test_an_extension_that_is_older_here_is_named(world: World, backup: tuple[Manifest, bytes]) -> None:
    later(world, backup[1], extensions=(Extension("plpgsql", "99.1"),))
    with pytest.raises(Refused, match=r"uses plpgsql 99.1, the server has 1.0: update it first"):
        planned(restore_database, world.tools, **GIVEN)


@pytest.mark.disaster(32, 56)
def test_a_backup_from_the_future_is_remarked(world: World, backup: tuple[Manifest, bytes]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    later(world, backup[1], started_at=tomorrow, finished_at=tomorrow)
    _, plan = planned(restore_database, world.tools, **GIVEN)
    assert any("in the future: a clock is wrong" in warning for warning in plan.warnings)


def test_rows_much_older_than_the_backup_are_remarked(world: World, backup: tuple[Manifest, bytes]) -> None:
    later(world, backup[1], newest={"usuarios.criado_em": "2024-01-01T00:00:00Z"})
    _, plan = planned(restore_database, world.tools, **GIVEN)
    assert any("older than the backup" in warning for warning in plan.warnings)
    assert dict(plan.facts)["newest row"] == "2024-01-01T00:00:00Z"


@pytest.fixture
def odd(world: World) -> Iterator[FixedToolbox]:
    """Staging under a name with quotes, spaces and more."""
    name = f'belezza "o\'Salão"; %s {world.staging.database[-6:]}'
    with world.pg.connect() as session:
        session.execute(sql.SQL("CREATE DATABASE {} OWNER belezza").format(sql.Identifier(name)))
    server = Postgres(url_of("127.0.0.1", world.pg.port, "postgres", PASSWORD, name), smoke_tables=SMOKE)
    try:
        yield replace(world.tools, servers={**world.tools.servers, "staging": server})
    finally:
        with world.pg.connect() as session:
            for left in world.pg.names():
                if left.startswith(name):
                    session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(left)))


@pytest.mark.disaster(58)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_a_name_with_quotes_and_spaces_is_a_name_as_any_other(
    world: World, odd: FixedToolbox, archive: Made, kind: str
) -> None:
    if kind == "archive":
        archive.into(world)
    _, plan = planned(restore_database, odd, **GIVEN)
    run(plan, odd, RUN, times=2)
    with odd.postgres("staging").session() as session:
        assert session.execute("select count(*) from public.usuarios").fetchone() == (2500,)
    undo(plan, odd, RUN, times=2)
    with odd.postgres("staging").session() as session:
        assert session.execute("select to_regclass('public.usuarios')").fetchone() == (None,)


@pytest.mark.disaster(53, 23)
def test_a_long_transaction_is_ended_at_the_swap(world: World, crowd: Crowd) -> None:
    crowd.join("long", idle=True)
    crowd.join("busy")
    _, plan = planned(restore_database, world.tools, **GIVEN)
    assert any("connections are cut at the swap" in warning for warning in plan.warnings)
    run(plan, world.tools, RUN)
    assert crowd.doing("long") is None
    assert crowd.doing("busy") is None
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


@pytest.mark.disaster(2, 59)
@pytest.mark.parametrize("text", [b"", b"--\n-- PostgreSQL database dump\n--\n"])
def test_a_dump_without_anything_is_refused(world: World, text: bytes) -> None:
    data = gzip.compress(text)
    later(world, data, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
    _, plan = planned(restore_database, world.tools, **GIVEN)
    with pytest.raises(Refused, match="last line is missing"):
        run(plan, world.tools, RUN)
    assert world.relatives() == set()
