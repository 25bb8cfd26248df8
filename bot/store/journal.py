"""The journal: append-only, each entry chained to the hash of the one before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.entry import GENESIS, Entry, NewEntry, canonical, chain_hash
from bot.store.database import Row, Store, Tx

_KEPT = re.compile(r"(?:(?P<seq>[0-9]{1,18}):)?(?P<hash>[0-9a-f]{64})")
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


def newest_at(store: Store, incident: int, kind: str) -> str:
    """When this last happened to the incident (ISO 8601 UTC); '' where it never did."""
    rows = store.read(
        "SELECT at FROM journal WHERE incident = ? AND kind = ? ORDER BY seq DESC LIMIT 1", (incident, kind)
    )
    return str(rows[0][0]) if rows else ""


def of_run(store: Store, run: int, limit: int = 2_000) -> Sequence[Entry]:
    """Everything that happened to one run, oldest first."""
    rows = store.read(
        f"SELECT {_COLUMNS} FROM journal WHERE run = ? ORDER BY seq LIMIT ?",  # noqa: S608 - constant
        (run, limit),
    )
    return [_entry(row) for row in rows]


def find_entry(store: Store, seq: int) -> Entry | None:
    """The entry of this number, or None."""
    rows = store.read(f"SELECT {_COLUMNS} FROM journal WHERE seq = ?", (seq,))  # noqa: S608 - constant
    return _entry(rows[0]) if rows else None


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


@dataclass(frozen=True)
class Head:
    """The end of the chain. Kept elsewhere, it finds what was cut off or written anew."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True)
class Kept:
    """A hash that was kept elsewhere, with its entry's number where that was kept too."""

    hash: str
    seq: int | None = None

    @classmethod
    def parse(cls, text: str) -> Kept:
        """Read `120:3f9a…` or the hash alone. Raises ValueError with the form."""
        found = _KEPT.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError(
                f"{text[:90]!r} is no hash of the journal: head= takes what `journal verify` said"
            )
        return cls(found["hash"], int(found["seq"]) if found["seq"] else None)


@dataclass(frozen=True)
class Verdict:
    """What a walk along the whole chain found, and where the chain ends."""

    broken: Broken | None
    head: Head


def newest(store: Store) -> Head:
    """The end of the chain now."""
    rows = store.read("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
    return Head(*rows[0]) if rows else Head(0, GENESIS)


def verify(store: Store, page: int = 2_000) -> Broken | None:
    """The first broken entry, or None where the whole chain holds. See `examine`."""
    return examine(store, page=page).broken


def examine(store: Store, kept: Kept | None = None, page: int = 2_000) -> Verdict:
    """Walk the whole chain, a page at a time.

    Entries cut off at the end leave a whole chain behind: only a hash `kept` elsewhere finds that.
    """
    seq, previous = 0, GENESIS
    met = kept is None
    for (before,) in store.read("SELECT seq FROM journal WHERE seq < 1 ORDER BY seq LIMIT 1"):
        return Verdict(Broken(before, "the first entry is 1, nothing comes before it"), Head(seq, previous))
    while rows := store.read(
        f"SELECT {_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608 - constant
        (seq, page),
    ):
        for row in rows:
            if why := _broken(row, seq + 1, previous):
                return Verdict(Broken(row[0], why), Head(seq, previous))
            seq, previous = row[0], row[8]
            met = met or (kept is not None and kept.hash == previous and kept.seq in (None, seq))
    head = Head(seq, previous)
    return Verdict(None if met or kept is None else _lost(kept, head), head)


def _lost(kept: Kept, head: Head) -> Broken:
    """The chain holds, and the kept hash is not in it."""
    if kept.seq is None:
        said = "no entry has the hash that was kept: the newest were cut off, or all of it was written anew"
        return Broken(head.seq + 1, said)
    if kept.seq > head.seq:
        return Broken(head.seq + 1, f"entries {head.seq + 1} to {kept.seq} were cut off")
    return Broken(kept.seq, "its hash is not the one that was kept: the journal was written anew")


@dataclass(frozen=True)
class Written:
    """An entry as it is stored: `data` is the very text that was hashed."""

    seq: int
    at: str
    kind: str
    actor: str
    incident: int | None
    run: int | None
    data: str
    previous: str
    hash: str


def written_of_incident(store: Store, incident: int, until: int, page: int = 2_000) -> Iterator[Written]:
    """Every entry up to `until` of an incident and of its runs, oldest first, read a page at a time."""
    seq = 0
    while rows := store.read(
        f"SELECT {_COLUMNS} FROM journal WHERE seq > ? AND seq <= ?"  # noqa: S608 - constant
        " AND (incident = ? OR run IN (SELECT id FROM runs WHERE incident = ?)) ORDER BY seq LIMIT ?",
        (seq, until, incident, incident, page),
    ):
        yield from (Written(*row) for row in rows)
        seq = rows[-1][0]


def chain(store: Store, until: int, page: int = 5_000) -> Iterator[Written]:
    """Every link of the chain up to `until`, without what the entries say of whom."""
    seq = 0
    while rows := store.read(
        "SELECT seq, at, kind, '', NULL, NULL, '', previous, hash FROM journal"
        " WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        (seq, until, page),
    ):
        yield from (Written(*row) for row in rows)
        seq = rows[-1][0]


def _broken(row: Row, expected: int, previous: str) -> str:
    seq, at, kind, actor, incident, run, data, chained_to, digest = row
    if seq != expected:
        return f"entry {expected} is missing"
    if chained_to != previous:
        return "it is not chained to the entry before it"
    if not all(isinstance(text, str) for text in (at, kind, actor, data, digest)):
        return "it was changed after it was written"
    # The data is hashed as it is stored: reading it as JSON first would forgive changes that mean the same.
    if chain_hash(chained_to, seq, at, NewEntry(kind, actor, {}, incident, run), data) != digest:
        return "it was changed after it was written"
    return ""
