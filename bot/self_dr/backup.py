"""A copy of drbot's memory while it works: one consistent moment, proven whole, then published."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.self_dr.keeping import thin_out
from bot.self_dr.manifest import MEMORY, Manifest
from bot.self_dr.place import place_of
from bot.store.copying import copy_memory, counts, file_of, is_sqlite
from bot.store.database import Clock, StoreDown, iso, utc_now
from bot.store.journal import examine
from bot.store.sqlite import SqliteStore

KEPT = " copies kept"


@dataclass(frozen=True)
class Copied:
    """A copy that is complete: where it is, what it holds, and what a person should know of its place."""

    where: str
    manifest: Manifest
    notes: tuple[str, ...] = ()


def back_up(
    database_url: str,
    to: str,
    environment: Mapping[str, str],
    keep: int | None = None,
    clock: Clock = utc_now,
) -> Copied:
    """Copy the memory to a place. Safe to do twice: two copies.

    With `keep` the oldest complete copies of this very memory beyond so many are deleted, after the new one
    is published: what cannot be deleted then is a note. Raises StoreDown, UsageError, OSError, Refused,
    Transient; no copy appears then.
    """
    place = place_of(to, environment)
    made_at = clock()
    name = f"drbot-{made_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with tempfile.TemporaryDirectory(prefix="drbot-copy-") as folder:
        memory = Path(folder) / MEMORY
        copy_memory(database_url, memory)
        manifest = describe(memory, iso(made_at))
        where = place.write(name, memory, manifest.written())
    notes = list(thin_out(place, name, manifest, keep)) if keep is not None else []
    if is_sqlite(database_url) and place.shares_disk(file_of(database_url)):
        notes.insert(0, "it is on the same disk as the memory: whoever loses that disk loses both")
    return Copied(where, manifest, tuple(notes))


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
            returns = store.read("SELECT at, data FROM journal WHERE kind = 'memory-restored' ORDER BY seq")
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
        came_from={str(json.loads(data).get("identity", "")): str(at) for at, data in returns},
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
        done = back_up(database_url, to, environment, keep)
        held = done.manifest
        said = f"{done.where}: {held.size_bytes} bytes, journal entry {held.journal_seq}, {keep}{KEPT}"
        return "; ".join((said, *done.notes))

    return copy
