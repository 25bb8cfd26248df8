"""Databases that restores have put aside: which of them are past their day, and nobody's any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from actions.database.session_targets import read_age_s
from actions.restores.facts import age_text
from actions.restores.kept import kept_run, read_kept
from actions.tools.postgres.inventory import clock
from actions.tools.postgres.server import DatabaseSeen, Postgres, Session, databases, size_of
from actions.tools.postgres.shadow import seal_of
from actions.tools.toolbox import Toolbox

KEPT_AT_LEAST_S = 24 * 3600.0
MOST = 20


@dataclass(frozen=True)
class DropParams:
    """`older_than`: put aside so long ago; never less than the way back of a restore is open (24h)."""

    environment: str
    older_than: str = "25h"

    def __post_init__(self) -> None:
        if read_age_s(self.older_than) <= KEPT_AT_LEAST_S:
            raise ValueError("older_than is more than 24h: so long is the way back of a restore open")


@dataclass(frozen=True)
class KeptFacts:
    """One database that was put aside, pinned by its oid and by what is written on it."""

    name: str
    oid: int
    run: int
    at: str
    age: str
    size_bytes: int
    words: str


@dataclass(frozen=True)
class DropFacts:
    """`spared` are sentences on those that stay although they look alike."""

    place: str
    database: str
    system_identifier: str
    targets: tuple[KeptFacts, ...]
    spared: tuple[str, ...] = ()


def survey(tools: Toolbox, params: DropParams) -> DropFacts:
    """Look for them; a day on which there is none is a good day, too."""
    server = tools.postgres(params.environment)
    with server.admin() as session:
        identity = server.identity(session)
        found, spared = look(session, server, read_age_s(params.older_than))
    return DropFacts(
        server.place, server.database, identity.system_identifier, tuple(found), tuple(spared[:6])
    )


def look(session: Session, server: Postgres, older_than_s: float) -> tuple[list[KeptFacts], list[str]]:
    """Those that may be dropped, the oldest first, at most 20; and why others may not."""
    now = datetime.fromisoformat(clock(session))
    found: list[KeptFacts] = []
    spared: list[str] = []
    for seen in databases(session).values():
        if seen.name == server.database or kept_run(seen.name, server.database) is None:
            continue
        judged = _judged(session, server, seen, now, older_than_s)
        if isinstance(judged, str):
            spared.append(judged)
        else:
            found.append(judged)
    found.sort(key=lambda one: one.at)
    return found[:MOST], spared


def _judged(
    session: Session, server: Postgres, seen: DatabaseSeen, now: datetime, older_than_s: float
) -> KeptFacts | str:
    """The database as one to drop, or why it stays."""
    words = seal_of(session, seen.name)
    kept, run = read_kept(words), kept_run(seen.name, server.database)
    if kept is None or kept.drbot != run or not kept.at:
        return f"{seen.name} carries no word of drbot's on when it was put aside: look at it yourself"
    age_s = (now - datetime.fromisoformat(kept.at)).total_seconds()
    if age_s <= older_than_s:
        return f"{seen.name} is kept for {age_text(age_s)} now"
    if users := connected(session, seen.oid):
        return f"{seen.name} is in use ({', '.join(users)})"
    size_bytes = size_of(session, seen.oid)
    return KeptFacts(seen.name, seen.oid, kept.drbot, kept.at, age_text(age_s), size_bytes, words)


def connected(session: Session, oid: int) -> list[str]:
    """Who is connected to a database, at most five names."""
    rows = session.execute(
        "SELECT DISTINCT coalesce(usename, backend_type) FROM pg_stat_activity WHERE datid::bigint = %s"
        " AND backend_type <> 'autovacuum worker' ORDER BY 1 LIMIT 5",
        [oid],
    )
    return [str(row[0]) for row in rows]


def drift(planned: DropFacts, now: DropFacts) -> str | None:
    """Only what is gone, or not the same any more; what became old since may wait for the next run."""
    if planned.system_identifier != now.system_identifier:
        return f"another server answers at {planned.place} now"
    there = {(one.oid, one.name, one.words) for one in now.targets}
    for one in planned.targets:
        if (one.oid, one.name, one.words) not in there:
            return f"{one.name} is not there any more as it was shown, or is in use now"
    return None
