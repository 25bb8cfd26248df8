"""The note that a rehearsal leaves beside a cluster: that it held, and what it brought back."""

from __future__ import annotations

import msgspec

from actions.tools.clusters.cluster import Cluster
from actions.tools.clusters.files import write_whole


class Rehearsed(msgspec.Struct, frozen=True):
    """The newest rehearsal that held: its run, the backup, and ISO 8601 UTC times."""

    run: int
    label: str
    data_of: str
    finished_at: str


def read_rehearsed(cluster: Cluster) -> Rehearsed | None:
    """The note; None where none is there or it cannot be read."""
    try:
        return msgspec.json.decode(cluster.last_rehearsal.read_bytes(), type=Rehearsed)
    except (OSError, msgspec.MsgspecError):
        return None


def note_rehearsed(cluster: Cluster, note: Rehearsed) -> None:
    """Write the note in place of the one before."""
    write_whole(cluster, cluster.last_rehearsal, msgspec.json.encode(note))


def forget_rehearsed(cluster: Cluster) -> None:
    """Remove the note."""
    cluster.last_rehearsal.unlink(missing_ok=True)
