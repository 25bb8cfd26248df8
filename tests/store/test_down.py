"""What a store says when it cannot: StoreDown, told to everybody who waits, and well again afterwards."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from bot.store.checkpoints import LONG_PAGES
from bot.store.database import StoreDown, Tx
from bot.store.health import check
from bot.store.opening import open_store
from bot.store.sqlite import SqliteStore
from tests.real.processes import wait_for
from tests.store.conftest import Opened


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///", "var/drbot.db"])
def test_an_url_of_no_store_is_refused_with_the_form_expected(url: str) -> None:
    with pytest.raises(ValueError, match="write sqlite:///"):
        open_store(url)


def test_a_path_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreDown, match="cannot be opened"):
        SqliteStore(tmp_path / "file" / "drbot.db")


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "drbot.db").write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreDown, match="not a database"):
        SqliteStore(tmp_path / "drbot.db")


def test_a_full_disk_is_told_to_everybody_and_forgotten_when_there_is_room(tmp_path: Path) -> None:
    """The engine's own limit of pages stands for the disk's: the same error, SQLITE_FULL."""
    store = SqliteStore(tmp_path / "drbot.db")
    try:
        pages = store.read("PRAGMA page_count")[0][0]
        store.write(lambda tx: tx.run(f"PRAGMA max_page_count = {pages + 20}"))

        def fill(tx: Tx) -> int:
            return tx.run("INSERT INTO settings VALUES ('big', ?)", ("x" * 300_000,))

        futures = [store.submit(fill) for _ in range(3)]
        assert {type(future.exception(10)) for future in futures} == {StoreDown}
        assert "full" in str(futures[0].exception())
        store.write(lambda tx: tx.run(f"PRAGMA max_page_count = {pages + 2}"))
        assert "full" in check(store)
        store.write(lambda tx: tx.run("PRAGMA max_page_count = 1000000"))
        assert check(store) == ""
        assert store.write(fill) == 1
    finally:
        store.close()


def test_the_log_is_copied_back_and_does_not_grow_for_ever(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "drbot.db")
    try:
        for number in range(40):
            rows = [(f"{number}-{one}", "x" * 3_000) for one in range(1_000)]
            store.write(lambda tx, rows=rows: tx.many("INSERT INTO settings VALUES (?, ?)", rows))  # type: ignore[misc]
        assert (tmp_path / "drbot.db-wal").stat().st_size < 3 * LONG_PAGES * 4096
        database = tmp_path / "drbot.db"
        wait_for("the copy of the log", lambda: database.stat().st_size > 40 * 1_000 * 3_000)
    finally:
        store.close()
    assert not (tmp_path / "drbot.db-wal").exists()


def test_durability_is_not_traded_away(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "drbot.db")
    try:
        assert store.write(lambda tx: tx.one("PRAGMA synchronous")) == (2,)
        assert store.read("PRAGMA journal_mode") == [("wal",)]
    finally:
        store.close()


@pytest.mark.parametrize("opened", ["postgres"], indirect=True)
def test_connections_cut_while_idle_are_made_anew_unnoticed(opened: Opened) -> None:
    opened.store.read("SELECT 1")
    _cut(opened.url)
    assert opened.store.read("SELECT 1") == [(1,)]
    assert opened.store.write(lambda tx: tx.one("SELECT 1")) == (1,)


@pytest.mark.parametrize("opened", ["postgres"], indirect=True)
def test_a_connection_cut_inside_a_write_is_told_and_nothing_is_stored(opened: Opened) -> None:
    def work(tx: Tx) -> None:
        tx.run("INSERT INTO settings VALUES ('a', 'x')")
        _cut(opened.url)
        tx.run("INSERT INTO settings VALUES ('b', 'x')")

    with pytest.raises(StoreDown, match="nothing was stored"):
        opened.store.write(work)
    assert check(opened.store) == ""
    assert opened.store.read("SELECT name FROM settings WHERE name IN ('a', 'b')") == []


def _cut(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'drbot' AND datname = current_database()"
        )
