"""A small database that is backed up, and restored into another one, for what is odd in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from actions.backups.choice import MANIFEST, Manifest
from actions.backups.make import dump_database
from actions.plan import Evidence
from actions.restores.restore import restore_database
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import BackupFormat
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3

_numbers = itertools.count(500)


@dataclass(frozen=True)
class Round:
    """A database `source`, made by the statements of a test, its backups and an empty `target`."""

    pg: RealPostgres
    bucket: Bucket
    source: str
    target: str

    def ask(self, database: str, query: str, user: str = "postgres") -> object:
        """The first column of the first row, or None."""
        with self.pg.connect(database, user) as session:
            found = session.execute(query.encode())
            row = found.fetchone() if found.description else None
            return row[0] if row else None

    def server(self, database: str) -> Postgres:
        return Postgres(self.pg.url(database), programs=self.pg.programs)

    @property
    def tools(self) -> FixedToolbox:
        servers = {"production": self.server(self.source), "staging": self.server(self.target)}
        return FixedToolbox(servers, {"production": self.bucket, "staging": self.bucket})

    def backed_up(self, kind: BackupFormat) -> Manifest:
        at = datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC)
        return dump_database(self.server(self.source), self.bucket, "production", at, kind=kind)

    def described(self, manifest: Manifest, change: Callable[[Manifest], Manifest]) -> None:
        """Write the manifest of the backup again, otherwise."""
        self.bucket.put(manifest.key + MANIFEST, msgspec.json.encode(change(manifest)))

    def restored(self) -> list[Evidence]:
        """Every guard, step and check of a restore of the newest backup into the target."""
        _, plan = planned(restore_database, self.tools, environment="staging")
        return run(plan, self.tools, next(_numbers), tell=lambda said: None)


@contextmanager
def round_of(pg: RealPostgres, s3: RealS3, *statements: str, user: str = "belezza") -> Iterator[Round]:
    """A database made by these statements, and an empty target; both go away."""
    with pg.copy_of("template0", "source") as source, pg.copy_of("template0", "target") as target:
        with pg.connect(source, user) as session:
            for statement in statements:
                session.execute(statement.encode())
        yield Round(pg, s3.bucket(), source, target)


def of_format_2(manifest: Manifest) -> Manifest:
    """The same as a manifest of before format 3."""
    return replace(manifest, format=2)
