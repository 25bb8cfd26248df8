"""One backup of a place: what its name, what is beside it, and the storage's clock say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from actions.backups.manifest import CHECKSUM, KINDS, MANIFEST, REHEARSED
from actions.tools.aws.s3 import ObjectSeen
from actions.tools.dumps.copies import BackupFormat

TEMPORARY = ".tmp/"
"""Under the prefix: what runs have not finished. Nobody takes a backup from there."""
NOT_HELD = ".failed.rehearsed.json"
"""Beside a backup whose rehearsal did not hold: by which run, when, and why. Its end is that of REHEARSED, so
that whoever may write the one may write the other."""
CLOCK_SLACK = timedelta(minutes=10)


class Proof(Enum):
    """What a backup can be checked against."""

    MANIFEST = "manifest"
    CHECKSUM = "checksum only"
    NONE = "nothing"


@dataclass(frozen=True)
class Backup:
    """One dump of the list; only an `id` of the list can be asked for.

    `id` is its name without the suffix, `kind` what the suffix says: `.dump` is an archive for pg_restore,
    `.sql.gz` is plain SQL. `taken_at` is the time in its manifest, where that was read, or in its name; or
    that of its upload where that is earlier. `disproved`: its last rehearsal did not hold.
    """

    id: str
    object: ObjectSeen
    taken_at: datetime
    proof: Proof
    remark: str = ""
    kind: BackupFormat = "plain"
    disproved: bool = False

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


def backup_seen(stem: str, key: str, seen: Mapping[str, ObjectSeen]) -> Backup | None:
    """The backup under a key of what was listed; None where the name is no backup's."""
    entry = seen[key]
    name = key.rsplit("/", 1)[-1]
    at, kind = taken_at(stem, name), kind_of(name)
    if at is None or kind is None or f"/{TEMPORARY}" in f"/{key}":
        return None
    proof = (
        Proof.MANIFEST if key + MANIFEST in seen else Proof.CHECKSUM if key + CHECKSUM in seen else Proof.NONE
    )
    disproved = is_disproved(key, seen)
    remarks = ["its last rehearsal did not hold"] if disproved else []
    if at > entry.modified_at + CLOCK_SLACK:
        remarks.append("its name is later than its upload: a clock was wrong")
        at = entry.modified_at
    elif proof is Proof.NONE:
        remarks.append("neither manifest nor checksum: unfinished, or made by another tool")
    return Backup(bare(name), entry, at, proof, "; ".join(remarks), kind, disproved)


def is_disproved(key: str, seen: Mapping[str, ObjectSeen]) -> bool:
    """Whether the newest note beside it, made since it was written, says that its rehearsal did not hold."""
    failed, held = seen.get(key + NOT_HELD), seen.get(key + REHEARSED)
    if failed is None or failed.modified_at < seen[key].modified_at:
        return False
    return held is None or held.modified_at <= failed.modified_at
