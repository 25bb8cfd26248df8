"""The sessions of a database: who holds connections, who waits for whom, and which may be ended."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psycopg.rows import class_row

from actions.tools.postgres.server import Session, whole

QUERY_LIMIT = 160
_LITERAL = re.compile(
    r"(\$[A-Za-z_]*\$)(?:.*?\1|.*\Z)|[eE]?'(?:[^'\\]|''|\\.)*(?:'|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|(?<![\w$])\d[\w.]*",
    re.DOTALL,
)

# Those whom drbot never ends: its own, superusers', replication, backups, and whatever is no client.
_MAY_BE_ENDED = """
    a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
    AND r.rolsuper IS FALSE AND r.rolreplication IS FALSE
    AND a.application_name NOT LIKE 'drbot%%' AND a.application_name NOT IN ('pg_dump', 'pg_restore')
"""
_FROM = "pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid"


@dataclass(frozen=True)
class Hold:
    """A way of holding a connection: which states, since when, and by which moment a session is pinned.

    All three are SQL over `a`, a row of pg_stat_activity, and constants of this module.
    """

    states: str
    since: str
    pin: str


# An active query since it began, an idle transaction since it last did something; pinned by its query.
AT_WORK = Hold(
    "(a.state = 'active' OR a.state LIKE 'idle in transaction%%')",
    "CASE WHEN a.state = 'active' THEN a.query_start ELSE a.state_change END",
    "a.query_start",
)
# Pinned by its last word: whoever does anything in the transaction is not idle in it any more.
IDLE_IN_TRANSACTION = Hold("a.state LIKE 'idle in transaction%%'", "a.state_change", "a.state_change")


@dataclass(frozen=True)
class LongSession:
    """One session that has held a connection too long.

    It is pinned by when it began, when its transaction began, and `pinned_at`: the moment of its hold.
    """

    pid: int
    backend_start: str
    xact_start: str
    pinned_at: str
    user: str
    application: str
    state: str
    busy_s: float
    query: str


@dataclass(frozen=True)
class Pool:
    """Connections of the whole server, and of one database by state."""

    used: int
    usable: int
    by_state: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        return self.used / max(1, self.usable)


def redacted(query: str) -> str:
    """The query on one line without literals, numbers and comments, bounded: safe to show."""
    bare = _LITERAL.sub(lambda found: " " if found[0][:2] in ("--", "/*") else "?", query)
    words = " ".join(bare.split())
    return words if len(words) <= QUERY_LIMIT else words[: QUERY_LIMIT - 1] + "…"


def read_pool(session: Session, database: str) -> Pool:
    """How full the server is. `usable` leaves out what is reserved for superusers."""
    row = session.execute(
        "SELECT count(*) FILTER (WHERE backend_type = 'client backend'),"
        " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        " FROM pg_stat_activity"
    ).fetchone()
    states = session.execute(
        "SELECT coalesce(state, 'not told'), count(*)::int FROM pg_stat_activity"
        " WHERE datname = %s AND backend_type = 'client backend' GROUP BY 1 ORDER BY 2 DESC, 1",
        [database],
    ).fetchall()
    used, usable = (whole(row[0]), whole(row[1])) if row else (0, 0)
    return Pool(used, usable, tuple((str(state[0]), whole(state[1])) for state in states))


def long_sessions(
    session: Session, database: str, older_than_s: float, hold: Hold = AT_WORK
) -> tuple[LongSession, ...]:
    """Sessions that may be ended and have been at it longer than this, the oldest first; at most 500."""
    with session.cursor(row_factory=class_row(LongSession)) as cursor:
        cursor.execute(
            f"""
            SELECT a.pid, a.backend_start::text, coalesce(a.xact_start::text, '') AS xact_start,
                   {hold.pin}::text AS pinned_at, a.usename::text AS user,
                   left(a.application_name, 60) AS application, a.state,
                   extract(epoch FROM clock_timestamp() - {hold.since})::float8 AS busy_s,
                   left(a.query, 4000) AS query
            FROM {_FROM}
            WHERE a.datname = %s AND {_MAY_BE_ENDED} AND {hold.states} AND {hold.pin} IS NOT NULL
              AND clock_timestamp() - {hold.since} > make_interval(secs => %s)
            ORDER BY busy_s DESC, a.pid LIMIT 500
            """.encode(),  # noqa: S608  # only constants above are put in
            [database, older_than_s],
        )
        return tuple(cursor.fetchall())


def spared(
    session: Session, database: str, older_than_s: float, hold: Hold = AT_WORK
) -> tuple[tuple[str, int], ...]:
    """Sessions that have been at it as long but are never ended, counted by the reason."""
    rows = session.execute(
        f"""
        SELECT CASE WHEN a.application_name LIKE 'drbot%%' THEN 'drbot itself'
                    WHEN r.rolsuper THEN 'superuser' WHEN r.rolreplication THEN 'replication'
                    WHEN a.application_name IN ('pg_dump', 'pg_restore') THEN 'backup'
                    ELSE a.backend_type END,
               count(*)::int
        FROM {_FROM}
        WHERE a.datname = %s AND a.pid <> pg_backend_pid() AND {hold.states} AND NOT ({_MAY_BE_ENDED})
          AND clock_timestamp() - {hold.since} > make_interval(secs => %s) GROUP BY 1 ORDER BY 1
        """.encode(),  # noqa: S608  # only constants above are put in
        [database, older_than_s],
    ).fetchall()
    return tuple((str(row[0]), whole(row[1])) for row in rows)


def still_there(session: Session, pins: tuple[LongSession, ...], hold: Hold = AT_WORK) -> tuple[int, ...]:
    """Which of the pinned sessions still hold their connection in the very same way."""
    return _on_pinned(session, pins, hold, "a.pid")


def cancel(session: Session, pins: tuple[LongSession, ...]) -> tuple[int, ...]:
    """Cancel the running queries among them, each looked at again in the same statement."""
    return _on_pinned(
        session, pins, AT_WORK, "CASE WHEN pg_cancel_backend(a.pid) THEN a.pid END", "a.state = 'active'"
    )


def terminate(session: Session, pins: tuple[LongSession, ...], hold: Hold = AT_WORK) -> tuple[int, ...]:
    """End the connections among them, each looked at again in the same statement."""
    return _on_pinned(session, pins, hold, "CASE WHEN pg_terminate_backend(a.pid) THEN a.pid END")


def _on_pinned(
    session: Session, pins: tuple[LongSession, ...], hold: Hold, what: str, only: str = "true"
) -> tuple[int, ...]:
    # A cancelled query may leave its transaction open, or none: xact_start pins where it is still told.
    rows = session.execute(
        f"""
        WITH pinned AS MATERIALIZED (
            SELECT a.* FROM {_FROM}
            JOIN unnest(%s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
              AS p(pid, backend_start, xact_start, pinned_at)
              ON (a.pid, a.backend_start, {hold.pin}) = (p.pid, p.backend_start, p.pinned_at)
             AND (p.xact_start IS NULL OR a.xact_start IS NULL OR a.xact_start = p.xact_start)
            WHERE {_MAY_BE_ENDED} AND {hold.states} AND {only})
        SELECT {what} FROM pinned a ORDER BY a.pid
        """.encode(),  # noqa: S608  # only constants above are put in
        [
            [pin.pid for pin in pins],
            [pin.backend_start for pin in pins],
            [pin.xact_start or None for pin in pins],
            [pin.pinned_at for pin in pins],
        ],
    ).fetchall()
    return tuple(whole(row[0]) for row in rows if row[0] is not None)


def blockers(session: Session, database: str) -> tuple[str, ...]:
    """Who waits for whom, as sentences; at most 20."""
    rows = session.execute(
        "SELECT a.pid, a.usename::text, a.wait_event_type, pg_blocking_pids(a.pid)::text, left(a.query, 1000)"
        " FROM pg_stat_activity a WHERE a.datname = %s AND cardinality(pg_blocking_pids(a.pid)) > 0"
        " ORDER BY a.query_start LIMIT 20",
        [database],
    ).fetchall()
    return tuple(
        f"{row[0]} ({row[1]}) waits for {str(row[3]).strip('{}')}: {redacted(str(row[4]))}" for row in rows
    )


def may_signal(session: Session) -> bool:
    """Whether drbot's role may end other roles' sessions."""
    row = session.execute(
        "SELECT rolsuper OR pg_has_role(oid, 'pg_signal_backend', 'member') FROM pg_roles"
        " WHERE rolname = current_user"
    ).fetchone()
    return bool(row and row[0])
