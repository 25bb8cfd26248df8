"""Checkpoints of SQLite's write-ahead log, away from the writer: it only pays when the log grows too long."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable

EVERY_S = 0.25
# Above this the writer stops for a moment so that it starts anew.
LONG_PAGES = 32_000
_log = logging.getLogger(__name__)


class Checkpoints:
    """Copies the log into the database from a thread of its own, which writers do not wait for.

    Under steady writing such a copy never reaches the end of the log, so it would grow for ever: once it is
    LONG_PAGES long, the writer calls `make_room` between two transactions, which copies the small rest.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self.due = threading.Event()
        self._connect = connect
        self._stopping = threading.Event()
        self._too_long = False
        self._thread = threading.Thread(target=self._copy_for_ever, name="store-checkpoints", daemon=True)
        self._thread.start()

    def make_room(self, writer: sqlite3.Connection) -> None:
        """Start the log anew if it is too long. On the writer's thread, outside a transaction."""
        if self._too_long:
            self._too_long = False
            writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()

    def close(self) -> None:
        """Stop copying. Safe to call twice."""
        self._stopping.set()
        self.due.set()
        self._thread.join(timeout=10)

    def _copy_for_ever(self) -> None:
        connection: sqlite3.Connection | None = None
        while not self._stopping.is_set():
            self.due.wait()
            self.due.clear()
            try:
                connection = connection or self._connect()
                self._copy(connection)
            except sqlite3.Error as error:
                # Nothing is lost: the log keeps every commit, and the next round tries again.
                _log.warning("the store's log could not be copied into the database: %s", error)
            self._stopping.wait(EVERY_S)
        if connection is not None:
            connection.close()

    def _copy(self, connection: sqlite3.Connection) -> None:
        _, in_log, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._too_long = in_log > LONG_PAGES and in_log > copied
