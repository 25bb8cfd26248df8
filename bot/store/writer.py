"""The one writer: a thread that runs what was asked for meanwhile and commits it as one group."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from bot.store.database import Clock, StoreDown, Tx, iso

T = TypeVar("T")
GROUP_LIMIT = 256
ELSEWHERE_S = 0.5
CLOSE_S = 30.0
_log = logging.getLogger(__name__)


class BelledTx(Tx, Protocol):
    """A transaction that remembers which bells to ring after its COMMIT."""

    bells: set[str]


class Session(Protocol):
    """The writer's connection to one engine; used by the writer's thread alone."""

    def begin(self, now: str) -> BelledTx:
        """Open a transaction that no other writer, of any process, runs beside."""
        ...

    def commit(self) -> None: ...

    def rollback(self) -> None:
        """End the transaction if one is open; never raises."""
        ...

    def down(self, error: BaseException) -> str:
        """Why the store cannot write, or '' where the error is the work's own."""
        ...

    def written_elsewhere(self) -> bool:
        """Whether another process committed since this was asked last."""
        ...

    def close(self) -> None: ...


class _Job:
    __slots__ = ("future", "work")

    def __init__(self, work: Callable[[Tx], Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()


class Writer:
    """Runs submitted work on one session, in order, many units a COMMIT.

    A unit that raises is told so and the others of its group are run again without it. When the store
    itself fails, every unit of the group is told StoreDown.
    """

    def __init__(self, connect: Callable[[], Session], clock: Clock) -> None:
        self._clock = clock
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._closing = threading.Lock()
        self._closed = False
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._write_for_ever, args=(connect, ready), name="store-writer", daemon=True
        )
        self._thread.start()
        ready.result(timeout=60)

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        job = _Job(work)
        with self._closing:
            if not self._closed:
                self._jobs.put(job)
                return job.future
        job.future.set_exception(StoreDown("the store is closed; nothing was stored"))
        return job.future

    def listen(self, bell: str, heard: Callable[[], None]) -> None:
        self._listeners.setdefault(bell, []).append(heard)

    def close(self) -> None:
        with self._closing:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join(timeout=CLOSE_S)

    def _write_for_ever(self, connect: Callable[[], Session], ready: Future[None]) -> None:
        try:
            session = connect()
        except BaseException as error:  # noqa: BLE001 - told to whoever opens the store
            ready.set_exception(error)
            return
        ready.set_result(None)
        looked = time.monotonic()
        open_for_work = True
        while open_for_work:
            jobs, open_for_work = self._next_group()
            if jobs:
                self._write_group(session, jobs)
            if time.monotonic() - looked >= ELSEWHERE_S:
                looked = time.monotonic()
                if session.written_elsewhere():
                    self._ring(set(self._listeners))
        session.close()

    def _next_group(self) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        try:
            job = self._jobs.get(timeout=ELSEWHERE_S)
            while job is not None:
                if job.future.set_running_or_notify_cancel():
                    jobs.append(job)
                if len(jobs) >= GROUP_LIMIT:
                    return jobs, True
                job = self._jobs.get_nowait()
        except queue.Empty:
            return jobs, True
        return jobs, False

    def _write_group(self, session: Session, jobs: list[_Job]) -> None:
        failed: list[tuple[_Job, BaseException]] = []
        waiting = list(jobs)
        while waiting:
            results: list[Any] = []
            try:
                bells = self._commit(session, waiting, results)
            except BaseException as raised:  # noqa: BLE001 - every job is told of it
                session.rollback()
                if why := session.down(raised):
                    _tell_down(jobs, why, raised)
                    return
                if len(results) == len(waiting) > 1:  # the COMMIT itself: each alone shows whose fault it is
                    for job in waiting:
                        self._write_group(session, [job])
                    break
                failed.append((waiting.pop(min(len(results), len(waiting) - 1)), raised))
                continue
            for job, result in zip(waiting, results, strict=True):
                job.future.set_result(result)
            self._ring(bells)
            break
        # Told last: what made them fail may have been written by a unit that is only now committed.
        for job, error in failed:
            job.future.set_exception(error)

    def _commit(self, session: Session, jobs: list[_Job], results: list[Any]) -> set[str]:
        """Run and commit them; on an error the length of `results` says which one raised."""
        tx = session.begin(iso(self._clock()))
        for job in jobs:
            results.append(job.work(tx))
        session.commit()
        return tx.bells

    def _ring(self, bells: set[str]) -> None:
        for bell in bells:
            for heard in self._listeners.get(bell, ()):
                try:
                    heard()
                except Exception:  # noqa: BLE001 - the write is committed, the writer must go on
                    _log.exception("a listener of the bell %r failed; the write itself is committed", bell)


def _tell_down(jobs: list[_Job], why: str, error: BaseException) -> None:
    for job in jobs:
        down = StoreDown(why)
        down.__cause__ = error
        job.future.set_exception(down)
