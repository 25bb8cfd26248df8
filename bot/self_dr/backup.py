"""A copy of drbot's memory while it works: one consistent moment, proven whole, then published."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.self_dr.manifest import MEMORY, Manifest
from bot.self_dr.place import place_of
from bot.store.copying import copy_memory, counts
from bot.store.database import Clock, StoreDown, iso, utc_now
from bot.store.journal import examine
from bot.store.sqlite import SqliteStore

KEEP = 7


def back_up(
    database_url: str,
    to: str,
    environment: Mapping[str, str],
    keep: int | None = None,
    clock: Clock = utc_now,
) -> tuple[str, Manifest]:
    """Copy the memory to a place; where it is now, and what it holds. Safe to do twice: two copies.

    With `keep` the oldest complete copies of this very memory beyond so many are deleted, after the new one
    is published. Raises StoreDown, UsageError, OSError, Refused, Transient; no copy appears then.
    """
    place = place_of(to, environment)
    made_at = clock()
    name = f"drbot-{made_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with tempfile.TemporaryDirectory(prefix="drbot-copy-") as folder:
        memory = Path(folder) / MEMORY
        copy_memory(database_url, memory)
        manifest = describe(memory, iso(made_at))
        where = place.write(name, memory, manifest.written())
    if keep is not None:
        mine = [
            one
            for one in place.names()
            if one and Manifest.read(place.manifest(one), one).identity == manifest.identity
        ]
        for old in mine[max(1, keep) :]:
            if old != name:  # a clock that went back gives the newest copy an old name
                place.forget(old)
    return where, manifest


def describe(memory: Path, made_at: str) -> Manifest:
    """The manifest of a copy. Raises StoreDown where its journal's chain does not hold."""
    sha256, size_bytes = digest(memory)
    held = counts(memory)
    with tempfile.TemporaryDirectory(prefix="drbot-look-") as folder:
        looked_at = Path(folder) / MEMORY
        shutil.copyfile(memory, looked_at)  # opening a store writes to it
        with closing(SqliteStore(looked_at)) as store:
            verdict = examine(store)
            if verdict.broken is not None:
                raise StoreDown(f"the memory cannot be copied as whole. {verdict.broken}")
            newest = store.read("SELECT at FROM journal ORDER BY seq DESC LIMIT 1")
            own_name = store.read("SELECT value FROM settings WHERE name = 'identity'")
    return Manifest(
        made_at=made_at,
        made_on=socket.gethostname(),
        version=own_version(),
        identity=str(own_name[0][0]) if own_name else "",
        journal_seq=verdict.head.seq,
        journal_hash=verdict.head.hash,
        newest=str(newest[0][0]) if newest else "",
        sha256=sha256,
        size_bytes=size_bytes,
        counts=held,
    )


def digest(file: Path) -> tuple[str, int]:
    """SHA-256 and size of a file, read in pieces."""
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256")
    return found.hexdigest(), file.stat().st_size


def own_version() -> str:
    """drbot's version, where it is installed as a package."""
    try:
        return version("drbot")
    except PackageNotFoundError:
        return "unknown"


def copier(database_url: str, environment: Mapping[str, str]) -> Callable[[str, int], str]:
    """What the plan's schedule `self-backup` does: `(to, keep) -> sentence`."""

    def copy(to: str, keep: int) -> str:
        where, manifest = back_up(database_url, to, environment, keep)
        return (
            f"{where}: {manifest.size_bytes} bytes, journal entry {manifest.journal_seq}, {keep} copies kept"
        )

    return copy
