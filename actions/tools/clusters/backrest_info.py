"""What `pgbackrest info` tells of a stanza: its backups, its archive and its state, parsed at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from actions.failures import Refused

OK = 0
NO_BACKUPS = 2
AWAY = ("HostConnectError", "ServiceError", "ProtocolError")


@dataclass(frozen=True)
class SetSeen:
    """One backup. `repo` is the repository that holds it, `annotations` what its maker noted on it.

    `size_bytes` is the cluster's, `stored_bytes` what the backup adds to the repository.
    """

    label: str
    kind: str
    repo: int
    started_at: datetime
    finished_at: datetime
    first_wal: str
    stop_lsn: int
    size_bytes: int
    stored_bytes: int
    error: bool
    annotations: Mapping[str, str]

    @property
    def timeline(self) -> int:
        return timeline_of(self.first_wal)


@dataclass(frozen=True)
class StanzaSeen:
    """A stanza as its repositories have it. `sets` are those of the newest cluster, newest first."""

    name: str
    system_identifier: str
    version: str
    sets: tuple[SetSeen, ...]
    first_wal: str
    last_wal: str
    backup_running: bool
    problem: str

    @property
    def away(self) -> bool:
        """Whether the problem is that a repository does not answer, which trying again can mend."""
        return any(word in self.problem for word in AWAY)


class _Status(msgspec.Struct):
    code: int = 0
    message: str = ""
    lock: dict[str, dict[str, object]] = {}


class _Database(msgspec.Struct, rename="kebab"):
    id: int
    repo_key: int = 1
    system_id: int = 0
    version: str = ""


class _Archive(msgspec.Struct):
    database: _Database
    min: str | None = None
    max: str | None = None


class _Range(msgspec.Struct):
    start: str | None = None
    stop: str | None = None


class _Repository(msgspec.Struct):
    delta: int = 0


class _Size(msgspec.Struct):
    size: int = 0
    repository: _Repository = msgspec.field(default_factory=_Repository)


class _Times(msgspec.Struct):
    start: int
    stop: int


class _Backup(msgspec.Struct):
    label: str
    type: str
    database: _Database
    timestamp: _Times
    archive: _Range
    lsn: _Range | None = None
    info: _Size = msgspec.field(default_factory=_Size)
    error: bool | None = None
    annotation: dict[str, str] | None = None


class _Repo(msgspec.Struct):
    key: int
    status: _Status


class _Stanza(msgspec.Struct):
    name: str
    status: _Status
    backup: list[_Backup] = []
    archive: list[_Archive] = []
    db: list[_Database] = []
    repo: list[_Repo] = []


def read_info(text: str, stanza: str) -> StanzaSeen:
    """The stanza in the output of `info --output=json`. Raises Refused where it is not told of."""
    try:
        told = msgspec.json.decode(text, type=list[_Stanza])
    except msgspec.MsgspecError as error:
        raise Refused(f"pgBackRest's info cannot be read: {error}. Nothing was changed.") from error
    found = next((one for one in told if one.name == stanza), None)
    if found is None:
        raise Refused(
            f"pgBackRest knows no stanza {stanza!r}: create it (stanza-create). Nothing was changed."
        )
    return _seen(found)


def _seen(stanza: _Stanza) -> StanzaSeen:
    newest = max(stanza.db, key=lambda one: one.id, default=_Database(0))
    archives = [one for one in stanza.archive if one.database.id == newest.id]
    sets = [_set(one) for one in stanza.backup if one.database.id == newest.id]
    held = stanza.status.lock.get("backup", {}).get("held") is True
    return StanzaSeen(
        name=stanza.name,
        system_identifier=str(newest.system_id) if newest.system_id else "",
        version=newest.version,
        sets=tuple(sorted(sets, key=lambda one: one.finished_at, reverse=True)),
        first_wal=min((one.min for one in archives if one.min), default=""),
        last_wal=max((one.max for one in archives if one.max), default=""),
        backup_running=held,
        problem=_problem(stanza),
    )


def _problem(stanza: _Stanza) -> str:
    """What is wrong with a repository, '' where nothing is but perhaps a missing first backup."""
    wrong = [
        f"repository {one.key}: {one.status.message}"
        for one in stanza.repo
        if one.status.code not in (OK, NO_BACKUPS)
    ]
    if not wrong and stanza.status.code not in (OK, NO_BACKUPS):
        wrong = [stanza.status.message]
    return "; ".join(wrong)[:300]


def _set(backup: _Backup) -> SetSeen:
    return SetSeen(
        label=backup.label,
        kind=backup.type,
        repo=backup.database.repo_key,
        started_at=datetime.fromtimestamp(backup.timestamp.start, UTC),
        finished_at=datetime.fromtimestamp(backup.timestamp.stop, UTC),
        first_wal=backup.archive.start or "",
        stop_lsn=read_lsn(backup.lsn.stop or "") if backup.lsn else 0,
        size_bytes=backup.info.size,
        stored_bytes=backup.info.repository.delta,
        error=bool(backup.error),
        annotations=backup.annotation or {},
    )


def read_lsn(text: str) -> int:
    """`1/2000028` as a number; 0 where it is none."""
    high, _, low = text.partition("/")
    try:
        return (int(high, 16) << 32) + int(low, 16)
    except ValueError:
        return 0


def timeline_of(wal: str) -> int:
    """The timeline of a WAL file's name; 0 where it is none."""
    try:
        return int(wal[:8], 16)
    except ValueError:
        return 0
