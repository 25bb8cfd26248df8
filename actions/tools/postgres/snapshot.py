"""One snapshot of a database, shared: a dump reads it, and beside it its rows are counted and hashed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass

import psycopg
from psycopg import sql

from actions.failures import Refused, Transient
from actions.tools.postgres.content import TableContent, Tell, read_tables, read_views
from actions.tools.postgres.definitions import read_definitions
from actions.tools.postgres.greeting import Greeting
from actions.tools.postgres.inventory import read_inventory, read_newest
from actions.tools.postgres.large_objects import read_large_objects
from actions.tools.postgres.row_hash import HashedBy, way_of
from actions.tools.postgres.server import Postgres, Session, whole

TOLD_EVERY_S = 0.5
LOCK_PATIENCE_S = 5.0
CANCEL_S = 5.0
_BEGIN = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_HOLDER = """
    SELECT a.pid, a.application_name, a.backend_start::timestamptz(0)::text
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
      AND l.classid = (hashtext('drbot:backup')::bigint & 4294967295)::oid
      AND l.objid = (hashtext(current_database())::bigint & 4294967295)::oid
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that stays as long as its session: another session can read by its `name`."""

    session: Session
    name: str


@contextlib.contextmanager
def shared_snapshot(server: Postgres, run: int | None, timeout_s: float) -> Iterator[Snapshot]:
    """Hold the database's backup lock and a snapshot of it; both end with the session, so with the bot.

    Raises Refused while another run holds the lock, naming it.
    """
    with server.session(run, statement_timeout_s=timeout_s) as session:
        hold_backup_lock(session, run)
        session.execute(_BEGIN)
        row = session.execute("SELECT pg_export_snapshot()").fetchone()
        yield Snapshot(session, str(row[0]) if row else "")
        session.execute("COMMIT")


def hold_backup_lock(session: Session, run: int | None) -> None:
    """Take the lock for as long as the session lives; what a killed bot left of the same run is ended.

    Raises Refused while another run holds it, naming it.
    """
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while not _try_lock(session):
        holder = session.execute(_HOLDER).fetchone()
        own = session.info.parameter_status("application_name")
        ours = holder is not None and run is not None and holder[1] == own
        if holder is not None and ours:
            session.execute("SELECT pg_terminate_backend(%s)", [whole(holder[0])])
        elif holder is not None and time.monotonic() > deadline - 4.0:
            raise Refused(
                f"another backup of this database is running: {holder[1]}, since {holder[2]}. Nothing was"
                " changed; wait for it"
            )
        if time.monotonic() > deadline:
            raise Refused(f"the backup lock was not free within {LOCK_PATIENCE_S:.0f} s; nothing was changed")
        time.sleep(0.05)


def _try_lock(session: Session) -> bool:
    row = session.execute(
        "SELECT pg_try_advisory_lock(hashtext('drbot:backup'), hashtext(current_database()))"
    ).fetchone()
    return bool(row and row[0])


@dataclass(frozen=True)
class Read:
    """What the rows of a snapshot are; see actions.tools.postgres.content, .inventory and .definitions."""

    tables: Mapping[str, TableContent]
    hashed_by: HashedBy
    large_objects: tuple[int, str]
    inventory: Mapping[str, int]
    newest: Mapping[str, str]
    views: tuple[str, ...]
    definitions: Mapping[str, str]


class ReadBeside:
    """Reads a snapshot in a session and a thread of its own. `said` is how far it is."""

    def __init__(self, server: Postgres, snapshot: str, run: int | None, timeout_s: float) -> None:
        self._server = server
        self._snapshot = snapshot
        self._run = run
        self._timeout_s = timeout_s
        self._read: Future[Read] = Future()
        self._session: Session | None = None
        self._asked_s = 0.0
        self.said = "the rows are not counted yet"

    def __enter__(self) -> ReadBeside:
        threading.Thread(target=self._work, name="content of the snapshot", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        session = self._session
        if not self._read.done() and session is not None:
            with contextlib.suppress(psycopg.Error):
                session.cancel_safe(timeout=CANCEL_S)

    def check(self, silent_s: float) -> None:
        """For whoever waits for the dump: raises what the reading raised, or Transient where the server is
        gone while the dump has said nothing for `silent_s` seconds.
        """
        if self._read.done() and (error := self._read.exception()) is not None:
            raise error
        if silent_s < self._asked_s:  # another silence than the one before
            self._asked_s = 0.0
        if silent_s > self._asked_s + self._server.silence_timeout_s:
            self._asked_s = silent_s
            greeting = self._server.greet()
            if greeting is not Greeting.ACCEPTING:
                raise Transient(f"{self._server.place} is gone while it is dumped: {greeting.value}")

    def wait(self, tell: Tell) -> Read:
        """What was read; says how far it is meanwhile. Raises what the reading raised."""
        while True:
            try:
                return self._read.result(TOLD_EVERY_S)
            except NotYet:
                if self._read.done():
                    raise
                tell(self.said)

    def _work(self) -> None:
        try:
            self._read.set_result(self._reading())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self._read.set_exception(error)

    def _reading(self) -> Read:
        with self._server.session(self._run, statement_timeout_s=self._timeout_s) as session:
            self._session = session
            session.execute("SET max_parallel_workers_per_gather = 0")  # customers need the others
            session.execute(_BEGIN)
            session.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(self._snapshot)))
            hashed_by = way_of(session.info.server_version)
            tables = read_tables(session, hashed_by, self._note)
            found = Read(
                tables,
                hashed_by,
                read_large_objects(session),
                read_inventory(session),
                read_newest(session, self._server.newest),
                read_views(session),
                read_definitions(session),
            )
            session.execute("COMMIT")
        return found

    def _note(self, said: str) -> None:
        self.said = said
