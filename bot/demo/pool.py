"""A small connection pool of fixed size, which can run dry as a real one does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


class PoolExhausted(Exception):
    """No connection came free in time."""


class Pool:
    """`size` connections to one database; a connection that the server ended is replaced on return."""

    def __init__(self, url: str, size: int) -> None:
        self.size = size
        self._url = url
        self._idle: queue.Queue[psycopg.Connection | None] = queue.Queue()
        for _ in range(size):
            self._idle.put(None)
        self._lock = threading.Lock()
        self._active = 0
        self._pending = 0

    @property
    def active(self) -> int:
        return self._active

    @property
    def pending(self) -> int:
        return self._pending

    @contextmanager
    def connection(self, timeout_s: float) -> Iterator[psycopg.Connection]:
        """Borrow one. Raises PoolExhausted after the timeout, psycopg.Error where the server is gone."""
        with self._lock:
            self._pending += 1
        try:
            held = self._idle.get(timeout=timeout_s)
        except queue.Empty as error:
            raise PoolExhausted(f"all {self.size} connections are in use") from error
        finally:
            with self._lock:
                self._pending -= 1
        with self._lock:
            self._active += 1
        try:
            if held is None or held.closed:
                held = psycopg.connect(
                    self._url, autocommit=True, connect_timeout=3, application_name="belezza-api"
                )
            yield held
        finally:
            with self._lock:
                self._active -= 1
            self._idle.put(held if held is not None and not held.closed else None)
