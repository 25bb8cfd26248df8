"""The store on PostgreSQL, when one machine is outgrown: the same SQL, one writer at a time, group commit."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from psycopg.types.numeric import NumericLoader

from bot.store.database import Clock, Params, Row, StoreDown, Tx, utc_now
from bot.store.schema import TABLES
from bot.store.writer import Writer

T = TypeVar("T")
CONNECT_TIMEOUT_S = 5
READERS = 4
READER_WAIT_S = 5.0
# What BEGIN IMMEDIATE is for SQLite: one writer at a time, whichever process it is in.
_ONE_WRITER = 7_238_004
BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({_ONE_WRITER})"
_LIMITS = "SET lock_timeout = '10s'; SET statement_timeout = '30s'; SET synchronous_commit = on"
_READ_ONLY_STATE = "25006"


class _WholeNumbers(NumericLoader):
    """SUM of whole numbers is a whole number, as in SQLite."""

    def load(self, data: Any) -> Any:
        number = super().load(data)
        return int(number) if number == number.to_integral_value() else float(number)


class PostgresTx:
    """A transaction on the writer's connection. An error inside it ends it."""

    # Rows go to the server in a pipeline of their own; long statements only cost it more to read.
    rows_a_statement = 1

    def __init__(self, connection: psycopg.Connection, now: str) -> None:
        self._connection = connection
        self.now = now
        self.bells: set[str] = set()

    def run(self, sql: str, params: Params = ()) -> int:
        return self._connection.execute(_translated(sql), tuple(params)).rowcount

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_translated(sql), [tuple(row) for row in rows])

    def one(self, sql: str, params: Params = ()) -> Row | None:
        cursor = self._connection.execute(_translated(sql), tuple(params))
        return cursor.fetchone() if cursor.description else None

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        cursor = self._connection.execute(_translated(sql), tuple(params))
        return cursor.fetchall() if cursor.description else []

    def ring(self, bell: str) -> None:
        self.bells.add(bell)


class PostgresSession:
    """The writer's connection; made anew where it was lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._elsewhere = False
        self._committing = False
        self._tx: PostgresTx | None = None
        try:
            self._connection = self._connect()
            self._connection.execute(BEGIN)
            for table in TABLES:
                self._connection.execute(table)
            self._connection.execute("COMMIT")
        except psycopg.Error as error:
            raise StoreDown(f"the PostgreSQL store cannot be opened: {_said(error)}") from error

    def begin(self, now: str) -> PostgresTx:
        self._committing = False
        try:
            self._connection.execute(BEGIN)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            if not self._connection.closed:
                raise
            self._connection = self._connect()  # it was cut while nothing was under way: nobody need know
            self._connection.execute(BEGIN)
        self._tx = PostgresTx(self._connection, now)
        return self._tx

    def commit(self) -> None:
        if self._tx is not None and self._tx.bells:
            self._connection.execute("NOTIFY drbot")
        self._committing = True
        self._connection.execute("COMMIT")
        self._committing = False

    def rollback(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self._connection.close()  # begin() makes a new one; the server rolls back what it held

    def down(self, error: BaseException) -> str:
        read_only = isinstance(error, psycopg.Error) and error.sqlstate == _READ_ONLY_STATE
        if not read_only and not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return ""
        if self._committing:
            lost = "the answer to COMMIT was lost, so it may be stored or not; doing it again is safe"
            return f"the PostgreSQL store: {_said(error)}; {lost}"
        return f"the PostgreSQL store cannot write: {_said(error)}; nothing was stored"

    def written_elsewhere(self) -> bool:
        try:
            self._connection.execute("SELECT 1")  # notifications arrive with any answer
        except psycopg.Error:
            self._connection.close()
        heard, self._elsewhere = self._elsewhere, False
        return heard

    def close(self) -> None:
        self._connection.close()

    def _connect(self) -> psycopg.Connection:
        connection = connect(self._url)
        own = connection.info.backend_pid

        def heard(notify: psycopg.Notify) -> None:
            self._elsewhere = self._elsewhere or notify.pid != own

        connection.add_notify_handler(heard)
        connection.execute("LISTEN drbot")
        return connection


class PostgresStore:
    """See bot.store.database.Store. Opened by `postgresql://…`; raises StoreDown where it cannot be."""

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self._url = url
        self._closed = False
        self._readers: queue.LifoQueue[psycopg.Connection | None] = queue.LifoQueue()
        for _ in range(READERS):
            self._readers.put(None)
        self._writer = Writer(lambda: PostgresSession(url), clock)

    def write(self, work: Callable[[Tx], T]) -> T:
        return self._writer.submit(work).result()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        return self._writer.submit(work)

    def read(self, sql: str, params: Params = ()) -> list[Row]:
        try:
            try:
                return self._read(sql, params)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                return self._read(sql, params)  # on a new connection: the old one may have been cut
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StoreDown(f"the PostgreSQL store cannot be read: {_said(error)}") from error

    def listen(self, bell: str, heard: Callable[[], None]) -> None:
        self._writer.listen(bell, heard)

    def close(self) -> None:
        self._writer.close()
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                if connection := self._readers.get_nowait():
                    connection.close()

    def _read(self, sql: str, params: Params) -> list[Row]:
        with self._reader() as connection:
            return connection.execute(_translated(sql), tuple(params)).fetchall()

    @contextlib.contextmanager
    def _reader(self) -> Iterator[psycopg.Connection]:
        try:
            connection = self._readers.get(timeout=READER_WAIT_S)
        except queue.Empty as error:
            raise StoreDown(f"{READERS} readers were busy for {READER_WAIT_S:.0f} s") from error
        try:
            if connection is None or connection.closed:
                connection = None
                connection = connect(self._url)
            yield connection
        finally:
            if connection is not None and (connection.broken or self._closed):
                connection.close()
            self._readers.put(connection)


def connect(url: str) -> psycopg.Connection:
    """A connection with the store's own limits. Raises psycopg.Error."""
    connection = psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name="drbot",
        tcp_user_timeout=10_000,
    )
    connection.adapters.register_loader("numeric", _WholeNumbers)
    connection.execute(_LIMITS)
    return connection


@lru_cache(maxsize=512)
def _translated(sql: str) -> bytes:
    """`?` outside quotes becomes `%s`; a percent sign stays one."""
    parts = sql.replace("%", "%%").split("'")
    return "'".join(
        part if number % 2 else part.replace("?", "%s") for number, part in enumerate(parts)
    ).encode()


def _said(error: BaseException) -> str:
    """The first line: the rest may repeat the statement with what it carried."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
