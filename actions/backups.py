"""Database backups in S3: their names, their manifests, and which of them may be used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

import msgspec

from actions.failures import Refused
from actions.tools.content import Content
from actions.tools.s3 import Bucket, ObjectSeen

SUFFIX = ".sql.gz"
MANIFEST = ".manifest.json"
CHECKSUM = ".sha256"
REHEARSED = ".rehearsed.json"
"""Beside a backup that was loaded and compared row for row: when, by which run, how many rows."""
CLOCK_SLACK = timedelta(minutes=10)
_HEX = re.compile(r"[0-9a-f]{64}")


class Proof(Enum):
    """What a backup can be checked against."""

    MANIFEST = "manifest"
    CHECKSUM = "checksum only"
    NONE = "nothing"


@dataclass(frozen=True)
class Extension:
    name: str
    version: str


@dataclass(frozen=True)
class Manifest:
    """What the maker of a dump wrote beside it, last; it is what publishes the dump.

    `roles` are those that the dump grants rights to. Times are ISO 8601 UTC by the database's clock.
    Versions are PostgreSQL's numbers (160014 is 16.14). `content` was read in the dump's own snapshot.
    """

    key: str
    sha256: str
    size_bytes: int
    environment: str
    database: str
    system_identifier: str
    server_version: int
    encoding: str
    collation: str
    ctype: str
    database_bytes: int
    started_at: str
    finished_at: str
    content: Content
    extensions: tuple[Extension, ...] = ()
    roles: tuple[str, ...] = ()
    format: int = 1

    def __post_init__(self) -> None:
        if not _HEX.fullmatch(self.sha256):
            raise ValueError("sha256 is not 64 hexadecimal digits")
        if self.format != 1:
            raise ValueError(f"format {self.format} is newer than this drbot knows")


@dataclass(frozen=True)
class Backup:
    """One dump of the list. `id` is its name without `.sql.gz`; only an id of the list can be asked for."""

    id: str
    object: ObjectSeen
    taken_at: datetime
    proof: Proof
    remark: str = ""


def taken_at(stem: str, name: str) -> datetime | None:
    """The time in `<stem>_YYYYMMDD_HHMMSS.sql.gz`, or None where the name is not exactly that."""
    found = re.fullmatch(rf"{re.escape(stem)}_([0-9]{{8}})_([0-9]{{6}})\.sql\.gz", name)
    if found is None:
        return None
    try:
        return datetime.strptime(f"{found[1]}{found[2]}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def list_backups(bucket: Bucket) -> tuple[Backup, ...]:
    """Every dump under the prefix whose name is right, newest first, with what proves it.

    Raises Refused where S3 says no, or where nothing is there: an empty place is never a success.
    """
    objects = {entry.key: entry for entry in bucket.list()}
    found = [
        backup
        for key, entry in objects.items()
        if (backup := _backup(bucket.stem, key, entry, objects.keys()))
    ]
    if not found:
        raise Refused(
            f"no backup named {bucket.stem}_YYYYMMDD_HHMMSS{SUFFIX} under {bucket.place}"
            f" ({len(objects)} other objects there): check the plan's bucket and prefix, and the backup job"
        )
    return tuple(sorted(found, key=lambda backup: (backup.taken_at, backup.id), reverse=True))


def _backup(stem: str, key: str, entry: ObjectSeen, keys: Iterable[str]) -> Backup | None:
    name = key.rsplit("/", 1)[-1]
    at = taken_at(stem, name)
    if at is None or "/.tmp/" in key:
        return None
    proof = (
        Proof.MANIFEST if key + MANIFEST in keys else Proof.CHECKSUM if key + CHECKSUM in keys else Proof.NONE
    )
    remark = ""
    if at > entry.modified_at + CLOCK_SLACK:
        remark = "its name is later than its upload: a clock was wrong"
    elif proof is Proof.NONE:
        remark = "neither manifest nor checksum: unfinished, or made by another tool"
    return Backup(name.removesuffix(SUFFIX), entry, at, proof, remark)


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
    named = [backup for backup in backups if backup.id == wanted.removesuffix(SUFFIX)]
    if len(named) != 1:
        near = ", ".join(backup.id for backup in backups[:3])
        problem = "is on the list more than once" if named else "is not on the list"
        raise Refused(f"{wanted[:80]!r} {problem}: say latest, or one of {near}")
    if named[0].proof is Proof.NONE:
        raise Refused(
            f"{wanted} has neither manifest nor checksum, so nothing can prove it whole: choose another"
        )
    return named[0]


def read_manifest(bucket: Bucket, backup: Backup) -> Manifest:
    """The manifest of a backup. Raises Refused where it is broken or speaks of another object."""
    key = backup.object.key
    try:
        manifest = msgspec.json.decode(bucket.read(key + MANIFEST), type=Manifest)
    except msgspec.MsgspecError as error:
        raise Refused(
            f"the manifest of {backup.id} cannot be read: {error}. Choose another backup."
        ) from error
    if manifest.key != key or manifest.size_bytes != backup.object.size_bytes:
        raise Refused(
            f"the manifest of {backup.id} speaks of another object ({manifest.key}, "
            f"{manifest.size_bytes:,} bytes; here {backup.object.size_bytes:,}):"
            " one of the two was replaced. Choose another backup."
        )
    return manifest


def read_checksum(bucket: Bucket, backup: Backup) -> str:
    """The digest in `<key>.sha256`, as sha256sum writes it. Raises Refused where it is none of this file."""
    words = bucket.read(backup.object.key + CHECKSUM, limit_bytes=4096).decode(errors="replace").split()
    name = backup.id + SUFFIX
    if not words or not _HEX.fullmatch(words[0].lower()):
        raise Refused(f"{name}{CHECKSUM} holds no SHA-256: choose another backup")
    if len(words) > 1 and words[1].lstrip("*").rsplit("/", 1)[-1] != name:
        raise Refused(f"{name}{CHECKSUM} is the checksum of {words[1][:80]}: choose another backup")
    return words[0].lower()
