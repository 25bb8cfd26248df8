"""The embedded store: SQLite, write-ahead log, synchronous=FULL, one writer thread, group commit."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from bot.store.database import Clock, Params, Row, StoreDown, Tx, iso, utc_now
from bot.store.schema import TABLES

T = TypeVar("T")
GROUP_LIMIT = 256
BUSY_TIMEOUT_S = 10.0


class SqliteTx:
    """A transaction on the writer's connection."""

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


class _Job:
    def __init__(self, work: Callable[[Tx], Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()


class SqliteStore:
    """See bot.store.database.Store. One process writes through one thread; readers never wait."""

    def __init__(self, path: Path | str, clock: Clock = utc_now) -> None:
        self._path = str(path)
        self._clock = clock
        if self._path != ":memory:":
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._local = threading.local()
        self._closed = threading.Event()
        ready: Future[None] = Future()
        self._writer = threading.Thread(
            target=self._write_for_ever, args=(ready,), name="store-writer", daemon=True
        )
        self._writer.start()
        ready.result(timeout=30)

    def write(self, work: Callable[[Tx], T]) -> T:
        return self.submit(work).result()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        job = _Job(work)
        if self._closed.is_set():
            job.future.set_exception(StoreDown("the store is closed; nothing was stored"))
        else:
            self._jobs.put(job)
        return job.future

    def read(self, sql: str, params: Params = ()) -> list[Row]:
        try:
            return self._reader().execute(sql, tuple(params)).fetchall()
        except sqlite3.OperationalError as error:
            raise StoreDown(f"the store cannot be read: {error}") from error

    def listen(self, bell: str, heard: Callable[[], None]) -> None:
        self._listeners.setdefault(bell, []).append(heard)

    def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            self._jobs.put(None)
        self._writer.join(timeout=30)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only=1")
            self._local.connection = connection
        return connection

    def _write_for_ever(self, ready: Future[None]) -> None:
        try:
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                connection.execute(table)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            ready.set_exception(StoreDown(f"the store {self._path} cannot be opened: {error}"))
            return
        ready.set_result(None)
        while True:
            job = self._jobs.get()
            if job is None:
                break
            self._write_group(connection, self._group(job))
        connection.close()

    def _group(self, first: _Job) -> list[_Job]:
        jobs = [first]
        while len(jobs) < GROUP_LIMIT:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            jobs.append(job)
        return jobs

    def _write_group(self, connection: sqlite3.Connection, jobs: list[_Job]) -> None:
        try:
            results, bells = self._commit(connection, jobs)
        except BaseException as error:  # noqa: BLE001 - every job is told of it below
            if len(jobs) == 1:
                jobs[0].future.set_exception(_as_told(error))
                return
            for job in jobs:
                self._write_group(connection, [job])
            return
        for job, result in zip(jobs, results, strict=True):
            job.future.set_result(result)
        for bell in bells:
            for heard in self._listeners.get(bell, ()):
                heard()

    def _commit(self, connection: sqlite3.Connection, jobs: list[_Job]) -> tuple[list[Any], set[str]]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            tx = SqliteTx(connection, iso(self._clock()))
            results = [job.work(tx) for job in jobs]
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return results, tx.bells


def _as_told(error: BaseException) -> BaseException:
    if isinstance(error, sqlite3.OperationalError | sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.IntegrityError | sqlite3.ProgrammingError
    ):
        return StoreDown(f"the store cannot write: {error}; nothing was stored")
    return error
