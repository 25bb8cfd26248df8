"""Which statements of a dump may be run side by side: indexes and keys of different tables."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from actions.tools.dumps.split import Statement

Group = Literal["index", "key"]
_PART = rb'(?:"(?:[^"]|"")+"|[\w$]+)'
_TABLE = rb"(" + _PART + rb"(?:\." + _PART + rb")?)"
_INDEX = re.compile(rb"CREATE (?:UNIQUE )?INDEX " + _PART + rb" ON (?:ONLY )?" + _TABLE + rb" ")
_UNIQUE = re.compile(
    rb"ALTER TABLE ONLY " + _TABLE + rb"\s+ADD CONSTRAINT " + _PART + rb" (?:PRIMARY KEY|UNIQUE|EXCLUDE)\b"
)
_KEY = re.compile(
    rb"ALTER TABLE ONLY " + _TABLE + rb"\s+ADD CONSTRAINT " + _PART
    + rb" FOREIGN KEY \((?:[^()\"]|\"(?:[^\"]|\"\")+\")*\) REFERENCES " + _TABLE + rb"\("
)  # fmt: skip


@dataclass(frozen=True)
class Apart:
    """A statement that touches these tables only; `shared`: beside another shared one of the same table.

    Foreign keys need the indexes that come before them, so the two groups never mix.
    """

    statement: Statement
    group: Group
    tables: frozenset[bytes]
    shared: bool = False

    def beside(self, other: Apart) -> bool:
        """Whether the two may run at once."""
        return (self.shared and other.shared) or not self.tables & other.tables


def apart(statement: Statement) -> Apart | None:
    """What it touches, or None where it must run alone."""
    if found := _INDEX.match(statement.text):
        return Apart(statement, "index", frozenset({found[1]}), shared=True)
    if found := _UNIQUE.match(statement.text):
        return Apart(statement, "index", frozenset({found[1]}))
    if found := _KEY.match(statement.text):
        return Apart(statement, "key", frozenset({found[1], found[2]}))
    return None


class Bundle:
    """Statements of one group; several threads take them, each one that fits beside what is running."""

    def __init__(self, jobs: list[Apart]) -> None:
        self._changed = threading.Condition()
        self._waiting = jobs
        self._running: list[Apart] = []

    def work(self, run: Callable[[Statement], None]) -> None:
        """Take and run one after the other until none is left. What one raises ends it for all."""
        while (job := self._take()) is not None:
            try:
                run(job.statement)
            except BaseException:
                self.cancel()
                raise
            finally:
                with self._changed:
                    self._running.remove(job)
                    self._changed.notify_all()

    def cancel(self) -> None:
        """Nobody takes one any more."""
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()

    def _take(self) -> Apart | None:
        with self._changed:
            while self._waiting:
                for job in self._waiting:
                    if all(job.beside(other) for other in self._running):
                        self._waiting.remove(job)
                        self._running.append(job)
                        return job
                self._changed.wait()
            return None
