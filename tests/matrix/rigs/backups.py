"""Rigs for backups: the small database, a place in SeaweedFS behind a proxy, and a folder for the copies."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from actions.backups.make import dump_database
from actions.backups.manifest import CHECKSUM, MANIFEST, Manifest
from actions.backups.publish import as_json
from actions.tools.aws.s3 import Bucket
from actions.tools.postgres.content import Content
from actions.tools.postgres.server import Postgres
from tests.matrix.rigs.database import SMALL, URL, Room, _another, _room
from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.postgres import RealPostgres
from tests.real.proxy import Proxy, proxy
from tests.real.s3 import KEYS, RealS3, seaweedfs

DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
KEPT_S = 1.0
DUMPED_AT = datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Shelves:
    """A stage's places: the bucket (past the proxy), the proxy on the bot's way to it, and a folder."""

    bucket: Bucket
    way: Proxy
    folder: Path

    def plan(self, **also: object) -> dict[str, object]:
        place = {"bucket": self.bucket.name, "prefix": self.bucket.prefix, "name": self.bucket.stem}
        copies = {"local": {"directory": str(self.folder / "copies"), "keep": "7d"}}
        return {**place, "copies": copies, **also}

    @property
    def variables(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.way.url,
            "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
            "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
        }

    def faults(self) -> dict[Fault, Inject]:
        return {
            Fault.GONE: self.way.refuse,
            Fault.TIMEOUT: self.way.hang,
            Fault.DENIED: lambda: self.way.answer(403, DENIED, "application/xml"),
        }

    def published(self) -> list[str]:
        """The keys of the manifests that are no longer temporary."""
        return [
            seen.key
            for seen in self.bucket.list()
            if seen.key.endswith(MANIFEST) and "/.tmp/" not in seen.key
        ]

    @contextlib.contextmanager
    def deleted(self, key: str) -> Iterator[None]:
        for name in (key, key + MANIFEST):
            self.bucket.delete(name)
        yield

    @contextlib.contextmanager
    def overwritten(self, key: str) -> Iterator[None]:
        self.bucket.put(key, b"something else")
        yield

    @contextlib.contextmanager
    def blocked(self) -> Iterator[None]:
        """A file is in the way of the folder of copies."""
        shutil.rmtree(self.folder / "copies", ignore_errors=True)
        (self.folder / "copies").write_text("in the way")
        yield


@contextlib.contextmanager
def _shelves(servers: Servers) -> Iterator[Shelves]:
    s3 = cast(RealS3, servers.keep("seaweedfs", seaweedfs))
    port = int(s3.endpoint_url.rsplit(":", 1)[-1])
    with proxy(("127.0.0.1", port)) as way, tempfile.TemporaryDirectory() as folder:
        yield Shelves(s3.bucket(), way, Path(folder))


@contextlib.contextmanager
def _archived(pg: RealPostgres, s3: RealS3) -> Iterator[tuple[Manifest, bytes]]:
    """One archive of the small database, and its bytes."""
    bucket = s3.bucket()
    made = dump_database(
        Postgres(pg.url(SMALL), programs=pg.programs), bucket, "staging", DUMPED_AT, kind="archive"
    )
    yield made, bucket.read(made.key)


@contextlib.contextmanager
def _with_one(servers: Servers) -> Iterator[tuple[Room, Shelves, str]]:
    """A room, its places, and the key of one real backup in them."""
    with _room(servers) as room, _shelves(servers) as shelves:
        s3 = cast(RealS3, servers.keep("seaweedfs", seaweedfs))
        kept = servers.keep("small archive", lambda: _archived(room.pg, s3))
        manifest, data = cast("tuple[Manifest, bytes]", kept)
        manifest = replace(manifest, key=shelves.bucket.prefix + manifest.key.rsplit("/", 1)[-1])
        shelves.bucket.put(manifest.key, data)
        shelves.bucket.put(manifest.key + MANIFEST, as_json(manifest))
        yield room, shelves, manifest.key


@contextlib.contextmanager
def back_up_database(servers: Servers) -> Iterator[Stage]:
    """One backup is there already; every other that is published counts as an effect."""
    with _with_one(servers) as (room, shelves, older):

        def worse() -> str:
            missing = older + MANIFEST not in shelves.published()
            return room.worse() or ("the older backup is gone" if missing else "")

        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {**room.plan(), "backups": shelves.plan()}},
            variables={URL: room.url, **shelves.variables},
            effects=lambda: len(shelves.published()) - 1,
            worse=worse,
            faults={
                **room.faults("revoke belezza from {role}", "grant belezza to {role}"),
                Fault.VANISHED: lambda: _renamed(room),
                Fault.CHANGED: lambda: _another(room),
                Fault.PARTIAL: shelves.blocked,
            },
        )


@contextlib.contextmanager
def _renamed(room: Room) -> Iterator[None]:
    """Nothing of that name for as long as the block lasts."""
    here, away = room.database, f"{room.database}__away"
    with room.pg.connect() as session:
        session.execute(f"ALTER DATABASE {here} RENAME TO {away}".encode())
        try:
            yield
        finally:
            session.execute(f"ALTER DATABASE {away} RENAME TO {here}".encode())


@contextlib.contextmanager
def _look(servers: Servers) -> Iterator[Stage]:
    with _with_one(servers) as (room, shelves, _):
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {**room.plan(), "backups": shelves.plan()}},
            variables={URL: room.url, **shelves.variables},
            effects=lambda: 0,
            worse=lambda: "" if len(shelves.published()) <= 1 else "a backup was made by looking",
            faults=shelves.faults(),
        )


@contextlib.contextmanager
def verify_backup(servers: Servers) -> Iterator[Stage]:
    with _with_one(servers) as (room, shelves, key):
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {**room.plan(), "backups": shelves.plan()}},
            variables={URL: room.url, **shelves.variables},
            effects=lambda: 0,
            worse=lambda: "",
            faults={
                **shelves.faults(),
                Fault.VANISHED: lambda: shelves.deleted(key),
                Fault.CHANGED: lambda: shelves.overwritten(key),
            },
        )


@contextlib.contextmanager
def expire_backups(servers: Servers) -> Iterator[Stage]:
    """Two backups, of which one may go: its end is the effect."""
    with _room(servers) as room, _shelves(servers) as shelves:
        old, new = (_pretended(shelves.bucket, timedelta(seconds=age)) for age in (60, 0))
        for manifest in (old, new):
            shelves.bucket.put(manifest.key, b"x" * manifest.size_bytes)
            shelves.bucket.put(manifest.key + CHECKSUM, b"")
            shelves.bucket.put(manifest.key + MANIFEST, as_json(manifest))
        backups = shelves.plan(keep=f"{KEPT_S:.0f}s", keep_at_least=1, copies={})

        def gone() -> int:
            """Whoever else deletes it leaves its checksum behind."""
            return int(all(not seen.key.startswith(old.key) for seen in shelves.bucket.list()))

        def worse() -> str:
            return "" if new.key + MANIFEST in shelves.published() else "the newest backup is gone"

        _wait_until_older(shelves.bucket, new.key)
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {**room.plan(), "backups": backups}},
            variables={URL: room.url, **shelves.variables},
            effects=gone,
            worse=worse,
            faults={
                **shelves.faults(),
                Fault.VANISHED: lambda: shelves.deleted(old.key),
                Fault.CHANGED: lambda: shelves.overwritten(old.key),
            },
        )


def _wait_until_older(bucket: Bucket, key: str) -> None:
    """Until it is older than backups are kept: nothing tells that but the clock."""
    until = bucket.head(key).modified_at + timedelta(seconds=KEPT_S + 1)
    while datetime.now(UTC) < until:
        time.sleep(0.05)


def _pretended(bucket: Bucket, age: timedelta) -> Manifest:
    """The manifest of a backup of that age that never was."""
    at = datetime.now(UTC) - age
    said = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return Manifest(
        key=f"{bucket.prefix}{bucket.stem}_{at:%Y%m%d_%H%M%S}.dump", sha256="0" * 64, size_bytes=10,
        environment="staging", database="small", system_identifier="1", server_version=160000,
        encoding="UTF8", collation="C", ctype="C", database_bytes=1000, started_at=said, finished_at=said,
        content=Content(), format=2, kind="archive", run=1, made_by="drbot",
    )  # fmt: skip


RIGS: Mapping[str, Rig] = {
    "back-up-database": back_up_database,
    "expire-backups": expire_backups,
    "look-at-backups": _look,
    "verify-backup": verify_backup,
}
