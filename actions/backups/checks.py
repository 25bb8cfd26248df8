"""Whether a backup is what it says, read back from where it lies; and a new one as people will find it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from actions.backups.choice import Backup, Proof, choose, list_backups, read_checksum, read_manifest
from actions.backups.manifest import Manifest
from actions.failures import NotVerified, Refused
from actions.tools.dumps.programs import pg_dump_program
from actions.tools.dumps.read import Contents, read_contents, seen_to_its_end
from actions.tools.dumps.shelf import Shelf, content_of
from actions.tools.dumps.stages import drawn
from actions.tools.dumps.zstd_pack import unpacked
from actions.tools.postgres.content import Tell, untold
from actions.tools.postgres.server import Postgres
from actions.tools.toolbox import Toolbox

OLDEST_MAJOR = 12
_EVERY_CHUNK = 32


@dataclass(frozen=True)
class ReadBack:
    """What reading it back found: bytes, and an archive's contents."""

    size_bytes: int
    contents: Contents | None
    by: Proof


def check_whole(
    shelf: Shelf, backup: Backup, server: Postgres, tell: Tell = untold, sha256: str = ""
) -> ReadBack:
    """Read every byte of it and compare with what was written when it was made.

    `sha256` is what it must be, where that is known from elsewhere; else its manifest or checksum says.
    Raises NotVerified where it is not that, Refused where nothing says what it must be.
    """
    manifest: Manifest | None = None
    if backup.proof is Proof.MANIFEST:
        manifest = read_manifest(shelf, backup)
        told = manifest.sha256
    elif backup.proof is Proof.CHECKSUM:
        told = read_checksum(shelf, backup)
    else:
        raise Refused(f"{backup.id} has neither manifest nor checksum: nothing says what it must be")
    if sha256 and told != sha256:
        raise NotVerified(f"{shelf.place} describes another dump under the name {backup.id}")
    whole = _Whole(backup.object.size_bytes, tell)
    chunks = whole.hashed(content_of(shelf, shelf.head(backup.object.key)))
    for _ in seen_to_its_end(chunks) if backup.kind == "plain" else chunks:
        pass
    if whole.sha256 != told:
        raise NotVerified(
            f"{backup.id} in {shelf.place} is not what was written (SHA-256 {whole.sha256[:12]}…, its"
            f" {backup.proof.value} says {told[:12]}…)"
        )
    key = backup.object.key
    contents = contents_of(shelf, key, server, manifest) if backup.kind == "archive" else None
    return ReadBack(whole.size_bytes, contents, backup.proof)


def contents_of(shelf: Shelf, key: str, server: Postgres, manifest: Manifest | None) -> Contents:
    """The table of contents of the archive stored under a key.

    Raises NotVerified where it cannot be read, or names too few tables.
    """
    major = int(manifest.pg_dump.split(".")[0]) if manifest and manifest.pg_dump else OLDEST_MAJOR
    program = pg_dump_program(server, major).restore
    contents = read_contents(program, unpacked(content_of(shelf, shelf.head(key))))
    if manifest and contents.tables < _tables(manifest):
        raise NotVerified(
            f"its table of contents names the rows of {contents.tables} tables, the manifest has"
            f" {_tables(manifest)}"
        )
    return contents


def _tables(manifest: Manifest) -> int:
    """Tables whose rows a dump holds: a materialized view is made anew instead."""
    if manifest.format > 2:
        return len(manifest.content.tables)
    return len(manifest.content.tables) - manifest.inventory.get("materialized views", 0)


class _Whole:
    """Hashes what goes through it."""

    def __init__(self, size_bytes: int, tell: Tell) -> None:
        self._of_bytes = size_bytes
        self._tell = tell
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def hashed(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        with drawn(chunks) as source:
            for number, chunk in enumerate(source):
                self._hash.update(chunk)
                self.size_bytes += len(chunk)
                if number % _EVERY_CHUNK == 0:
                    self._tell(f"read {self.size_bytes / 1e6:.1f} of {self._of_bytes / 1e6:.1f} MB")
                yield chunk


def find_listed(shelf: Shelf, manifest: Manifest) -> tuple[Backup, Backup]:
    """The published backup as it is listed, and what a restore of `latest` would take.

    Raises NotVerified where it is not on the list, or another manifest is beside it.
    """
    backups = list_backups(shelf)
    listed = next((one for one in backups if one.object.key == manifest.key), None)
    if listed is None or listed.proof is not Proof.MANIFEST:
        raise NotVerified(f"{manifest.key} is not listed as a proven backup in {shelf.place}")
    if read_manifest(shelf, listed).sha256 != manifest.sha256:
        raise NotVerified(f"the manifest of {listed.id} is not the one that was written")
    return listed, choose(backups, "latest")


def programs_of(tools: Toolbox, environment: str) -> Postgres:
    """Where the programs of an environment are; the usual places where it names no database."""
    try:
        return tools.postgres(environment)
    except Refused:
        return Postgres("")
