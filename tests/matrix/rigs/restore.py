"""Rigs for what works on whole databases: restore, rehearse, drop what was put aside."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
import psycopg

from actions.backups.choice import MANIFEST, REHEARSED, Manifest
from actions.backups.make import dump_database
from actions.backups.names import NOT_HELD
from actions.restores.kept import Kept
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import BackupFormat
from actions.tools.postgres.server import Postgres
from tests.matrix.rigs.database import ROWS, SMALL, URL, Room, _another, _done, _room
from tests.matrix.stage import Fault, Rig, Servers, Stage
from tests.real.postgres import RealPostgres
from tests.real.s3 import KEYS, RealS3, seaweedfs

REVOKED = ("alter role {role} nocreatedb", "alter role {role} createdb")
KEPT_RUN = 7


@contextlib.contextmanager
def _backed_up(pg: RealPostgres, s3: RealS3, kind: BackupFormat) -> Iterator[tuple[Manifest, bytes]]:
    """One backup of the small database, and its bytes."""
    bucket = s3.bucket()
    server = Postgres(pg.url(SMALL), programs=pg.programs)
    at = datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC)
    made = dump_database(server, bucket, "production", at, kind=kind)
    yield made, bucket.read(made.key)


@dataclass(frozen=True)
class Shelf:
    """A stage's bucket with one backup, and where the bot finds it."""

    bucket: Bucket
    manifest: Manifest
    variables: Mapping[str, str]

    @property
    def place(self) -> dict[str, object]:
        return {"bucket": self.bucket.name, "prefix": self.bucket.prefix, "name": self.bucket.stem}

    @contextlib.contextmanager
    def deleted(self) -> Iterator[None]:
        self.bucket.delete(self.manifest.key)
        yield

    @contextlib.contextmanager
    def overwritten(self) -> Iterator[None]:
        self.bucket.put(self.manifest.key, self.bucket.read(self.manifest.key) + b"\0")
        yield

    def notes(self) -> int:
        """Those that say it held; that one did not is no effect."""
        keys = [seen.key for seen in self.bucket.list()]
        return sum(key.endswith(REHEARSED) and not key.endswith(NOT_HELD) for key in keys)


def _shelf(servers: Servers, here: Room, kind: BackupFormat) -> Shelf:
    s3 = cast(RealS3, servers.keep("seaweedfs", seaweedfs))
    backup = servers.keep(f"small backup, {kind}", lambda: _backed_up(here.pg, s3, kind))
    made, data = cast("tuple[Manifest, bytes]", backup)
    bucket = s3.bucket()
    manifest = replace(made, key=bucket.prefix + made.key.rsplit("/", 1)[-1], version_id="")
    bucket.put(manifest.key, data)
    bucket.put(manifest.key + MANIFEST, msgspec.json.encode(manifest))
    keys = {"AWS_ACCESS_KEY_ID": KEYS["accessKey"], "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"]}
    return Shelf(bucket, manifest, {URL: here.url, "AWS_ENDPOINT_URL": s3.endpoint_url, **keys})


@contextlib.contextmanager
def restore_database(servers: Servers) -> Iterator[Stage]:
    """Staging holds one row more than the backup; what was swapped away is what counts as an effect."""
    with _room(servers) as here:
        shelf = _shelf(servers, here, "plain")
        with here.pg.connect(here.database, "belezza") as session:
            session.execute("insert into usuarios values (1000, 'only in staging')")
        yield Stage(
            params={"environment": "staging"},
            environments={"production": {"backups": shelf.place}, "staging": here.plan()},
            variables=shelf.variables,
            effects=lambda: _swaps(here),
            worse=here.worse,
            faults={
                **here.faults(*REVOKED),
                Fault.VANISHED: shelf.deleted,
                Fault.CHANGED: lambda: _another(here),
                Fault.UNHEALTHY: lambda: _emptied(here),
            },
        )


@contextlib.contextmanager
def rehearse_restore(servers: Servers) -> Iterator[Stage]:
    """The note beside the backup is the effect; a database that it leaves makes the place worse."""
    with _room(servers) as here:
        shelf = _shelf(servers, here, "archive")

        def worse() -> str:
            left = [name for name in here.pg.names() if name.startswith(f"{here.database}__dr_")]
            return here.worse() or (f"{left[0]} is left" if left else "")

        original = {"name": "x", "url_env": "UNSET", "defuse": ["DELETE FROM agendamentos"]}
        yield Stage(
            params={"environment": "staging"},
            environments={
                "production": {"backups": shelf.place, "database": original},
                "staging": here.plan(),
            },
            variables=shelf.variables,
            effects=shelf.notes,
            worse=worse,
            faults={
                **here.faults(*REVOKED),
                Fault.VANISHED: shelf.deleted,
                Fault.CHANGED: shelf.overwritten,
                Fault.UNHEALTHY: lambda: _emptied(here),
            },
        )


@contextlib.contextmanager
def drop_kept_databases(servers: Servers) -> Iterator[Stage]:
    """One database that a restore put aside two days ago, and one of today that must stay."""
    with _room(servers) as here:
        old, today = f"{here.database}__old_{KEPT_RUN}", f"{here.database}__old_{KEPT_RUN + 1}"
        for name, ago in ((old, timedelta(days=2)), (today, timedelta(hours=2))):
            _put_aside(here, name, ago)

        def worse() -> str:
            return here.worse() or ("" if today in here.pg.names() else f"{today} is gone")

        yield Stage(
            params={"environment": "staging"},
            environments={"staging": here.plan()},
            variables={URL: here.url},
            effects=lambda: sum(name not in here.pg.names() for name in (old,)) - _moved(here),
            worse=worse,
            faults={
                **here.faults("revoke belezza from {role}", "grant belezza to {role}"),
                Fault.VANISHED: lambda: _done(
                    lambda: here.sql(f"ALTER DATABASE {old} RENAME TO {old}_moved")
                ),
                Fault.CHANGED: lambda: _done(lambda: here.sql(f"COMMENT ON DATABASE {old} IS 'keep this'")),
            },
        )


def _put_aside(here: Room, name: str, ago: timedelta) -> None:
    at = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
    words = msgspec.json.encode(Kept(int(name.rsplit("_", 1)[-1]), 0, "", 0, at)).decode()
    here.sql(f"CREATE DATABASE {name} OWNER belezza TEMPLATE {SMALL}")
    here.sql(f"COMMENT ON DATABASE {name} IS '{words}'")


def _rename(here: Room, name: str, new: str) -> None:
    here.sql(f"ALTER DATABASE {name} RENAME TO {new}")


def _moved(here: Room) -> int:
    return sum(name.endswith("_moved") for name in here.pg.names() if name.startswith(here.database))


def _swaps(here: Room) -> int:
    return sum(name.startswith(f"{here.database}__old_") for name in here.pg.names())


@contextlib.contextmanager
def _emptied(here: Room) -> Iterator[None]:
    """Somebody empties a table of the shadow as soon as it is filled: one that no other refers to."""
    over = threading.Event()
    thread = threading.Thread(target=_empty, args=(here, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def _empty(here: Room, over: threading.Event) -> None:
    """In the shadow from its first moment; gone from it with the last row, or it could not be dropped."""
    gone = 0
    while gone < ROWS and not over.wait(0.002):
        shadows = [name for name in here.pg.names() if name.startswith(f"{here.database}__dr_")]
        with contextlib.suppress(psycopg.Error, IndexError), here.pg.connect(shadows[0]) as session:
            while gone < ROWS and not over.wait(0.002):
                with contextlib.suppress(psycopg.errors.UndefinedTable):  # not made yet
                    gone += session.execute("delete from agendamentos").rowcount


RIGS: Mapping[str, Rig] = {
    "restore-database": restore_database,
    "rehearse-restore": rehearse_restore,
    "drop-kept-databases": drop_kept_databases,
}
