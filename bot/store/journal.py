"""The journal: append-only, each entry chained to the hash of the one before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Broken:
    """The first entry whose place in the chain is not what it was, and why."""

    seq: int
    why: str

    def __str__(self) -> str:
        return f"The journal is broken at entry {self.seq}: {self.why}."


def verify(store: Store, page: int = 2_000) -> Broken | None:
    """Walk the whole chain, a page at a time; the first broken entry, or None where all of it holds.

    Entries cut off at the end leave a whole chain: compare the newest hash with one kept elsewhere.
    """
    seq, previous = 0, GENESIS
    while rows := store.read(
        f"SELECT {_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608 - constant
        (seq, page),
    ):
        for row in rows:
            if why := _broken(row, seq + 1, previous):
                return Broken(row[0], why)
            seq, previous = row[0], row[8]
    return None


def _broken(row: Row, expected: int, previous: str) -> str:
    seq, at, kind, actor, incident, run, data, chained_to, digest = row
    if seq != expected:
        return f"entry {expected} is missing"
    if chained_to != previous:
        return "it is not chained to the entry before it"
    # The data is hashed as it is stored: reading it as JSON first would forgive changes that mean the same.
    if chain_hash(chained_to, seq, at, NewEntry(kind, actor, {}, incident, run), data) != digest:
        return "it was changed after it was written"
    return ""
