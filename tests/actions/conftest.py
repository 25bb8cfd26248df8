"""Real servers of one test process, and small worlds in them: a production, a staging, a backup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec
import pytest

from actions.backups.choice import Manifest
from actions.backups.make import dump_database
from actions.tools.aws.s3 import Bucket
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox
from tests.actions.crowd import Crowd
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3

SMOKE = ("usuarios", "agendamentos")


@dataclass(frozen=True)
class World:
    """A production and a staging database of one test, and the bucket with production's backup."""

    pg: RealPostgres
    bucket: Bucket
    production: Postgres
    staging: Postgres
    manifest: Manifest

    @property
    def tools(self) -> FixedToolbox:
        return FixedToolbox(
            {"production": self.production, "staging": self.staging},
            {"production": self.bucket, "staging": self.bucket},
        )

    def ask(self, database: str, query: str) -> object:
        """The first column of the first row."""
        with self.pg.connect(database) as session:
            row = session.execute(query.encode()).fetchone()
            return row[0] if row else None

    def oid(self, database: str) -> object:
        return self.ask("postgres", f"select oid::int from pg_database where datname = '{database}'")

    def relatives(self) -> set[str]:
        """What is beside staging, without its name in front: `__old_7`, `__dr_7`."""
        name = self.staging.database
        return {found.removeprefix(name) for found in self.pg.names() if found.startswith(f"{name}__")}


@pytest.fixture(scope="session")
def backup(pg: RealPostgres, s3: RealS3) -> tuple[Manifest, bytes]:
    """One real backup of the salon: its manifest and its bytes, to be put where a test wants it."""
    bucket = s3.bucket()
    server = Postgres(pg.url("salon"), programs=pg.programs)
    manifest = dump_database(server, bucket, "production", datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC))
    return replace(manifest, started_at="2026-11-22T02:00:00Z"), bucket.read(manifest.key)


@pytest.fixture
def world(pg: RealPostgres, s3: RealS3, backup: tuple[Manifest, bytes]) -> Iterator[World]:
    manifest, data = backup
    bucket = s3.bucket()
    manifest = replace(manifest, key=bucket.prefix + manifest.key.rsplit("/", 1)[-1])
    with pg.copy_of("template0", "belezza_staging") as staging:
        with pg.connect(staging, "belezza") as session:
            session.execute("create table usuarios (id int); insert into usuarios values (1), (2)")
            session.execute("create table agendamentos (id int); insert into agendamentos values (1)")
        made = World(
            pg,
            bucket,
            Postgres(pg.url("salon"), smoke_tables=SMOKE, programs=pg.programs),
            Postgres(pg.url(staging), smoke_tables=SMOKE, programs=pg.programs),
            manifest,
        )
        publish(made.bucket, manifest, data)
        yield made


@pytest.fixture
def crowd(world: World) -> Iterator[Crowd]:
    made = Crowd(world.pg, world.staging.database)
    yield made
    made.leave()


def publish(bucket: Bucket, manifest: Manifest | None, data: bytes, key: str = "") -> None:
    """Put a dump in the bucket, with this manifest beside it if there is one."""
    key = key or (manifest.key if manifest else "")
    bucket.put(key, data)
    if manifest:
        bucket.put(key + ".manifest.json", msgspec.json.encode(replace(manifest, key=key)))
