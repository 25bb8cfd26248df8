"""Who waits for whose lock, and since when: the edges of the tree, read from a running server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from psycopg.rows import class_row

from actions.tools.postgres.server import Session
from actions.tools.postgres.sessions import redacted

WAITERS_LIMIT = 200

_WAITERS = """
    SELECT a.pid, coalesce(a.usename::text, '') AS user, left(a.application_name, 60) AS application,
           extract(epoch FROM clock_timestamp() - coalesce(w.waitstart, a.query_start))::float8 AS waited_s,
           left(a.query, 4000) AS query, coalesce(w.mode, '') AS mode, coalesce(w.locktype, '') AS kind,
           coalesce(w.relation::regclass::text, '') AS relation, pg_blocking_pids(a.pid) AS blocked_by
    FROM pg_stat_activity a
    LEFT JOIN LATERAL (SELECT * FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted LIMIT 1) w ON true
    WHERE a.wait_event_type = 'Lock' AND a.datname = %s AND cardinality(pg_blocking_pids(a.pid)) > 0
    ORDER BY waited_s DESC, a.pid LIMIT %s
"""
_HOLDERS = """
    SELECT a.pid, coalesce(a.usename::text, '') AS user, left(a.application_name, 60) AS application,
           coalesce(a.state, a.backend_type) AS state,
           coalesce(extract(epoch FROM clock_timestamp() - a.state_change), 0)::float8 AS state_s,
           coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8 AS transaction_s,
           left(a.query, 4000) AS query, coalesce(r.rolsuper, false) AS superuser
    FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid WHERE a.pid = ANY(%s)
"""


@dataclass(frozen=True)
class Waiter:
    """One session that waits for a lock. `relation` is '' where the lock is on no table.

    `blocked_by` are the pids before it; 0 is a prepared transaction, which has no session.
    """

    pid: int
    user: str
    application: str
    waited_s: float
    query: str
    mode: str
    kind: str
    relation: str
    blocked_by: tuple[int, ...]

    @property
    def lock(self) -> str:
        """`AccessShareLock on usuarios`, `ShareLock on transactionid`."""
        return f"{self.mode or 'a lock'} on {self.relation or self.kind or 'something'}"


@dataclass(frozen=True)
class Holder:
    """One session that others wait for, or once waited for; its query without literals."""

    pid: int
    user: str
    application: str
    state: str
    state_s: float
    transaction_s: float
    query: str
    superuser: bool


@dataclass(frozen=True)
class Waits:
    """Every wait of a database at one moment. `more` have been left out."""

    waiters: tuple[Waiter, ...]
    holders: Mapping[int, Holder]
    prepared: tuple[str, ...]
    more: bool = False


def read_waits(session: Session, database: str) -> Waits:
    """Who waits, longest first, with those in their way; at most 200 waiters.

    Asked of a session to that database, for only there has a table its name.
    """
    rows = session.execute(_WAITERS.encode(), [database, WAITERS_LIMIT + 1]).fetchall()
    waiters = tuple(
        Waiter(
            int(str(row[0])), str(row[1]), str(row[2]), float(str(row[3])), redacted(str(row[4])),
            str(row[5]), str(row[6]), str(row[7]),
            tuple(dict.fromkeys(row[8] if isinstance(row[8], list) else ())),
        )
        for row in rows[:WAITERS_LIMIT]
    )  # fmt: skip
    pids = sorted({pid for waiter in waiters for pid in waiter.blocked_by if pid})
    with session.cursor(row_factory=class_row(Holder)) as cursor:
        found = cursor.execute(_HOLDERS.encode(), [pids]).fetchall()
    prepared = session.execute(
        "SELECT gid FROM pg_prepared_xacts WHERE database = %s ORDER BY prepared LIMIT 5", [database]
    ).fetchall()
    return Waits(
        waiters,
        {one.pid: replace(one, query=redacted(one.query)) for one in found},
        tuple(str(row[0])[:60] for row in prepared),
        len(rows) > WAITERS_LIMIT,
    )
