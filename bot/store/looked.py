"""Rows of what drbot looked at by itself, for which incident, and in which run."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.looked import Looked
from bot.store.database import Row, Store, Tx

_SELECT = "SELECT incident, name, title, run, at, shared, said FROM looked"


def keep(tx: Tx, looked: Looked) -> None:
    """Remember it; the first time counts."""
    tx.run(
        "INSERT INTO looked (incident, name, title, run, at, shared, said) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (incident, name) DO NOTHING",
        (
            looked.incident,
            looked.name,
            looked.title,
            looked.run or 0,
            looked.at,
            int(looked.shared),
            looked.said,
        ),
    )


def of_incident(store: Store, incident: int) -> Sequence[Looked]:
    """The incident's looks, in the order in which they began."""
    return [
        _looked(row) for row in store.read(f"{_SELECT} WHERE incident = ? ORDER BY at, name", (incident,))
    ]


def newest_of(store: Store, name: str, since: str) -> Looked | None:
    """The newest of this look that began after `since`, for whatever incident, or None."""
    rows = store.read(
        f"{_SELECT} WHERE name = ? AND at > ? AND shared = 0 ORDER BY at DESC LIMIT 1",
        (name, since),
    )
    return _looked(rows[0]) if rows else None


def count_since(store: Store, since: str) -> tuple[int, int]:
    """How many looks began after `since`: (of their own, all with those that share another's run)."""
    rows = store.read("SELECT shared, COUNT(*) FROM looked WHERE at > ? GROUP BY shared", (since,))
    counts = {bool(shared): int(count) for shared, count in rows}
    return counts.get(False, 0), sum(counts.values())


def find_incidents_of(tx: Tx, run: int) -> Sequence[int]:
    """The incidents on whose cards this run's findings stand."""
    return [int(row[0]) for row in tx.all("SELECT incident FROM looked WHERE run = ? LIMIT 50", (run,))]


def _looked(row: Row) -> Looked:
    incident, name, title, run, at, shared, said = row
    return Looked(incident, name, title, int(run) or None, at, bool(shared), said)
