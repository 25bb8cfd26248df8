"""What every store promises, run over both engines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.store.database import Store, StoreDown, Tx, iso
from bot.store.health import check
from bot.store.seen import first_time, forget_before
from tests.store.conftest import Opened


def put(tx: Tx, name: str, value: str = "x") -> int:
    return tx.run("INSERT INTO settings (name, value) VALUES (?, ?)", (name, value))


def put_and_ring(tx: Tx, name: str, bell: str) -> None:
    put(tx, name)
    tx.ring(bell)


def names(store: Store) -> list[str]:
    return [row[0] for row in store.read("SELECT name FROM settings ORDER BY name")]


def test_what_write_returned_is_read_by_everybody(opened: Opened) -> None:
    assert opened.store.write(lambda tx: put(tx, "a")) == 1
    assert names(opened.store) == ["a"]
    assert names(opened.again()) == ["a"]


def test_a_transaction_knows_its_time_and_reads_what_it_wrote(opened: Opened) -> None:
    def work(tx: Tx) -> tuple[str, object, list[tuple[object, ...]], object]:
        tx.many("INSERT INTO settings (name, value) VALUES (?, ?)", [("a", "100%?"), ("b", "it's")])
        return (
            tx.now,
            tx.one("SELECT value FROM settings WHERE name = 'a'"),
            tx.all("SELECT name FROM settings WHERE value LIKE '%?' OR value = ?", ("it's",)),
            tx.one("SELECT 1 FROM settings WHERE name = ?", ("nobody",)),
        )

    now, one, everything, nothing = opened.store.write(work)
    assert now == iso(opened.clock.now)
    assert one == ("100%?",)
    assert sorted(everything) == [("a",), ("b",)]
    assert nothing is None


def test_returning_and_sums_mean_the_same_in_both(store: Store) -> None:
    def work(tx: Tx) -> tuple[object, object]:
        given = tx.one("INSERT INTO locks (target, run, since) VALUES ('t', 7, 's') RETURNING run")
        return given, tx.one("SELECT SUM(run), COUNT(*) FROM locks")

    assert store.write(work) == ((7,), (7, 1))


def test_work_that_raises_stores_nothing_and_costs_its_group_nothing(store: Store) -> None:
    gate = threading.Event()
    first = store.submit(lambda tx: gate.wait(10))  # while it waits, the others become one group

    def broken(tx: Tx) -> None:
        put(tx, "broken")
        raise LookupError("the work's own")

    futures = [store.submit(lambda tx, name=name: put(tx, name)) for name in ("a", "b")]  # type: ignore[misc]  # the default binds it
    futures.insert(1, store.submit(broken))  # type: ignore[arg-type]  # it never returns
    twice = store.submit(lambda tx: put(tx, "a"))
    gate.set()
    assert first.result(10) is True
    assert [futures[0].result(10), futures[2].result(10)] == [1, 1]
    with pytest.raises(LookupError, match="the work's own"):
        futures[1].result(10)
    assert "unique" in str(twice.exception(10)).lower()
    assert names(store) == ["a", "b"]


def test_a_statement_that_is_wrong_is_the_works_fault_not_the_stores(store: Store) -> None:
    with pytest.raises(Exception, match="nowhere") as raised:
        store.write(lambda tx: tx.run("INSERT INTO nowhere VALUES (1)"))
    assert not isinstance(raised.value, StoreDown)
    with pytest.raises(Exception, match="nowhere") as raised:
        store.read("SELECT * FROM nowhere")
    assert not isinstance(raised.value, StoreDown)
    assert check(store) == ""


def test_a_wait_that_was_given_up_leaves_the_writer_alive(store: Store) -> None:
    gate = threading.Event()
    store.submit(lambda tx: gate.wait(10))
    given_up = store.submit(lambda tx: put(tx, "given up"))
    assert given_up.cancel()
    gate.set()
    store.write(lambda tx: put(tx, "after"))
    assert names(store) == ["after"]


def test_bells_ring_after_the_commit_and_only_then(store: Store) -> None:
    heard: list[list[str]] = []
    rang = threading.Event()

    def listener() -> None:
        heard.append(names(store))
        rang.set()
        raise RuntimeError("a listener's trouble is not the writer's")

    def broken(tx: Tx) -> None:
        tx.ring("alerts")
        raise LookupError

    store.listen("alerts", listener)
    store.submit(broken).exception(10)
    store.write(lambda tx: put_and_ring(tx, "a", "alerts"))
    assert rang.wait(10)
    assert heard == [["a"]]
    store.write(lambda tx: put(tx, "b"))


def test_another_process_writing_is_heard(opened: Opened) -> None:
    rang = threading.Event()
    opened.store.listen("runs", rang.set)
    opened.again().write(lambda tx: put_and_ring(tx, "from the shell", "runs"))
    assert rang.wait(10)


def test_two_writers_lose_nothing(opened: Opened) -> None:
    """A shell beside the server: the read and the write of one transaction are one."""
    stores = (opened.store, opened.again())
    stores[0].write(lambda tx: put(tx, "count", "0"))

    def add(tx: Tx) -> None:
        row = tx.one("SELECT value FROM settings WHERE name = 'count'")
        assert row is not None
        tx.run("UPDATE settings SET value = ? WHERE name = 'count'", (str(int(row[0]) + 1),))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: stores[number % 2].write(add), range(100)))
    assert stores[0].read("SELECT value FROM settings WHERE name = 'count'") == [("100",)]


def test_reading_does_not_wait_for_a_write_under_way(store: Store) -> None:
    store.write(lambda tx: put(tx, "a"))
    inside, gate = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        put(tx, "b")
        inside.set()
        gate.wait(10)

    future = store.submit(slow)
    assert inside.wait(10)
    assert names(store) == ["a"]
    gate.set()
    future.result(10)


def test_closing_finishes_what_was_submitted_and_refuses_what_comes_after(opened: Opened) -> None:
    store = opened.again()
    futures = [store.submit(lambda tx, n=n: put(tx, f"{n:03}")) for n in range(50)]  # type: ignore[misc]
    store.close()
    store.close()
    assert [future.result(10) for future in futures] == [1] * 50
    assert len(names(opened.store)) == 50
    with pytest.raises(StoreDown, match="closed"):
        store.write(lambda tx: put(tx, "late"))


def test_what_was_seen_is_remembered_for_its_time(opened: Opened) -> None:
    store, clock = opened.store, opened.clock
    assert first_time(store, "event-1") is True
    assert first_time(store, "event-1") is False
    clock.forward(days=6)
    assert first_time(store, "event-2") is True
    assert store.write(lambda tx: forget_before(tx, iso(clock.now))) == 1
    assert store.read("SELECT key FROM seen") == [("event-2",)]
