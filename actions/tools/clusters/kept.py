"""Data directories that recoveries have put aside: whose they are, since when, and removing one for good."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from actions.failures import NotVerified
from actions.tools.clusters.cluster import Cluster, alone
from actions.tools.clusters.files import move, remove, write_whole
from actions.tools.clusters.power import postmaster

NOTE = "drbot_kept.json"
DOOMED = "__dropping"


class Kept(msgspec.Struct, frozen=True):
    """What drbot writes into a directory that it puts aside: of which run, and when (ISO 8601 UTC)."""

    run: int
    at: str


@dataclass(frozen=True)
class KeptSeen:
    """One directory put aside; `inode` stays what it is when it is renamed. `kept` is None without a note."""

    path: Path
    run: int
    inode: int
    kept: Kept | None


def put_aside(cluster: Cluster, directory: Path, run: int) -> None:
    """Note on a directory that it was put aside now, unless that is noted already."""
    known = read_kept(directory)
    if known is None or known.run != run:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        write_whole(cluster, directory / NOTE, msgspec.json.encode(Kept(run, now)))


def brought_back(directory: Path) -> None:
    """Forget the note on a directory that is live again."""
    (directory / NOTE).unlink(missing_ok=True)


def read_kept(directory: Path) -> Kept | None:
    """The note; None where there is none that can be read."""
    try:
        return msgspec.json.decode((directory / NOTE).read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return None


def list_kept(cluster: Cluster) -> tuple[KeptSeen, ...]:
    """Every directory beside the live one that is named as one put aside, by name."""
    live = cluster.data_directory
    named = re.compile(rf"{re.escape(live.name)}__(?:old|undone)_(\d{{1,9}})")
    found = []
    for path in sorted(live.parent.iterdir()):
        run = named.fullmatch(path.name)
        if run and path.is_dir() and not path.is_symlink():
            with contextlib.suppress(FileNotFoundError):
                found.append(KeptSeen(path, int(run[1]), path.stat().st_ino, read_kept(path)))
    return tuple(found)


def drop_kept(cluster: Cluster, path: Path, inode: int, kept: Kept) -> bool:
    """Remove it for good, safe to repeat; whether anything was there.

    Raises NotVerified where it is not the directory that was shown, or a server runs in it.
    """
    doomed = path.with_name(path.name + DOOMED)
    with alone(cluster, path.parent):
        if path.exists():
            if path.stat().st_ino != inode or read_kept(path) != kept:
                raise NotVerified(f"{path} is not the one that was shown any more: it was not removed")
            if postmaster(path) is not None:
                raise NotVerified(f"a server runs in {path}: it was not removed")
            remove(doomed)
            move(path, doomed)  # at once: half a directory never looks like a kept one
        return remove(doomed)
