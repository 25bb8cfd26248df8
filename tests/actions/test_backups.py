"""Making and listing backups: what a name, a manifest and a checksum must be to be believed."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.backups.choice import Manifest, Proof, choose, list_backups, read_checksum, taken_at
from actions.backups.make import dump_database
from actions.plan import NotVerified, Refused
from actions.tools.dumps.programs import pg_dump_program
from actions.tools.postgres.server import Postgres
from tests.actions.conftest import World
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3


def test_a_backup_is_a_real_dump_with_a_manifest_of_its_own_snapshot(backup: tuple[Manifest, bytes]) -> None:
    manifest, data = backup
    assert manifest.sha256 == hashlib.sha256(data).hexdigest()
    assert manifest.size_bytes == len(data)
    assert gzip.decompress(data).rstrip().splitlines()[-3:-1] != []
    assert manifest.content.tables["public.agendamentos"].rows == 12000
    assert manifest.content.sequences["public.usuarios_id_seq"] == 2500
    assert manifest.roles == ("belezza_leitura",)
    assert manifest.key.endswith("production/belezza_production_20261122_020000.sql.gz")


def test_the_list_is_newest_first_and_says_what_proves_each(world: World) -> None:
    for name in ("belezza_production_20261120_020000.sql.gz", "belezza_production_20261123_020000.sql.gz"):
        world.bucket.put(world.bucket.prefix + name, b"x")
    world.bucket.put(world.bucket.prefix + "belezza_production_20261120_020000.sql.gz.sha256", b"0" * 64)
    for name in (
        "notes.txt",
        "belezza_production_20260231_020000.sql.gz",
        "belezza_staging_20261123_020000.sql.gz",
    ):
        world.bucket.put(world.bucket.prefix + name, b"x")
    assert [(backup.id[-15:], backup.proof) for backup in list_backups(world.bucket)] == [
        ("20261123_020000", Proof.NONE),
        ("20261122_020000", Proof.MANIFEST),
        ("20261120_020000", Proof.CHECKSUM),
    ]
    assert choose(list_backups(world.bucket), "latest").id == "belezza_production_20261122_020000"


def test_nothing_there_is_never_a_success(s3: RealS3) -> None:
    with pytest.raises(Refused, match=r"no backup named .* under s3://.*0 other objects"):
        list_backups(s3.bucket())


@pytest.mark.parametrize(
    "name",
    [
        "belezza_production_20260231_020000.sql.gz",
        "belezza_production_20261122_250000.sql.gz",
        "belezza_production_20261122_020000.sql",
        "belezza_production_20261122_020000.sql.gz.tmp",
        "belezza_production_２０２６1122_020000.sql.gz",
        "xbelezza_production_20261122_020000.sql.gz",
        "belezza_production_20261122_020000.sql.gz\n",
    ],
)
def test_a_name_is_exactly_that_or_nothing(name: str) -> None:
    assert taken_at("belezza_production", name) is None
    assert taken_at("belezza_production", "belezza_production_20261122_020000.sql.gz") == datetime(
        2026, 11, 22, 2, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [(b"", "no SHA-256"), (b"zz", "no SHA-256"), (b"0" * 64 + b"  other.sql.gz", "checksum of other")],
)
def test_a_checksum_of_something_else_is_refused(world: World, text: bytes, says: str) -> None:
    world.bucket.put(world.manifest.key + ".sha256", text)
    with pytest.raises(Refused, match=says):
        read_checksum(world.bucket, list_backups(world.bucket)[0])


def test_a_dump_that_fails_leaves_no_object(pg: RealPostgres, s3: RealS3, tmp_path: Path) -> None:
    bucket = s3.bucket()
    for script, says in (
        (
            "#!/bin/sh\n[ $1 = --version ] && echo 'pg_dump (PostgreSQL) 16.14' && exit\necho half\nexit 1\n",
            "ended with 1",
        ),
        (
            "#!/bin/sh\n[ $1 = --version ] && echo 'pg_dump (PostgreSQL) 16.14' && exit\necho half\n",
            "before its last line",
        ),
    ):
        fake = tmp_path / "pg_dump"
        fake.write_text(script)
        fake.chmod(0o755)
        server = Postgres(pg.url("salon"), programs=tmp_path)
        with pytest.raises(NotVerified, match=says):
            dump_database(server, bucket, "production", datetime.now(UTC))
    assert bucket.list() == ()


def test_an_older_pg_dump_than_the_server_is_not_used(pg: RealPostgres) -> None:
    server = replace(Postgres(pg.url("salon")), programs=pg.programs)
    assert pg_dump_program(server, pg.major).path.parent == pg.programs
    with pytest.raises(Refused, match="postgresql-client-99"):
        pg_dump_program(server, 99)
