"""What the maker of a backup writes beside it, last: it publishes it, and says what a restore must find."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.tools.dumps.copies import BackupFormat
from actions.tools.postgres.content import Content

MANIFEST = ".manifest.json"
CHECKSUM = ".sha256"
REHEARSED = ".rehearsed.json"
"""Beside a backup that was restored and compared row for row: when, by which run, how many rows."""
SUFFIXES: Mapping[BackupFormat, str] = {"archive": ".dump.zst", "plain": ".sql.gz"}
"""How the names of those that drbot makes end."""
KINDS: Mapping[str, BackupFormat] = {".dump.zst": "archive", ".dump": "archive", ".sql.gz": "plain"}
"""How names of backups may end, and what that says: `.dump` is an archive that pg_dump packed itself."""
NEWEST_FORMAT = 3
MAKER = "drbot"
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Extension:
    name: str
    version: str


@dataclass(frozen=True)
class Manifest:
    """What the maker of a dump wrote beside it, last; it is what publishes the dump.

    `roles` are those that the dump grants rights to. Times are ISO 8601 UTC by the database's clock.
    Versions are PostgreSQL's numbers (160014 is 16.14). `content` was read in the dump's own snapshot.
    Since format 2: `kind` says how it is restored; `run` made it and `made_by` is who ran it;
    `version_id` is S3's, of the object as it was published; `lsn` is where the WAL was at the snapshot;
    `newest` is, by `table.column`, when the newest row was written; `inventory` counts what `content`
    does not name (views, functions, …, actions.tools.postgres.inventory); `pg_dump` is its version;
    `unpacked_bytes` is the size of an archive once it is unpacked (0: not known); `remark` is why
    somebody should look at it before trusting it ('' for no reason). Format 1 is always plain.
    Since format 3: `content` leaves out the materialized `views`, for a restore fills them anew, and holds
    a hash of the large objects; a table's hash covers all columns also where one is named x, and says how it
    was made; `faults` are those that the database itself had, by what they are about; `definitions` are
    hashes of tables and functions (see row_hash, faults and definitions in actions.tools.postgres).
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
    kind: BackupFormat = "plain"
    run: int = 0
    made_by: str = ""
    version_id: str = ""
    pg_dump: str = ""
    unpacked_bytes: int = 0
    lsn: str = ""
    newest: Mapping[str, str] = field(default_factory=dict)
    inventory: Mapping[str, int] = field(default_factory=dict)
    remark: str = ""
    views: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_sha256(self.sha256):
            raise ValueError("sha256 is not 64 hexadecimal digits")
        if self.format not in range(1, NEWEST_FORMAT + 1):
            raise ValueError(f"format {self.format} is newer than this drbot knows")

    def rows_beside(self, other: Manifest) -> int:
        """The rows of `other` as this one counts them: without those of this one's materialized views."""
        tables = other.content.tables
        return other.content.rows - sum(tables[name].rows for name in self.views if name in tables)


def is_sha256(text: str) -> bool:
    """Whether it is a SHA-256 as 64 lower-case hexadecimal digits."""
    return _HEX.fullmatch(text) is not None
