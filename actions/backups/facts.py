"""What a backup is planned from: the database as it was seen, where it goes, what the last one was."""

from __future__ import annotations

from dataclasses import dataclass

from actions.tools.dumps.copies import BackupFormat

FEWER_ROWS = 0.8
SMALLER = 0.5


@dataclass(frozen=True)
class MakeParams:
    environment: str


@dataclass(frozen=True)
class LastBackup:
    """The newest backup that nobody has a doubt about; `id` is '' where there is none."""

    id: str = ""
    age: str = ""
    rows: int = 0
    size_bytes: int = 0
    kind: BackupFormat = "archive"


@dataclass(frozen=True)
class MakeFacts:
    """The database, pinned by server and oid, and its way. `surveyed_at` is by the database's clock.

    `packing` is how an archive is packed; `copies` are the names of further places.
    """

    place: str
    database: str
    oid: int
    system_identifier: str
    server_version: int
    size_bytes: int
    surveyed_at: str
    goes_to: str
    kind: BackupFormat
    pg_dump: str
    packing: str
    copies: tuple[str, ...] = ()
    last: LastBackup = LastBackup()
    remarks: tuple[str, ...] = ()


def drift(planned: MakeFacts, now: MakeFacts) -> str | None:
    """What moved so that the plan is not this one any more. Sizes and the last backup may move."""
    if (planned.place, planned.system_identifier, planned.oid) != (now.place, now.system_identifier, now.oid):
        return (
            f"{planned.database} is another database than the one that was shown (replaced since, or moved)"
        )
    if (planned.goes_to, planned.kind, planned.copies) != (now.goes_to, now.kind, now.copies):
        return "the plan keeps backups elsewhere now, or in another format"
    return None


def doubt_about(last: LastBackup, rows: int, size_bytes: int, kind: BackupFormat) -> str:
    """Why a new backup should be looked at: far smaller than the last good one; '' where it is not."""
    if not last.id:
        return ""
    if rows < FEWER_ROWS * last.rows:
        return (
            f"{rows:,} rows, {100 * (1 - rows / last.rows):.0f} % fewer than {last.id} ({last.rows:,}):"
            " were they deleted on purpose?"
        )
    if kind == last.kind and size_bytes < SMALLER * last.size_bytes:
        share = 100 * (1 - size_bytes / last.size_bytes)
        return f"{size_bytes:,} bytes, {share:.0f} % smaller than {last.id} with as many rows"
    return ""
