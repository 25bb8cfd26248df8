"""The chain: whole as written, and broken wherever somebody touched it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.entry import NewEntry
from bot.store import journal
from bot.store.database import Store
from tests.store.conftest import Opened


def note(number: int) -> NewEntry:
    return NewEntry("note-added", "ana", {"text": f"ção {number}"}, incident=1 + number % 2)


def test_an_empty_journal_is_whole(store: Store) -> None:
    assert journal.verify(store) is None


def test_the_chain_holds_over_pages_and_over_two_processes(opened: Opened) -> None:
    stores = (opened.store, opened.again())
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda n: stores[n % 2].write(lambda tx: journal.append(tx, note(n), note(n))), range(30)
            )
        )
    assert journal.verify(opened.store, page=7) is None
    assert opened.store.read("SELECT COUNT(*), MAX(seq) FROM journal") == [(60, 60)]
    assert [entry.incident for entry in journal.of_incident(opened.store, 2, limit=3)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("tampering", "seq", "why"),
    [
        ('UPDATE journal SET data = \'{"text":"other"}\' WHERE seq = 5', 5, "changed after"),
        ("UPDATE journal SET data = data || ' ' WHERE seq = 5", 5, "changed after"),
        ("UPDATE journal SET actor = 'eve' WHERE seq = 1", 1, "changed after"),
        ("UPDATE journal SET at = '2020' WHERE seq = 9", 9, "changed after"),
        ("DELETE FROM journal WHERE seq = 4", 5, "entry 4 is missing"),
        ("UPDATE journal SET previous = hash WHERE seq = 3", 3, "not chained"),
    ],
)
def test_whoever_touches_an_entry_is_found(store: Store, tampering: str, seq: int, why: str) -> None:
    store.write(lambda tx: journal.append(tx, *(note(number) for number in range(10))))
    store.write(lambda tx: tx.run(tampering))
    broken = journal.verify(store, page=4)
    assert broken is not None
    assert (broken.seq, why in broken.why) == (seq, True)
