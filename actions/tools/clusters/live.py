"""The live server of a cluster, asked over its own connection: who it is, how its archive stands."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from actions.failures import NotVerified, Refused, Transient
from actions.tools.clusters.backrest_info import timeline_of
from actions.tools.clusters.power import CLOCK_SLACK_S, Postmaster
from actions.tools.postgres.server import Postgres, Session

ARCHIVED_WITHIN_S = 180.0
Tell = Callable[[str], None]

_LIVE = """
    SELECT extract(epoch FROM clock_timestamp())::float8,
           extract(epoch FROM pg_postmaster_start_time())::float8,
           pg_is_in_recovery(), current_setting('archive_mode'),
           extract(epoch FROM w.last_archived_time)::float8, coalesce(w.last_archived_wal, ''),
           coalesce(w.last_failed_time > coalesce(w.last_archived_time, '-infinity'), false),
           coalesce(w.last_failed_wal, ''), w.failed_count,
           CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_walfile_name(pg_current_wal_lsn()) END,
           extract(epoch FROM current_setting('archive_timeout')::interval)::float8,
           (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')
    FROM pg_stat_archiver w
"""
_DATABASES = "SELECT datname::text FROM pg_database WHERE NOT datistemplate ORDER BY 1 LIMIT 50"
_SESSIONS = """
    SELECT coalesce(usename, '?'), coalesce(nullif(application_name, ''), 'unnamed'), count(*)
    FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 20
"""


@dataclass(frozen=True)
class LiveSeen:
    """The server by its own clock. `archived_at` is None where it has archived nothing yet.

    `current_wal` is the file that it writes now ('' in recovery); `archive_timeout_s` is 0 for never.
    """

    now: datetime
    started_s: float
    in_recovery: bool
    archive_mode: str
    archived_at: datetime | None
    archived_wal: str
    failing: bool
    failed_wal: str
    failures: int
    current_wal: str
    archive_timeout_s: float
    segment_bytes: int

    @property
    def waiting_files(self) -> int:
        """Full WAL files that are not in the archive yet."""
        if not self.archived_wal:
            return 0
        per = 0x1_0000_0000 // self.segment_bytes
        return max(0, segment_number(self.current_wal, per) - segment_number(self.archived_wal, per) - 1)

    @property
    def timeline(self) -> int:
        return timeline_of(self.current_wal)


def read_live(session: Session) -> LiveSeen:
    """How the server and its archive stand."""
    row = session.execute(_LIVE).fetchone()
    if row is None:
        raise NotVerified("the server said nothing of its archive")
    return LiveSeen(
        now=_moment(row[0]),
        started_s=float(str(row[1])),
        in_recovery=bool(row[2]),
        archive_mode=str(row[3]),
        archived_at=None if row[4] is None else _moment(row[4]),
        archived_wal=str(row[5]),
        failing=bool(row[6]),
        failed_wal=str(row[7]),
        failures=int(str(row[8])),
        current_wal=str(row[9]),
        archive_timeout_s=float(str(row[10])),
        segment_bytes=int(str(row[11])),
    )


def segment_number(wal: str, per_log: int) -> int:
    """Which file of the WAL this is, counted through; 0 where it is none."""
    try:
        return int(wal[8:16], 16) * per_log + int(wal[16:24], 16)
    except ValueError:
        return 0


def _moment(epoch: object) -> datetime:
    return datetime.fromtimestamp(float(str(epoch)), UTC)


def read_databases(session: Session) -> tuple[str, ...]:
    """The names of its databases."""
    return tuple(str(row[0]) for row in session.execute(_DATABASES))


def read_sessions(session: Session) -> tuple[str, ...]:
    """Who is connected, `user (application): how many`."""
    return tuple(f"{row[0]} ({str(row[1])[:40]}): {row[2]}" for row in session.execute(_SESSIONS))


def require_same(server: Postgres, live: LiveSeen, running: Postmaster, directory: str) -> None:
    """Raise Refused where the server of the URL is not the one that runs in the directory."""
    if abs(live.started_s - running.started_s) > CLOCK_SLACK_S:
        raise Refused(
            f"{server.place} is not the server that runs in {directory}: the plan's `database` and `cluster`"
            " speak of different ones. Nothing was changed."
        )


def flush_wal(server: Postgres, run: int, tell: Tell) -> str:
    """Bring everything that is committed now into the archive; the name of the newest archived WAL file.

    Safe to repeat. Raises NotVerified where it does not arrive in time.
    """
    with server.admin(run) as session:
        session.execute("SELECT pg_current_xact_id()")  # a commit behind the target, where replay can stop
        row = session.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        wanted = str(row[0]) if row else ""
        deadline = time.monotonic() + ARCHIVED_WITHIN_S
        while (live := read_live(session)).archived_wal < wanted:
            if time.monotonic() > deadline:
                failing = f"; {live.failed_wal} failed {live.failures} times" if live.failing else ""
                raise NotVerified(
                    f"{wanted} did not reach the archive within {ARCHIVED_WITHIN_S:.0f} s{failing}"
                )
            tell(f"waiting for {wanted} to be archived")
            session.execute("SELECT pg_stat_clear_snapshot()")
            time.sleep(0.1)
    return live.archived_wal


def checkpoint(server: Postgres, run: int) -> None:
    """Write out what is dirty, so that the server stops fast. Where it may not, stopping takes longer."""
    with contextlib.suppress(Refused, Transient, psycopg.Error), server.admin(run, 300.0) as session:
        session.execute("CHECKPOINT")
