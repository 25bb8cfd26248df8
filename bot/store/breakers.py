"""Circuit breakers: one row a target that ever tripped; open until a person closed it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.domain.breaker import Breaker
from bot.store.database import Read, Row, Tx

_COLUMNS = "target, opened_at, runs"


def open_breakers(read: Read) -> Sequence[Breaker]:
    """Every breaker that is open, the oldest first."""
    rows = read(
        f"SELECT {_COLUMNS} FROM breakers WHERE closed_at = '' ORDER BY opened_at LIMIT 500",  # noqa: S608
        (),
    )
    return [_breaker(row) for row in rows]


def find_open(tx: Tx, target: str) -> Breaker | None:
    """The open breaker of exactly this target, or None."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM breakers WHERE target = ? AND closed_at = ''",  # noqa: S608 - constant
        (target,),
    )
    return _breaker(row) if row else None


def last_closed(tx: Tx, target: str) -> str:
    """When a person last closed it (ISO 8601 UTC), '' where nobody ever had to."""
    row = tx.one("SELECT closed_at FROM breakers WHERE target = ?", (target,))
    return str(row[0]) if row else ""


def open_breaker(tx: Tx, target: str, runs: Sequence[str]) -> Breaker:
    """Open it now."""
    tx.run(
        "INSERT INTO breakers (target, opened_at, runs, closed_at) VALUES (?, ?, ?, '')"
        " ON CONFLICT (target) DO UPDATE SET opened_at = excluded.opened_at, runs = excluded.runs,"
        " closed_at = ''",
        (target, tx.now, json.dumps(list(runs))),
    )
    return Breaker(target, tx.now, tuple(runs))


def close_breaker(tx: Tx, target: str) -> None:
    """Close it now: what ended before counts no more."""
    tx.run("UPDATE breakers SET closed_at = ? WHERE target = ?", (tx.now, target))


def _breaker(row: Row) -> Breaker:
    target, opened_at, runs = row
    return Breaker(target, opened_at, tuple(json.loads(runs)))
