"""Database backups in S3: their names, and which of them may be used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

import msgspec

from actions.backup_manifest import (
    CHECKSUM,
    KINDS,
    MANIFEST,
    REHEARSED,
    SUFFIXES,
    Extension,
    Manifest,
    is_sha256,
)
from actions.failures import Refused
from actions.tools.copies import BackupFormat
from actions.tools.s3 import ObjectSeen
from actions.tools.shelf import Shelf

__all__ = [
    "CHECKSUM",
    "MANIFEST",
    "REHEARSED",
    "TEMPORARY",
    "Backup",
    "Extension",
    "Manifest",
    "NotBelieved",
    "Proof",
    "backups_in",
    "bare",
    "choose",
    "kind_of",
    "list_backups",
    "read_checksum",
    "read_manifest",
    "taken_at",
]
TEMPORARY = ".tmp/"
"""Under the prefix: what runs have not finished. Nobody takes a backup from there."""
CLOCK_SLACK = timedelta(minutes=10)


class NotBelieved(Refused):
    """A manifest that is broken, or speaks of another object: its backup proves nothing."""


class Proof(Enum):
    """What a backup can be checked against."""

    MANIFEST = "manifest"
    CHECKSUM = "checksum only"
    NONE = "nothing"


@dataclass(frozen=True)
class Backup:
    """One dump of the list; only an `id` of the list can be asked for.

    `id` is its name without the suffix, `kind` what the suffix says: `.dump` is an archive for pg_restore,
    `.sql.gz` is plain SQL. `taken_at` is the time in its name, or that of its upload where that is earlier.
    """

    id: str
    object: ObjectSeen
    taken_at: datetime
    proof: Proof
    remark: str = ""
    kind: BackupFormat = "plain"

    @property
    def file_name(self) -> str:
        """The last part of its key, with the suffix."""
        return self.object.key.rsplit("/", 1)[-1]


def kind_of(name: str) -> BackupFormat | None:
    """What the suffix of a file name or key says of how it is restored, or None."""
    return next((kind for suffix, kind in KINDS.items() if name.endswith(suffix)), None)


def bare(name: str) -> str:
    """The name without the suffix of a backup, if it has one."""
    suffix = next((suffix for suffix in KINDS if name.endswith(suffix)), "")
    return name.removesuffix(suffix)


def taken_at(stem: str, name: str) -> datetime | None:
    """The time in `<stem>_YYYYMMDD_HHMMSS` and a suffix of KINDS; None where the name is not exactly that."""
    found = re.fullmatch(rf"{re.escape(stem)}_([0-9]{{8}})_([0-9]{{6}})\.(dump|dump\.zst|sql\.gz)", name)
    if found is None:
        return None
    try:
        return datetime.strptime(f"{found[1]}{found[2]}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def list_backups(bucket: Shelf) -> tuple[Backup, ...]:
    """Every dump under the prefix whose name is right, newest first, with what proves it.

    Raises Refused where S3 says no, or where nothing is there: an empty place is never a success.
    """
    found, others = backups_in(bucket)
    if not found:
        raise Refused(
            f"no backup named {bucket.stem}_YYYYMMDD_HHMMSS{SUFFIXES['archive']} or {SUFFIXES['plain']} under"
            f" {bucket.place} ({others} other objects there): check the plan's bucket and prefix, and the"
            " backup job"
        )
    return found


def backups_in(bucket: Shelf) -> tuple[tuple[Backup, ...], int]:
    """The same, perhaps none, and how many other objects are there. Raises Refused where S3 says no."""
    objects = {entry.key: entry for entry in bucket.list()}
    found = [
        backup
        for key, entry in objects.items()
        if (backup := _backup(bucket, key, entry, objects.keys())) is not None
    ]
    found.sort(key=lambda backup: (backup.taken_at, backup.id), reverse=True)
    return tuple(found), len(objects) - len(found)


def _backup(bucket: Shelf, key: str, entry: ObjectSeen, keys: Iterable[str]) -> Backup | None:
    name = key.rsplit("/", 1)[-1]
    at, kind = taken_at(bucket.stem, name), kind_of(name)
    if at is None or kind is None or f"/{TEMPORARY}" in f"/{key}":
        return None
    proof = (
        Proof.MANIFEST if key + MANIFEST in keys else Proof.CHECKSUM if key + CHECKSUM in keys else Proof.NONE
    )
    remark = ""
    if at > entry.modified_at + CLOCK_SLACK:
        remark = "its name is later than its upload: a clock was wrong"
        at = entry.modified_at
    elif proof is Proof.NONE:
        remark = "neither manifest nor checksum: unfinished, or made by another tool"
    return Backup(bare(name), entry, at, proof, remark, kind)


def choose(backups: tuple[Backup, ...], wanted: str) -> Backup:
    """The newest that can be proven, for `latest`; else the one with this id. Raises Refused."""
    if wanted == "latest":
        provable = [backup for backup in backups if backup.proof is not Proof.NONE]
        if not provable:
            raise Refused(
                f"none of the {len(backups)} backups has a manifest or a checksum: none can be proven whole."
                " Nothing was changed. Make a new backup."
            )
        return provable[0]
    named = [backup for backup in backups if wanted in (backup.id, backup.file_name)]
    if len(named) != 1:
        near = ", ".join(backup.id for backup in backups[:3])
        problem = "is on the list more than once" if named else "is not on the list"
        raise Refused(f"{wanted[:80]!r} {problem}: say latest, or one of {near}")
    if named[0].proof is Proof.NONE:
        raise Refused(
            f"{wanted} has neither manifest nor checksum, so nothing can prove it whole: choose another"
        )
    return named[0]


def read_manifest(bucket: Shelf, backup: Backup) -> Manifest:
    """The manifest of a backup. Raises NotBelieved where it is broken or speaks of another object."""
    key = backup.object.key
    try:
        manifest = msgspec.json.decode(bucket.read(key + MANIFEST), type=Manifest)
    except msgspec.MsgspecError as error:
        raise NotBelieved(
            f"the manifest of {backup.id} cannot be read: {error}. Choose another backup."
        ) from error
    if (manifest.key, manifest.size_bytes, manifest.kind) != (key, backup.object.size_bytes, backup.kind):
        raise NotBelieved(
            f"the manifest of {backup.id} speaks of another object ({manifest.key}, {manifest.kind},"
            f" {manifest.size_bytes:,} bytes; here {backup.kind}, {backup.object.size_bytes:,}):"
            " one of the two was replaced. Choose another backup."
        )
    if manifest.version_id and (now := bucket.head(key).version_id) != manifest.version_id:
        raise NotBelieved(
            f"{backup.id} was written again after it was published (version {now or 'none'}, its manifest"
            f" says {manifest.version_id}): nothing of it was used. Choose another backup."
        )
    return manifest


def read_checksum(bucket: Shelf, backup: Backup) -> str:
    """The digest in `<key>.sha256`, as sha256sum writes it. Raises Refused where it is none of this file."""
    words = bucket.read(backup.object.key + CHECKSUM, limit_bytes=4096).decode(errors="replace").split()
    name = backup.file_name
    if not words or not is_sha256(words[0].lower()):
        raise Refused(f"{name}{CHECKSUM} holds no SHA-256: choose another backup")
    if len(words) > 1 and words[1].lstrip("*").rsplit("/", 1)[-1] != name:
        raise Refused(f"{name}{CHECKSUM} is the checksum of {words[1][:80]}: choose another backup")
    return words[0].lower()
