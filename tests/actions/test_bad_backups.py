"""Backups that are not what they should be: refused with the reason, and staging stays as it was."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import pytest

from actions.backups import Extension, Manifest
from actions.plan import Context, NotVerified, Refused
from actions.restore import restore_database
from actions.tools.content import TableContent
from actions.tools.toolbox import FixedToolbox
from tests.actions.conftest import World, publish
from tests.actions.running import planned, run

RUN = 70
LATER = "belezza_production_20261123_020000.sql.gz"


def with_text(change: Callable[[bytes], bytes]) -> Callable[[World, bytes], tuple[Manifest, bytes]]:
    """A dump whose SQL was changed, packed and described as if it were right."""

    def make(world: World, data: bytes) -> tuple[Manifest, bytes]:
        packed = gzip.compress(change(gzip.decompress(data)), 1)
        return described(world.manifest, packed), packed

    return make


def described(manifest: Manifest, data: bytes) -> Manifest:
    return replace(manifest, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def with_bytes(change: Callable[[bytes], bytes]) -> Callable[[World, bytes], tuple[Manifest, bytes]]:
    """An object changed after its manifest was written, size and checksum described as they are now."""

    def make(world: World, data: bytes) -> tuple[Manifest, bytes]:
        changed = change(data)
        return described(world.manifest, changed), changed

    return make


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]


def before_end(words: bytes) -> Callable[[bytes], bytes]:
    end = b"--\n-- PostgreSQL database dump complete"
    return lambda text: text.replace(end, words + b"\n" + end)


def without_a_row(text: bytes) -> bytes:
    start = text.index(b"COPY public.pagamentos")
    row = text.index(b"\n", start) + 1
    return text[:row] + text[text.index(b"\n", row) + 1 :]


def with_other_value(text: bytes) -> bytes:
    return text.replace(b"cliente77@exemplo.com.br", b"cliente00@exemplo.com.br")


@dataclass(frozen=True)
class Bad:
    make: Callable[[World, bytes], tuple[Manifest, bytes]]
    says: str
    kind: type[Exception] = Refused


WHILE_RUNNING = {
    "gzip cut in half": Bad(with_bytes(lambda data: data[: len(data) // 2]), "cut off"),
    "gzip without its end": Bad(with_bytes(lambda data: data[:-8]), "cut off"),
    "SQL cut in rows, gzip closed": Bad(
        with_text(lambda text: text[: len(text) // 2]), "cut off.*rows of a table"
    ),
    "SQL cut between statements": Bad(
        with_text(lambda text: text[: text.index(b"ALTER TABLE ONLY")]), "last line is missing"
    ),
    "trailer taken away": Bad(
        with_text(lambda text: text.replace(b"dump complete", b"dump")), "last line is missing"
    ),
    "a byte flipped": Bad(
        with_bytes(flipped), "damaged|cut off|did not accept|not what its|no pg_dump|psql command|longer"
    ),
    "another checksum": Bad(
        lambda world, data: (replace(world.manifest, sha256="0" * 64), data), "not what its manifest says"
    ),
    "not gzip": Bad(with_bytes(lambda data: b"PGDMP" + data), "damaged"),
    "empty": Bad(with_bytes(lambda data: b""), "cut off"),
    "psql shell": Bad(with_text(before_end(b"\\! touch /tmp/harm")), "psql command"),
    "psql connect": Bad(with_text(before_end(b"\\connect postgres")), "psql command"),
    "psql in a statement": Bad(with_text(before_end(b"SELECT 1 \\gexec")), "psql command"),
    "unrestrict with another key": Bad(with_text(before_end(b"\\unrestrict abc")), "psql command"),
    "copy to program": Bad(
        with_text(before_end(b"COPY public.usuarios TO PROGRAM 'touch /tmp/harm';")), "COPY that no pg_dump"
    ),
    "copy from program": Bad(
        with_text(before_end(b"COPY public.usuarios FROM PROGRAM 'id';")), "COPY that no pg_dump"
    ),
    "copy a file": Bad(
        with_text(before_end(b"COPY public.usuarios FROM '/etc/passwd';")), "COPY that no pg_dump"
    ),
    "alter system": Bad(
        with_text(before_end(b"ALTER SYSTEM SET log_statement = 'all';")), "no pg_dump of a database"
    ),
    "drop database": Bad(with_text(before_end(b"DROP DATABASE postgres;")), "no pg_dump of a database"),
    "create database": Bad(with_text(before_end(b"CREATE DATABASE evil;")), "no pg_dump of a database"),
    "create role": Bad(with_text(before_end(b"CREATE ROLE evil SUPERUSER;")), "no pg_dump of a database"),
    "role membership": Bad(with_text(before_end(b"GRANT postgres TO belezza;")), "no pg_dump of a database"),
    "set role": Bad(with_text(before_end(b"SET ROLE postgres;")), "no pg_dump of a database"),
    "reset authorization": Bad(
        with_text(before_end(b"RESET SESSION AUTHORIZATION;")), "no pg_dump of a database"
    ),
    "do block": Bad(with_text(before_end(b"DO $$ begin perform 1; end $$;")), "no pg_dump of a database"),
    "any select": Bad(
        with_text(before_end(b"SELECT pg_read_file('/etc/passwd');")), "no pg_dump of a database"
    ),
    "select in setval": Bad(
        with_text(before_end(b"SELECT pg_catalog.setval('s', (SELECT 1));")), "no pg_dump of a database"
    ),
    "a role that is not there": Bad(
        with_text(before_end(b"GRANT SELECT ON TABLE public.usuarios TO ninguem;")), "did not accept"
    ),
    "untrusted language": Bad(
        with_text(before_end(b"CREATE FUNCTION public.f() RETURNS int LANGUAGE internal AS 'x';")),
        "a right that a restore never has",
    ),
    "undescribed extension": Bad(
        with_text(before_end(b"CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;")),
        "manifest says nothing",
    ),
    "a row less": Bad(
        with_text(without_a_row), "pagamentos has 5,999 rows, the manifest says 6,000", NotVerified
    ),
    "a value other": Bad(
        with_text(with_other_value), "usuarios has the right number of rows but other content", NotVerified
    ),
    "sequence behind": Bad(
        with_text(
            lambda text: text.replace(b"'public.pagamentos_id_seq', 6000", b"'public.pagamentos_id_seq', 60")
        ),
        "sequence public.pagamentos_id_seq is at 60",
        NotVerified,
    ),
    "constraint not valid": Bad(
        with_text(
            lambda text: text.replace(
                b"REFERENCES public.saloes(id);", b"REFERENCES public.saloes(id) NOT VALID;"
            )
        ),
        "not validated",
        NotVerified,
    ),
    "a table less": Bad(
        lambda world, data: (
            replace(
                world.manifest,
                content=replace(
                    world.manifest.content,
                    tables={**world.manifest.content.tables, "public.x": TableContent(1, "1")},
                ),
            ),
            data,
        ),
        "table public.x is missing",
        NotVerified,
    ),
}


@pytest.mark.parametrize("case", WHILE_RUNNING.values(), ids=WHILE_RUNNING.keys())
def test_a_bad_backup_is_found_out_and_staging_stays(
    world: World, backup: tuple[Manifest, bytes], case: Bad
) -> None:
    before = world.oid(world.staging.database)
    manifest, data = case.make(world, backup[1])
    publish(world.bucket, manifest, data, world.bucket.prefix + LATER)
    _, plan = planned(restore_database, world.tools, environment="staging")

    with pytest.raises(case.kind, match=f"(?s){case.says}"):
        run(plan, world.tools, RUN)

    assert world.oid(world.staging.database) == before
    assert world.relatives() == set(), "no shadow is left"
    assert world.ask("postgres", "select count(*) from pg_roles where rolname = 'dr_restore_70'") == 0
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ({"environment": "staging"}, "backup is of 'staging'"),
        ({"server_version": 990001}, "cannot go back to an older version"),
        ({"extensions": (Extension("timescaledb", "2"),)}, "has not the extension timescaledb"),
        ({"roles": ("ninguem",)}, "grants rights to ninguem"),
        ({"encoding": "LATIN1"}, "LATIN1"),
        ({"size_bytes": 5}, "another object"),
        ({"database_bytes": 10**15}, "are free"),
        ({"format": 3}, "newer than this drbot"),
        ({"sha256": "x"}, "64 hexadecimal"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_a_backup_that_does_not_fit_is_refused_before_anything(
    world: World, backup: tuple[Manifest, bytes], manifest: dict[str, object], says: str
) -> None:
    told = {**msgspec.to_builtins(backup[0]), **msgspec.to_builtins(manifest)}
    key = world.bucket.prefix + LATER
    world.bucket.put(key, backup[1])
    world.bucket.put(key + ".manifest.json", msgspec.json.encode({**told, "key": key}))
    with pytest.raises(Refused, match=says):
        planned(restore_database, world.tools, environment="staging")
    assert world.relatives() == set()


def test_without_a_manifest_a_checksum_may_do_and_that_is_said(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    key = world.bucket.prefix + LATER
    world.bucket.put(key, backup[1])
    world.bucket.put(key + ".sha256", f"{backup[0].sha256}  {LATER}\n".encode())
    _, plan = planned(restore_database, world.tools, environment="staging")
    assert any("checksum but no manifest" in warning for warning in plan.warnings)
    assert ("proof", "checksum only") in plan.facts
    run(plan, world.tools, RUN)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


def test_without_either_an_older_one_is_taken_and_that_is_said(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    world.bucket.put(world.bucket.prefix + LATER, backup[1])
    facts, plan = planned(restore_database, world.tools, environment="staging")
    assert facts.backup.id == "belezza_production_20261122_020000"
    assert any(
        "newer, but not used: belezza_production_20261123_020000" in warning for warning in plan.warnings
    )
    with pytest.raises(Refused, match="nothing can prove it whole"):
        planned(
            restore_database, world.tools, environment="staging", backup="belezza_production_20261123_020000"
        )


@pytest.mark.parametrize(
    "wanted", ["../../etc/passwd", "$(id)", "belezza_production_20260231_020000", "LATEST", ""]
)
def test_only_an_id_of_the_list_can_be_asked_for(world: World, wanted: str) -> None:
    with pytest.raises(Refused, match="is not on the list"):
        planned(restore_database, world.tools, environment="staging", backup=wanted)


def test_an_object_replaced_after_it_was_shown_is_refused(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    facts, plan = planned(restore_database, world.tools, environment="staging")
    publish(world.bucket, replace(world.manifest, roles=("belezza",)), backup[1] + b"\0", world.manifest.key)
    with pytest.raises(Refused, match="overwritten after it was shown"):
        run(plan, world.tools, RUN)
    with pytest.raises(Refused, match="overwritten after it was shown"):
        plan.steps[0].do(Context(world.tools, RUN))
    assert world.relatives() == set()
    assert facts.backup.etag


def test_prepared_transactions_of_the_target_are_told(world: World) -> None:
    name = world.staging.database
    with world.pg.connect(name, "belezza") as session:
        session.execute("begin")
        session.execute("insert into usuarios values (3)")
        session.execute("prepare transaction 'gone'")
    try:
        with pytest.raises(Refused, match="1 prepared transactions"):
            planned(restore_database, world.tools, environment="staging")
    finally:
        with world.pg.connect(name) as session:
            session.execute("rollback prepared 'gone'")


def test_the_database_that_the_backup_came_from_is_never_the_target(world: World) -> None:
    astray = FixedToolbox(
        {"staging": world.production, "production": world.production}, {"production": world.bucket}
    )
    with pytest.raises(Refused, match=r"the very database.*production's own database"):
        planned(restore_database, astray, environment="staging")


def test_a_database_marked_as_production_is_never_the_target(world: World) -> None:
    with world.pg.connect() as session:
        session.execute(
            f"alter database {world.staging.database} set drbot.environment to 'production'".encode()
        )
    with pytest.raises(Refused, match="marked as 'production'"):
        planned(restore_database, world.tools, environment="staging")
