"""The newest backup that can be proven, as a look sees it; what is dated ahead orders nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.amounts import span_text
from actions.backups.choice import Backup, NotBelieved, Proof, read_manifest, started_at
from actions.backups.manifest import Manifest
from actions.tools.aws.s3 import Bucket

CLOCKS_AGREE = timedelta(minutes=10)


@dataclass(frozen=True)
class Newest:
    """One backup with its manifest, if it has one, and the moment of which its data is."""

    backup: Backup
    manifest: Manifest | None
    data_of: datetime


@dataclass(frozen=True)
class Proven:
    """The newest that is not dated ahead, None where there is none, and what is said of those that are."""

    newest: Newest | None
    ahead: str = ""


def newest_proven(bucket: Bucket, backups: tuple[Backup, ...], now: datetime) -> Proven:
    """Look through them, newest first; one whose manifest is broken is passed over.

    Ahead is what comes later than now both by its name and by its upload: then the clock of the storage was
    wrong as well, or is. No data is newer than its upload. Raises Refused, Transient.
    """
    latest = now + CLOCKS_AGREE
    ahead = [one for one in backups if one.proof is not Proof.NONE and one.taken_at > latest]
    said = _said(ahead[0], len(ahead), now) if ahead else ""
    for backup in backups:
        if backup.proof is Proof.NONE or backup.taken_at > latest:
            continue
        try:
            manifest = read_manifest(bucket, backup) if backup.proof is Proof.MANIFEST else None
        except NotBelieved:
            continue
        told = started_at(manifest) if manifest else None
        at = min(told or backup.taken_at, backup.object.modified_at)
        return Proven(Newest(backup, manifest, at if at <= latest else backup.taken_at), said)
    return Proven(None, said)


def _said(first: Backup, count: int, now: datetime) -> str:
    others = f" (and {count - 1} more)" if count > 1 else ""
    by = span_text((first.taken_at - now).total_seconds())
    return (
        f"{first.id}{others} is dated {by} ahead of now: a clock is or was wrong, and which backup is the"
        " newest is not known. Set the clocks right (NTP), make a backup, and move that one elsewhere"
    )
