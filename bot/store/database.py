"""One writer, group commit: what is asked for meanwhile is committed together, and answered after the COMMIT.

A unit of work is a function of a transaction. It may be run again when another unit of the same
group failed, so it does nothing but read and write through the transaction it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")
Row: TypeAlias = "tuple[Any, ...]"
Params: TypeAlias = "Sequence[object]"
Clock: TypeAlias = "Callable[[], datetime]"
# `Store.read` and `Tx.all` alike: for questions that are asked before a transaction and again inside it.
Read: TypeAlias = "Callable[[str, Params], Sequence[Row]]"


class StoreDown(Exception):
    """The store cannot take it now; nothing was stored. The sender should keep it and try again."""


class Tx(Protocol):
    """One open transaction. SQL uses `?` placeholders in both engines.

    `rows_a_statement` is how many rows this engine likes in one `INSERT … VALUES`.
    """

    now: str
    rows_a_statement: int

    def run(self, sql: str, params: Params = ()) -> int:
        """Execute one statement; the number of rows it touched."""
        ...

    def many(self, sql: str, rows: Sequence[Params]) -> None:
        """Execute one statement for each row."""
        ...

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, or None. Also for `INSERT … RETURNING`."""
        ...

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """Every row."""
        ...

    def ring(self, bell: str) -> None:
        """After the COMMIT, wake whoever listens to this bell (`outbox`, `runs`, `alerts`)."""
        ...


class Store(Protocol):
    """The bot's memory, SQLite or PostgreSQL alike (one contract suite proves it)."""

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run work in a transaction and return its result once it is on disk.

        Raises what the work raises (nothing of it is stored), StoreDown where the store cannot write.
        """
        ...

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """The same without waiting, for an event loop. The future may hold the same errors."""
        ...

    def read(self, sql: str, params: Params = ()) -> list[Row]:
        """Committed rows, on a connection of its own; never waits for the writer."""
        ...

    def listen(self, bell: str, heard: Callable[[], None]) -> None:
        """Call `heard` (quick, any thread) after each commit that rang this bell."""
        ...

    def close(self) -> None:
        """Finish what was submitted, then close. Safe to call twice."""
        ...


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 UTC with microseconds: sorts as text."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    # Thrice as fast as strftime, which does not pad years either; this runs for every alert.
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (  # noqa: UP031 - twice as fast as an f-string
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
    )


def from_iso(text: str) -> datetime:
    """The moment that `iso` wrote."""
    return datetime.fromisoformat(text)
