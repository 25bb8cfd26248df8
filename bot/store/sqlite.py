"""The embedded store: SQLite, write-ahead log, synchronous=FULL, one writer thread, group commit."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from bot.store.checkpoints import Checkpoints
from bot.store.database import Clock, Params, Row, StoreDown, Tx, utc_now
from bot.store.schema import TABLES
from bot.store.writer import Writer

T = TypeVar("T")
BUSY_TIMEOUT_S = 10.0
CACHED_STATEMENTS = 256
# What the engine says when it is the work that is wrong, not the store.
_WORK_ERRORS = frozenset(
    {"SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_TOOBIG", "SQLITE_MISUSE"}
)
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
BRING_BACK = ". `dr self restore FROM replace=yes` brings the memory back from a copy and keeps this beside"


class SqliteTx:
    """A transaction on the writer's connection."""

    # One step for many rows: each step gives the interpreter away and has to win it back.
    rows_a_statement = 256

    def __init__(self, connection: sqlite3.Connection, now: str) -> None:
        self._connection = connection
        self.now = now
        self.bells: set[str] = set()

    def run(self, sql: str, params: Params = ()) -> int:
        return self._connection.execute(sql, tuple(params)).rowcount

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        self._connection.executemany(sql, rows)

    def one(self, sql: str, params: Params = ()) -> Row | None:
        row: Row | None = self._connection.execute(sql, tuple(params)).fetchone()
        return row

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        return self._connection.execute(sql, tuple(params)).fetchall()

    def ring(self, bell: str) -> None:
        self.bells.add(bell)


class SqliteSession:
    """The writer's connection. BEGIN IMMEDIATE keeps other processes' writers out."""

    def __init__(self, path: str) -> None:
        _refuse_to_lose(Path(path))
        try:
            self._connection = connect(path)
            self._connection.execute("PRAGMA wal_autocheckpoint=0")
            self._connection.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                self._connection.execute(table)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            hint = BRING_BACK if getattr(error, "sqlite_errorname", "") in _DAMAGED else ""
            raise StoreDown(f"the store {path} cannot be opened: {error}{hint}") from error
        self._path = path
        self._checkpoints = Checkpoints(lambda: connect(path))
        self._version = self._data_version()

    def begin(self, now: str) -> SqliteTx:
        self._checkpoints.make_room(self._connection)
        self._connection.execute("BEGIN IMMEDIATE")
        return SqliteTx(self._connection, now)

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        self._checkpoints.due.set()

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def down(self, error: BaseException) -> str:
        if not _stores_fault(error):
            return ""
        return f"the store {self._path} cannot write: {error}; nothing was stored"

    def written_elsewhere(self) -> bool:
        before, self._version = self._version, self._data_version()
        return before != self._version

    def close(self) -> None:
        self._checkpoints.close()
        self._connection.close()

    def _data_version(self) -> int:
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:  # the next write says what is wrong
            return -1


class SqliteStore:
    """See bot.store.database.Store. One thread writes; readers never wait for it."""

    def __init__(self, path: Path | str, clock: Clock = utc_now) -> None:
        self._path = str(path)
        try:
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreDown(f"the store {path} cannot be opened: {error}") from error
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._writer = Writer(lambda: SqliteSession(self._path), clock)

    def write(self, work: Callable[[Tx], T]) -> T:
        return self._writer.submit(work).result()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        return self._writer.submit(work)

    def read(self, sql: str, params: Params = ()) -> list[Row]:
        try:
            return self._reader().execute(sql, tuple(params)).fetchall()
        except sqlite3.DatabaseError as error:
            if not _stores_fault(error):
                raise
            raise StoreDown(f"the store {self._path} cannot be read: {error}") from error

    def listen(self, bell: str, heard: Callable[[], None]) -> None:
        self._writer.listen(bell, heard)

    def close(self) -> None:
        self._writer.close()
        while self._readers:
            self._readers.pop().close()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only=1")
            self._local.connection = connection
            self._readers.append(connection)
        return connection


def _refuse_to_lose(file: Path) -> None:
    """A file that is gone or empty beside a log that is not: SQLite would delete the log and begin anew."""
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size and not (file.exists() and file.stat().st_size):
        raise StoreDown(
            f"the store {file} is gone or empty, and its log {log.name} is not: put the file back, or, to"
            f" begin with an empty memory, move the log away{BRING_BACK}"
        )


def _stores_fault(error: BaseException) -> bool:
    """Whether the disk or the file is to blame, not the statement."""
    if not isinstance(error, sqlite3.DatabaseError) or isinstance(
        error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError
    ):
        return False
    return getattr(error, "sqlite_errorname", "") not in _WORK_ERRORS


def connect(path: str) -> sqlite3.Connection:
    """A connection with the store's own durability settings. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=CACHED_STATEMENTS,
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection
