"""What a rehearsal leaves beside its backup: that it came back, or that it did not, for whoever looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from actions.backups.choice import NotBelieved, Proof, backups_in, read_manifest
from actions.backups.manifest import REHEARSED
from actions.backups.names import NOT_HELD, Backup, is_disproved
from actions.failures import Refused
from actions.tools.dumps.shelf import Shelf

__all__ = [
    "NOT_HELD",
    "REHEARSED",
    "NotHeld",
    "Rehearsals",
    "Rehearsed",
    "newest_rehearsal",
    "rehearsal_of",
    "rehearsals_in",
    "rehearsed_keys",
]


@dataclass(frozen=True)
class Rehearsed:
    """A restore of this very content held: by which run, when (ISO 8601 UTC), how long it took, its rows."""

    run: int
    at: str
    took_s: float
    rows: int
    sha256: str


@dataclass(frozen=True)
class NotHeld:
    """What came back of this content was not what was backed up: found by which run, when, and why."""

    run: int
    at: str
    why: str
    sha256: str


def rehearsal_of(shelf: Shelf, backup: Backup, sha256: str = "") -> Rehearsed | None:
    """The rehearsal of a backup (of this content, where `sha256` is given), or None.

    Raises Transient where S3 does not answer.
    """
    try:
        found = msgspec.json.decode(shelf.read(backup.object.key + REHEARSED, 64 * 1024), type=Rehearsed)
    except (Refused, msgspec.MsgspecError):
        return None
    return None if sha256 and found.sha256 != sha256 else found


def rehearsed_keys(shelf: Shelf) -> frozenset[str]:
    """The keys of backups that held when they were last rehearsed. Raises Refused or Transient."""
    seen = {one.key: one for one in shelf.list()}
    noted = (key.removesuffix(REHEARSED) for key in seen if key.endswith(REHEARSED))
    return frozenset(key for key in noted if key in seen and not is_disproved(key, seen))


def newest_rehearsal(shelf: Shelf, backups: Iterable[Backup]) -> tuple[Backup, Rehearsed] | None:
    """The first of these backups (newest first) that was rehearsed, or None."""
    noted = rehearsed_keys(shelf)
    for backup in backups:
        if backup.object.key in noted and (found := rehearsal_of(shelf, backup)) is not None:
            return backup, found
    return None


@dataclass(frozen=True)
class Rehearsals:
    """What rehearsals said of the backups of a place, by file name.

    `newest` is the name and SHA-256 of the newest that really came back, as its note and its manifest say.
    """

    held: frozenset[str] = frozenset()
    not_held: frozenset[str] = frozenset()
    newest: tuple[str, str] = ("", "")


def rehearsals_in(shelf: Shelf) -> Rehearsals:
    """Of every backup there. Raises Refused or Transient where it cannot be listed."""
    keys = rehearsed_keys(shelf)
    backups = backups_in(shelf)[0]
    held = [one for one in backups if one.object.key in keys]
    return Rehearsals(
        frozenset(one.file_name for one in held),
        frozenset(one.file_name for one in backups if one.disproved),
        next((found for one in held if (found := _came_back(shelf, one))), ("", "")),
    )


def _came_back(shelf: Shelf, backup: Backup) -> tuple[str, str] | None:
    """Its name and SHA-256 where the note is of this very content; a note that anybody put there is not."""
    if backup.proof is not Proof.MANIFEST:
        return None
    try:
        sha256 = read_manifest(shelf, backup).sha256
    except NotBelieved:
        return None
    return None if rehearsal_of(shelf, backup, sha256) is None else (backup.file_name, sha256)
