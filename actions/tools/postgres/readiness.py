"""What a session that stands can tell of its server: state, followers, database, space."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from psycopg.rows import class_row

from actions.tools.postgres.server import Postgres, Session, whole
from actions.tools.postgres.sessions import Pool, read_pool


@dataclass(frozen=True)
class ServerState:
    """The server as a whole. `replay_lag_s` is None unless it is in recovery and knows."""

    version: str
    up_s: float
    in_recovery: bool
    replay_paused: bool
    replay_lag_s: float | None
    read_only: bool
    checksums: bool
    archive_mode: str
    archive_failing: bool
    archive_failed: str
    oldest_age: int
    oldest_database: str
    freeze_max_age: int
    autovacuum: bool


@dataclass(frozen=True)
class Standby:
    """Somebody who follows by streaming. `lag_s` is None where nothing was written lately."""

    name: str
    state: str
    lag_s: float | None
    lag_bytes: int


@dataclass(frozen=True)
class Slot:
    """A place kept for somebody who follows; `kept_bytes` of WAL wait for them."""

    name: str
    active: bool
    wal_status: str
    kept_bytes: int


@dataclass(frozen=True)
class DatabaseState:
    """One database of the server. Ages are seconds since, None for never."""

    size_bytes: int
    all_bytes: int
    free_bytes: int | None
    checksum_failures: int
    vacuumed_s: float | None
    analyzed_s: float | None
    tables: int


_SERVER = """
    SELECT current_setting('server_version') AS version,
           extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8 AS up_s,
           r.yes AS in_recovery,
           CASE WHEN r.yes THEN pg_is_wal_replay_paused() ELSE false END AS replay_paused,
           CASE WHEN r.yes AND pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn()
             THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END
             AS replay_lag_s,
           current_setting('default_transaction_read_only')::bool AS read_only,
           current_setting('data_checksums')::bool AS checksums,
           current_setting('archive_mode') AS archive_mode,
           coalesce(w.last_failed_time > coalesce(w.last_archived_time, '-infinity'), false)
             AS archive_failing,
           coalesce(w.last_failed_time::timestamptz(0)::text, '') AS archive_failed,
           d.age AS oldest_age, d.datname::text AS oldest_database,
           current_setting('autovacuum_freeze_max_age')::int AS freeze_max_age,
           current_setting('autovacuum')::bool AS autovacuum
    FROM (SELECT pg_is_in_recovery() AS yes) r, pg_stat_archiver w,
         (SELECT datname, age(datfrozenxid) AS age FROM pg_database ORDER BY age DESC, datname LIMIT 1) d
"""
_HERE = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END"
_STANDBYS = f"""
    SELECT coalesce(nullif(application_name, ''), client_addr::text, 'unnamed') AS name,
           coalesce(state, 'not told') AS state, extract(epoch FROM replay_lag)::float8 AS lag_s,
           coalesce(pg_wal_lsn_diff({_HERE}, replay_lsn), 0)::bigint AS lag_bytes
    FROM pg_stat_replication ORDER BY 4 DESC, 1 LIMIT 20
"""  # noqa: S608  # only a constant above is put in
_SLOTS = f"""
    SELECT slot_name::text AS name, active, coalesce(wal_status, 'not told') AS wal_status,
           coalesce(pg_wal_lsn_diff({_HERE}, restart_lsn), 0)::bigint AS kept_bytes
    FROM pg_replication_slots ORDER BY active, 4 DESC, 1 LIMIT 20
"""  # noqa: S608  # only a constant above is put in
_DATABASE = """
    SELECT pg_database_size(current_database()),
           (SELECT sum(pg_database_size(oid))::bigint FROM pg_database),
           (SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()),
           extract(epoch FROM clock_timestamp() - max(greatest(last_vacuum, last_autovacuum)))::float8,
           extract(epoch FROM clock_timestamp() - max(greatest(last_analyze, last_autoanalyze)))::float8,
           count(*)
    FROM pg_stat_user_tables
"""


def read_server(session: Session) -> ServerState:
    """The server as a whole, asked of a session to any of its databases."""
    with session.cursor(row_factory=class_row(ServerState)) as cursor:
        found = cursor.execute(_SERVER.encode()).fetchone()
    if found is None:
        raise TypeError("the server said nothing of itself")
    return found


def read_followers(session: Session) -> tuple[tuple[Standby, ...], tuple[Slot, ...]]:
    """Who follows this server, and what is kept for whom; at most 20 each, the worst first."""
    with session.cursor(row_factory=class_row(Standby)) as cursor:
        standbys = tuple(cursor.execute(_STANDBYS.encode()).fetchall())
    with session.cursor(row_factory=class_row(Slot)) as slot_cursor:
        return standbys, tuple(slot_cursor.execute(_SLOTS.encode()).fetchall())


def read_database(server: Postgres, session: Session) -> tuple[DatabaseState, Pool]:
    """The session's own database, and how full the server is."""
    row = session.execute(_DATABASE.encode()).fetchone() or (0, 0, 0, None, None, 0)
    state = DatabaseState(
        size_bytes=whole(row[0]),
        all_bytes=whole(row[1]),
        free_bytes=free_bytes(server, session),
        checksum_failures=whole(row[2] or 0),
        vacuumed_s=_seconds(row[3]),
        analyzed_s=_seconds(row[4]),
        tables=whole(row[5]),
    )
    return state, read_pool(session, server.database)


def free_bytes(server: Postgres, session: Session) -> int | None:
    """Free space of the data directory, if the server is on this machine and lets us look."""
    if server.host not in ("127.0.0.1", "localhost", "::1") and not server.host.startswith("/"):
        return None
    row = session.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetchone()
    directory = Path(str(row[0])) if row and row[0] else None
    try:
        if directory is None or not (directory / "PG_VERSION").is_file():
            return None
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, float) else None
