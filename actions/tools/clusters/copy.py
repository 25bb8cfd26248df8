"""A recovered cluster beside the live one: only drbot can reach it, and it reaches nobody."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from psycopg import conninfo

from actions.failures import NotVerified, Refused, Transient
from actions.tools.clusters.account import as_user
from actions.tools.clusters.cluster import Cluster
from actions.tools.clusters.files import Control, make_directory, read_control, remove, write_whole
from actions.tools.clusters.power import complaint, postmaster, start, stop, tail
from actions.tools.command import checked, run
from actions.tools.postgres.server import Postgres

SOCKET_PATH_BYTES = 107
BEGIN_S = 30.0
LOOK_AGAIN_S = 0.1
FAST_STOP_S = 120.0
SYNC_S = 3600.0
_LAST = re.compile(r"last completed transaction was at log time ([0-9-]+ [0-9:.]+)\+00")
_FILE = re.compile(r'restored log file "([0-9A-F]{24})" from archive')
_ENDED_EARLY = "recovery ended before configured recovery target"
Tell = Callable[[str], None]

_HBA = b"local all all trust\n"
_QUIET: Mapping[str, str] = {
    "archive_mode": "off",
    "archive_command": "",
    "listen_addresses": "",
    "primary_conninfo": "",
    "shared_preload_libraries": "",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
    "max_logical_replication_workers": "0",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_line_prefix": "%m ",
    "lc_messages": "C",
    "autovacuum": "off",
    "ssl": "off",
    "fsync": "off",
    "hot_standby": "on",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
}
"""What its own settings must not bring along: an archive to write to, somebody to follow, jobs to run.

Without fsync it starts and replays in half the time; `settle` makes it safe before anybody relies on it.
"""


@dataclass(frozen=True)
class Replayed:
    """How a recovery ended: the newest transaction that it brought back (ISO 8601 UTC, '' for none)."""

    last_transaction: str
    took_s: float


@dataclass(frozen=True)
class Copy:
    """The recovered cluster of one run."""

    cluster: Cluster
    run: int

    @property
    def directory(self) -> Path:
        return self.cluster.recovered(self.run)

    @property
    def _private(self) -> Path:
        return self.cluster.private(self.run)

    @property
    def _log(self) -> Path:
        return self._private / "log"

    def server(self, like: Postgres) -> Postgres:
        """The copy as a server, for the same role and database as the live one."""
        url = conninfo.make_conninfo(
            host=str(self._private), port=self.cluster.port, user=like.user, dbname=like.database
        )
        return replace(like, url=url)

    def begin(self, live: Control | None) -> None:
        """Start it, private and quiet; nothing to do where it runs.

        `live` tells the limits that it must not fall below. Raises Refused where its socket would have too
        long a path, NotVerified where it does not start.
        """
        if postmaster(self.directory) is not None:
            return
        remove(self._private)  # with the log of a life before, whose complaints are none of this one's
        make_directory(self.cluster, self._private)
        socket = self._private / f".s.PGSQL.{self.cluster.port}"
        if len(str(socket).encode()) > SOCKET_PATH_BYTES:
            raise Refused(f"{self.cluster.beside} is too long a path for a socket: choose a shorter `beside`")
        write_whole(self.cluster, self._private / "postgresql.conf", b"")
        write_whole(self.cluster, self._private / "pg_hba.conf", _HBA)
        write_whole(self.cluster, self._private / "pg_ident.conf", b"")
        start(self.cluster, self.directory, self._options(live), self._log, BEGIN_S, wait=False)

    def _options(self, live: Control | None) -> tuple[str, ...]:
        own = read_control(self.cluster, self.directory).limits
        others = live.limits if live else {}
        limits = {name: str(max(value, others.get(name, 0))) for name, value in own.items()}
        settings = {
            **_QUIET,
            **limits,
            "config_file": f"{self._private}/postgresql.conf",
            "hba_file": f"{self._private}/pg_hba.conf",
            "ident_file": f"{self._private}/pg_ident.conf",
            "unix_socket_directories": str(self._private),
            "port": str(self.cluster.port),
            "cluster_name": f"drbot_{self.run}",
        }
        return tuple(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))

    def wait_recovered(self, like: Postgres, tell: Tell, timeout_s: float) -> Replayed:
        """Wait until it has replayed the archive and is a server of its own.

        Raises NotVerified where the archive ends before the target, or it stops; Transient where it takes
        longer than `timeout_s`.
        """
        began = time.monotonic()
        seen_running = False
        while time.monotonic() - began < timeout_s:
            seen_running |= (running := postmaster(self.directory) is not None)
            if not running and (seen_running or time.monotonic() - began > BEGIN_S or complaint(self._log)):
                raise NotVerified(self._why_it_ended())
            done, said = self._progress(like) if running else (None, "starting")
            if done is not None:
                return Replayed(done, time.monotonic() - began)
            tell(said)
            time.sleep(LOOK_AGAIN_S)
        raise Transient(f"the archive was not replayed within {timeout_s:.0f} s: {self._files()}")

    def _progress(self, like: Postgres) -> tuple[str | None, str]:
        """The newest transaction once it is done (None before), and how far it is."""
        try:
            with self.server(like).admin(self.run, 10.0) as session:
                row = session.execute(
                    "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text,"
                    " extract(epoch FROM pg_last_xact_replay_timestamp())::float8"
                ).fetchone()
        except Transient:  # it starts up still
            return None, self._files()
        if row is None:
            return None, self._files()
        last = datetime.fromtimestamp(float(str(row[2])), UTC).isoformat() if row[2] is not None else ""
        if row[0]:
            return None, f"replayed up to {row[1]}, last transaction of {last[:19] or 'not known yet'}"
        return last, ""

    def _files(self) -> str:
        found = _FILE.findall(tail(self._log))
        return f"replayed WAL {found[-1]}" if found else "no WAL replayed yet"

    def _why_it_ended(self) -> str:
        said = tail(self._log)
        last = _LAST.findall(said)
        newest = f"{last[-1].replace(' ', 'T')}Z" if last else "not known"
        if _ENDED_EARLY in said:
            return (
                f"the archive ends before that point in time: {self._files()}, its newest transaction is of"
                f" {newest}. Either its WAL has a gap there, or nothing later was archived"
            )
        return f"the recovered cluster stopped: {complaint(self._log) or 'its log says nothing'}"

    def end(self) -> None:
        """Stop it and forget its socket and log; nothing to do where it does not run."""
        if self.directory.is_dir():
            stop(self.cluster, self.directory, FAST_STOP_S)
        remove(self._private)

    def settle(self) -> None:
        """Stop it and write all of it to the disk, as it ran without fsync. Raises NotVerified."""
        self.end()
        program = self.cluster.program("initdb", self.directory)
        argv = as_user(self.cluster.user, (program, "--sync-only", "-D", self.directory))
        checked(run(argv, SYNC_S))

    def remove(self) -> bool:
        """Stop it and remove everything of it; whether anything was there."""
        if self.directory.is_dir():
            stop(self.cluster, self.directory, FAST_STOP_S, "immediate")
        was = remove(self._private)
        was |= remove(self.directory.with_name(f"{self.directory.name}.tablespaces"))
        return remove(self.directory) or was
