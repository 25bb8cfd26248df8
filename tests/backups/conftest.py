"""A production database with a bucket of its own, a second place and a folder for its copies: all real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actions.backups.manifest import MANIFEST, SUFFIXES, Manifest
from actions.backups.publish import as_json
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import BackupFormat, CopyPlace, Keeping
from actions.tools.postgres.content import Content, TableContent
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3

DAY_S = 86400.0


@dataclass(frozen=True)
class World:
    """One environment, `production`, and where its backups go."""

    pg: RealPostgres
    server: Postgres
    bucket: Bucket
    far: Bucket
    folder: Path
    keeping: Keeping

    @property
    def tools(self) -> FixedToolbox:
        return FixedToolbox(
            {"production": self.server}, {"production": self.bucket}, kept={"production": self.keeping}
        )

    def keeps(self, **changes: object) -> World:
        """The same world where the plan keeps backups in another way."""
        return replace(self, keeping=replace(self.keeping, **changes))  # type: ignore[arg-type]

    def sql(self, statement: str) -> None:
        with self.pg.connect(self.server.database) as session:
            session.execute(statement.encode())

    def names(self, bucket: Bucket | None = None) -> list[str]:
        """The names under the prefix of a bucket (the first one's)."""
        place = bucket or self.bucket
        return [seen.key.removeprefix(place.prefix) for seen in place.list()]

    def manifests(self) -> list[dict[str, object]]:
        """Every manifest of the first bucket, by name."""
        keys = [key for key in self.names() if key.endswith(MANIFEST) and not key.startswith(".tmp/")]
        return [json.loads(self.bucket.read(self.bucket.prefix + key)) for key in keys]

    def put(
        self,
        age: timedelta,
        shelf: Bucket | None = None,
        kind: BackupFormat = "archive",
        manifest: bool = True,
        **changes: object,
    ) -> str:
        """A small backup of that age as if it had been made then; returns its id."""
        place = shelf or self.bucket
        made = pretended(place, datetime.now(UTC) - age, kind)
        place.put(made.key, b"x" * made.size_bytes)
        if manifest:
            place.put(made.key + MANIFEST, as_json(replace(made, **changes)))  # type: ignore[arg-type]
        return made.key.rsplit("/", 1)[-1].removesuffix(SUFFIXES[kind])


def pretended(place: Bucket, at: datetime, kind: BackupFormat = "archive", rows: int = 100) -> Manifest:
    """A manifest of a backup that never was."""
    said = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return Manifest(
        key=f"{place.prefix}{place.stem}_{at:%Y%m%d_%H%M%S}{SUFFIXES[kind]}",
        sha256="0" * 64,
        size_bytes=10,
        environment="production",
        database="belezza",
        system_identifier="1",
        server_version=160000,
        encoding="UTF8",
        collation="C",
        ctype="C",
        database_bytes=1000,
        started_at=said,
        finished_at=said,
        content=Content({"public.usuarios": TableContent(rows, "1")}),
        format=2,
        kind=kind,
        run=1,
        made_by="drbot",
    )


@pytest.fixture
def world(pg: RealPostgres, s3: RealS3, tmp_path: Path) -> Iterator[World]:
    with pg.copy_of("salon", "belezza") as name:
        yield world_of(pg, s3, name, tmp_path)


def world_of(pg: RealPostgres, s3: RealS3, name: str, tmp_path: Path) -> World:
    """The world on these servers."""
    far, folder = s3.bucket(), tmp_path / "local"
    copies = (
        CopyPlace("local", 7 * DAY_S, directory=folder),
        CopyPlace("second region", 90 * DAY_S, bucket=far),
    )
    return World(
        pg,
        Postgres(
            pg.url(name), programs=pg.programs, newest=("usuarios.criado_em", "nowhere.at", "usuarios.nome")
        ),
        s3.bucket(),
        far,
        folder,
        Keeping(30 * DAY_S, "archive", copies),
    )
