"""The journal: append-only, each entry chained to the hash of the one before."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.domain.entry import GENESIS, Entry, NewEntry, canonical, chain_hash
from bot.store.database import Row, Store, Tx

_COLUMNS = "seq, at, kind, actor, incident, run, data, previous, hash"


def append(tx: Tx, *entries: NewEntry) -> list[Entry]:
    """Add entries at the end of the chain, in order, at the transaction's time."""
    last = tx.one("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    seq, previous = last or (0, GENESIS)
    stored: list[Entry] = []
    rows: list[tuple[object, ...]] = []
    for new in entries:
        seq += 1
        data = canonical(new.data)
        digest = chain_hash(previous, seq, tx.now, new, data)
        rows.append((seq, tx.now, new.kind, new.actor, new.incident, new.run, data, previous, digest))
        stored.append(
            Entry(seq, tx.now, new.kind, new.actor, new.data, new.incident, new.run, previous, digest)
        )
        previous = digest
    tx.many(f"INSERT INTO journal ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - constant
    return stored


def of_incident(store: Store, incident: int, limit: int = 20_000) -> Sequence[Entry]:
    """Everything that happened to one incident, its runs included, oldest first."""
    rows = store.read(
        f"SELECT {_COLUMNS} FROM journal WHERE incident = ? ORDER BY seq LIMIT ?",  # noqa: S608 - constant
        (incident, limit),
    )
    return [_entry(row) for row in rows]


def of_run(store: Store, run: int, limit: int = 2_000) -> Sequence[Entry]:
    """Everything that happened to one run, oldest first."""
    rows = store.read(
        f"SELECT {_COLUMNS} FROM journal WHERE run = ? ORDER BY seq LIMIT ?",  # noqa: S608 - constant
        (run, limit),
    )
    return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    seq, at, kind, actor, incident, run, data, previous, digest = row
    return Entry(seq, at, kind, actor, json.loads(data), incident, run, previous, digest)
