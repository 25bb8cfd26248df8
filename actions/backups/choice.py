"""Database backups in S3: their names, and which of them may be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from actions.backups.manifest import (
    CHECKSUM,
    MANIFEST,
    REHEARSED,
    SUFFIXES,
    Extension,
    Manifest,
    is_sha256,
)
from actions.backups.names import (
    CLOCK_SLACK,
    NOT_HELD,
    TEMPORARY,
    Backup,
    Proof,
    backup_seen,
    bare,
    kind_of,
    taken_at,
)
from actions.failures import Refused
from actions.tools.dumps.shelf import Shelf

__all__ = [
    "CHECKSUM",
    "CLOCK_SLACK",
    "MANIFEST",
    "NOT_HELD",
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
    "started_at",
    "taken_at",
]
ORDERED = 5
"""Of so many, the newest by name, the manifest says when they were taken."""


class NotBelieved(Refused):
    """A manifest that is broken, or speaks of another object: its backup proves nothing."""


def list_backups(bucket: Shelf) -> tuple[Backup, ...]:
    """Every dump under the prefix whose name is right, newest first, with what proves it.

    Which is the newest is for their manifests to say, not for their names (read of the newest five). Raises
    Refused where S3 says no, or where nothing is there: an empty place is never a success.
    """
    found, others = backups_in(bucket)
    if not found:
        raise Refused(
            f"no backup named {bucket.stem}_YYYYMMDD_HHMMSS{SUFFIXES['archive']} or {SUFFIXES['plain']} under"
            f" {bucket.place} ({others} other objects there): check the plan's bucket and prefix, and the"
            " backup job"
        )
    read = {one.object.key for one in [one for one in found if one.proof is Proof.MANIFEST][:ORDERED]}
    told = (_by_its_manifest(bucket, one) if one.object.key in read else one for one in found)
    return tuple(sorted(told, key=_age, reverse=True))


def _age(backup: Backup) -> tuple[datetime, str]:
    return backup.taken_at, backup.id


def _by_its_manifest(bucket: Shelf, backup: Backup) -> Backup:
    """The same with the time that its manifest tells, if that can be read and believed."""
    try:
        told = started_at(read_manifest(bucket, backup))
    except Refused:
        return backup  # whoever takes it reads the manifest again, and is told why it cannot be believed
    if told is None:
        return backup
    at = min(told, backup.object.modified_at)
    if abs(at - backup.taken_at) <= CLOCK_SLACK:
        return replace(backup, taken_at=at)
    said = f"its name says {backup.taken_at:%Y-%m-%d %H:%M} UTC, its manifest {at:%Y-%m-%d %H:%M} UTC"
    return replace(backup, taken_at=at, remark="; ".join(filter(None, (backup.remark, said))))


def started_at(manifest: Manifest) -> datetime | None:
    """The moment of which its data is (UTC); None where it is no time with a zone."""
    try:
        at = datetime.fromisoformat(manifest.started_at)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def backups_in(bucket: Shelf) -> tuple[tuple[Backup, ...], int]:
    """The same by their names, perhaps none, and how many other objects are there. Raises Refused."""
    objects = {entry.key: entry for entry in bucket.list()}
    found = [backup for key in objects if (backup := backup_seen(bucket.stem, key, objects)) is not None]
    found.sort(key=_age, reverse=True)
    return tuple(found), len(objects) - len(found)


def choose(backups: tuple[Backup, ...], wanted: str) -> Backup:
    """For `latest`, the newest that can be proven and that no rehearsal disproved; else the one with this id.

    What was passed over stands in its remark. Raises Refused.
    """
    if wanted == "latest":
        return _latest(backups)
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


def _latest(backups: tuple[Backup, ...]) -> Backup:
    provable = [backup for backup in backups if backup.proof is not Proof.NONE]
    if not provable:
        raise Refused(
            f"none of the {len(backups)} backups has a manifest or a checksum: none can be proven whole."
            " Nothing was changed. Make a new backup."
        )
    number = next((number for number, one in enumerate(provable) if not one.disproved), None)
    if number is None:
        raise Refused(
            f"no backup that can be proven held when it was last rehearsed ({_names(provable)}): latest takes"
            " none of them. Nothing was changed. Name one to take it all the same, or make a new backup."
        )
    if number == 0:
        return provable[0]
    taken = provable[number]
    over = f"{_names(provable[:number])} passed over: newer, but did not hold when rehearsed"
    return replace(taken, remark="; ".join(filter(None, (taken.remark, over))))


def _names(backups: Sequence[Backup]) -> str:
    more = f" and {len(backups) - 3} more" if len(backups) > 3 else ""
    return f"{', '.join(backup.id for backup in backups[:3])}{more}"


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
