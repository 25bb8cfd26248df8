"""The servers and worlds of the actions' tests, and one backup in each format."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.backups.choice import Manifest
from actions.backups.make import dump_database
from actions.failures import NotVerified, Refused
from actions.restores.restore import restore_database
from actions.tools.dumps.copies import BackupFormat
from actions.tools.dumps.zstd_pack import unpacked
from actions.tools.postgres.server import Postgres
from tests.actions.conftest import World, backup, crowd, publish, world
from tests.actions.running import planned, run
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3

__all__ = ["World", "backup", "crowd", "world"]
RUN = 70
LATER = "belezza_production_20261123_020000"


@dataclass(frozen=True)
class Made:
    """A backup of the salon as an object's bytes, and the manifest that fits it."""

    manifest: Manifest
    data: bytes

    @property
    def bare(self) -> Made:
        """The same archive without its packing, with a manifest that fits."""
        return self.of(b"".join(unpacked([self.data])))

    def of(self, data: bytes) -> Made:
        """Other bytes, with a manifest that fits them."""
        digest = hashlib.sha256(data).hexdigest()
        return Made(replace(self.manifest, sha256=digest, size_bytes=len(data)), data)

    def into(self, world: World) -> Manifest:
        """Put it into the world's bucket as the newest."""
        key = f"{world.bucket.prefix}{LATER}{'.dump' if self.manifest.kind == 'archive' else '.sql.gz'}"
        publish(world.bucket, replace(self.manifest, key=key), self.data, key)
        return replace(self.manifest, key=key)


def made(pg: RealPostgres, s3: RealS3, kind: BackupFormat, database: str = "salon") -> Made:
    """Make one now."""
    bucket = s3.bucket()
    server = Postgres(pg.url(database), programs=pg.programs, newest=("usuarios.criado_em",))
    at = datetime(2026, 11, 23, 2, 0, 0, tzinfo=UTC)
    manifest = dump_database(server, bucket, "production", at, kind=kind)
    fitting = replace(manifest, version_id="", started_at=at.isoformat())
    return Made(fitting, bucket.read(manifest.key))


@pytest.fixture(scope="session")
def archive(pg: RealPostgres, s3: RealS3) -> Made:
    return made(pg, s3, "archive")


def refused(world: World, says: str) -> None:
    """The restore ends with these words, and nothing of it is left."""
    before = world.oid(world.staging.database)
    _, plan = planned(restore_database, world.tools, environment="staging")
    with pytest.raises(Exception, match=f"(?s){says}") as error:
        run(plan, world.tools, RUN)
    assert isinstance(error.value, Refused | NotVerified)
    assert world.oid(world.staging.database) == before
    assert world.relatives() == set(), "no shadow is left"
    assert world.ask("postgres", f"select count(*) from pg_roles where rolname = 'dr_restore_{RUN}'") == 0
    assert not Path("/tmp/harm").exists()
