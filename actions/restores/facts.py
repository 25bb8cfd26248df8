"""What a restore is planned from: the chosen backup, pinned, and the target as it was seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

UNPACKED_FACTOR = 6
"""How much larger than its backup a database is, where nothing says it (measured on a plain dump)."""


@dataclass(frozen=True)
class RestoreParams:
    """`environment` is overwritten with a backup of `from_environment`; `backup` is `latest` or an id."""

    environment: str
    backup: str = "latest"
    from_environment: str = "production"


@dataclass(frozen=True)
class BackupFacts:
    """The chosen backup. Without a manifest what only a manifest says is empty or 0.

    `collation` and `ctype` are '' where the target's are right; `newest` is when its newest row was written;
    `unpacked_bytes` is the size of an archive once it is unpacked.
    """

    id: str
    key: str
    etag: str
    version_id: str
    size_bytes: int
    sha256: str
    proof: str
    taken_at: str
    age: str
    manifest_sha256: str = ""
    database: str = ""
    server_version: int = 0
    database_bytes: int = 0
    tables: int = 0
    rows: int = 0
    kind: str = "plain"
    collation: str = ""
    ctype: str = ""
    newest: str = ""
    unpacked_bytes: int = 0


@dataclass(frozen=True)
class Asked:
    """What the plan wants of what comes back: `defuse` statements of a copy of another environment, `holds`
    queries (what it proves, the query) that answer true, `newest` columns that say how old the data is.
    """

    defuse: tuple[str, ...] = ()
    holds: tuple[tuple[str, str], ...] = ()
    newest: tuple[str, ...] = ()


@dataclass(frozen=True)
class TargetFacts:
    """The database that would be replaced. `free_bytes` is None where it cannot be known from here."""

    place: str
    database: str
    oid: int
    owner: str
    system_identifier: str
    server_version: int
    size_bytes: int
    free_bytes: int | None
    sessions: tuple[str, ...]
    smoke_tables: tuple[str, ...]


@dataclass(frozen=True)
class ServiceFacts:
    """The service that uses the target, as it answered when this was shown. No `url`: nothing to ask."""

    url: str = ""
    healthy: bool = False
    said: str = ""


@dataclass(frozen=True)
class RestoreFacts:
    """`writers` are the services that must be stopped, where customers are served; else there are none.

    `objections` are what only a broken glass overrides.
    """

    backup: BackupFacts
    target: TargetFacts
    remarks: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    asked: Asked = Asked()
    objections: tuple[str, ...] = ()
    service: ServiceFacts = ServiceFacts()

    @property
    def database_bytes(self) -> int:
        """How large the restored database becomes; a guess where no manifest says it."""
        return self.backup.database_bytes or UNPACKED_FACTOR * self.backup.size_bytes


def drift(planned: RestoreFacts, now: RestoreFacts) -> str | None:
    """What moved so that the approved plan is not this one any more. Sessions and sizes may move."""
    was, new = planned.target, now.target
    if (was.place, was.system_identifier, was.oid) != (new.place, new.system_identifier, new.oid):
        return f"{was.database} is another database than the one that was shown (replaced since, or moved)"
    if was.owner != new.owner:
        return f"{was.database} belongs to {new.owner} now, it was {was.owner}"
    if was.server_version // 10000 != new.server_version // 10000:
        return f"the server of {was.database} is PostgreSQL {new.server_version // 10000} now"
    if planned.backup.id != now.backup.id:
        return f"the newest backup is {now.backup.id} now, it was {planned.backup.id}: choose again"
    if planned.writers != now.writers:
        return f"the plan names other services that write to {was.database} now"
    if planned.asked != now.asked:
        return "the plan asks other things of what comes back now (defuse, holds or newest)"
    if more := [said for said in now.objections if said not in planned.objections]:
        return f"there is something against it that was not shown: {'; '.join(more)}"
    pins = ("key", "etag", "size_bytes", "sha256", "manifest_sha256")
    if any(getattr(planned.backup, pin) != getattr(now.backup, pin) for pin in pins):
        return f"the backup {planned.backup.id} was overwritten after it was shown"
    return None


def size_text(size_bytes: int) -> str:
    """`339 MB`, as people say it; less than nothing is what nobody may know."""
    if size_bytes < 0:
        return "an unknown size"
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.3g} {unit}"
    return f"{size_bytes} bytes"


def age_text(age_s: float) -> str:
    """`3 h 20 min`, as people say it."""
    minutes = max(0, math.floor(age_s / 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} days"


def version_text(version: int) -> str:
    """`16.14` for 160014."""
    return f"{version // 10000}.{version % 10000}" if version else "unknown"
