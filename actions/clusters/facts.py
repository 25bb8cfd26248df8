"""What a recovery to a point in time is planned from: the cluster as it was seen, and the chosen backup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RestoreToTimeParams:
    """`at` is an ISO 8601 time with its zone: `2026-11-22T21:55:00Z`."""

    environment: str
    at: str


@dataclass(frozen=True)
class RehearseToTimeParams:
    """`at` as in a restore; '' is the newest that the archive can give."""

    environment: str
    at: str = ""


@dataclass(frozen=True)
class ClusterFacts:
    """The live cluster. `timeline` is 0 where its files are lost, `running` whether its server is.

    `server_version` is its major one; `free_bytes` is of the disk that the copy is put on.
    """

    place: str
    stanza: str
    data_directory: str
    system_identifier: str
    timeline: int
    server_version: int
    running: bool
    free_bytes: int
    databases: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetFacts:
    """The backup that is begun from. Times are ISO 8601 UTC."""

    label: str
    repo: int
    kind: str
    finished_at: str
    size_bytes: int


@dataclass(frozen=True)
class RecoveryFacts:
    """`at` is ISO 8601 UTC ('' the end of the archive), `earliest` and `latest` what can be had.

    `flush`: whether the live server's newest WAL is brought into the archive first, so that a commit behind
    the moment is there, where replay can stop. `archive_timeline`
    is the newest timeline in the archive: a copy that archived would add one.
    """

    at: str
    cluster: ClusterFacts
    backup: SetFacts
    earliest: str
    latest: str
    flush: bool
    archive_timeline: int
    writers: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def drift(planned: RecoveryFacts, now: RecoveryFacts) -> str | None:
    """What moved so that the approved plan is not this one any more. Sessions, sizes and sets may move."""
    was, new = planned.cluster, now.cluster
    if was.system_identifier != new.system_identifier:
        return f"another cluster is in {was.data_directory} than the one that was shown"
    if was.timeline != new.timeline:
        return (
            f"the cluster of {was.stanza} was recovered or promoted since: it is on timeline {new.timeline}"
            f" now, it was on {was.timeline}"
        )
    if (was.data_directory, was.stanza) != (new.data_directory, new.stanza):
        return f"the plan names another data directory or stanza now: {new.data_directory}, {new.stanza}"
    if planned.writers != now.writers:
        return "the plan names other services that write to the database now"
    return None
