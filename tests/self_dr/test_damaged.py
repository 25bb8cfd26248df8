"""The memory lost as hosts lose it: killed, its file damaged, cut or moved away, its log left behind."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.answer import Refusal
from bot.store.database import StoreDown
from bot.store.journal import examine
from bot.store.opening import open_store
from tests.self_dr.losing import AFTER, BEFORE
from tests.self_dr.lost_host import bot, gone, is_the_copy, url_of
from tests.self_dr.memories import bring_back

ROOT = Path(__file__).parents[2]


def random_bytes(file: Path) -> None:
    file.write_bytes(os.urandom(20_000))


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:9_000])


def a_page_of_another(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[4096:40960] = os.urandom(36864)
    file.write_bytes(whole)


def another_programs(file: Path) -> None:
    for one in file.parent.glob("drbot.db*"):
        one.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE precious (name TEXT)")


@pytest.mark.parametrize("strike", [random_bytes, emptied, cut_short, a_page_of_another, another_programs])
def test_a_damaged_memory_is_replaced_when_told_and_kept_whole(
    root: Path, strike: Callable[[Path], None]
) -> None:
    checkpoint(root)
    strike(root / "drbot.db")
    before = contents(root)
    with pytest.raises(Refusal, match=r"cannot be read \(.*\): add replace=yes to keep it beside"):
        bring_back(url_of(root), root / "copies")
    unchanged = {name: text for name, text in contents(root).items() if not name.endswith("-shm")}
    assert unchanged == {name: text for name, text in before.items() if not name.endswith("-shm")}
    done = bring_back(url_of(root), root / "copies", replace=True)
    kept = Path(done.kept)
    assert kept.read_bytes() == before["drbot.db"]
    assert beside(kept, "-wal") == before.get("drbot.db-wal")
    assert not list(root.glob("*.restoring*"))
    is_the_copy(root, strike.__name__)
    again = bring_back(url_of(root), root / "copies", replace=True)
    assert again.kept != done.kept
    is_the_copy(root, strike.__name__)


def test_the_log_of_a_memory_that_was_moved_away_is_not_played_into_the_new_one(root: Path) -> None:
    gone(root / "drbot.db")
    log = (root / "drbot.db-wal").read_bytes()
    done = bring_back(url_of(root), root / "copies")
    is_the_copy(root, "gone")
    assert done.kept.endswith("-wal")
    assert Path(done.kept).read_bytes() == log


@pytest.mark.parametrize("strike", [gone, emptied])
def test_a_bot_that_is_begun_first_does_not_delete_the_log(
    root: Path, strike: Callable[[Path], None]
) -> None:
    """SQLite itself would: the last minutes of the memory are in there."""
    log = (root / "drbot.db-wal").read_bytes()
    strike(root / "drbot.db")
    with pytest.raises(StoreDown, match=r"is gone or empty, and its log drbot.db-wal is not: put"):
        open_store(url_of(root))
    assert (root / "drbot.db-wal").read_bytes() == log
    if strike is gone:
        (root / "broken-by-hand").rename(root / "drbot.db")
        with closing(open_store(url_of(root))) as store:
            assert examine(store).head.seq == BEFORE + AFTER
    else:
        done = bring_back(url_of(root), root / "copies", replace=True)
        assert beside(Path(done.kept), "-wal") == log


def test_a_damaged_memory_says_how_it_is_brought_back(root: Path) -> None:
    checkpoint(root)
    random_bytes(root / "drbot.db")
    with pytest.raises(StoreDown, match=r"file is not a database. `dr self restore FROM replace=yes` brings"):
        open_store(url_of(root))


def test_a_memory_that_was_only_killed_keeps_everything_of_its_log(root: Path) -> None:
    done = bring_back(url_of(root), root / "copies", replace=True)
    is_the_copy(root, "killed")
    with closing(open_store(f"sqlite:///{done.kept}")) as kept:
        assert examine(kept).head.seq == BEFORE + AFTER


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_however_it_is_damaged_the_copy_comes_back(lost: Path, tmp_path: Path, data: st.DataObject) -> None:
    root = Path(shutil.copytree(lost, tmp_path / f"host-{os.urandom(6).hex()}"))
    for suffix in ("", "-wal", "-shm"):
        file = root / f"drbot.db{suffix}"
        whole = bytearray(file.read_bytes())
        fate = data.draw(st.sampled_from(["whole", "gone", "cut", "spoilt"]), label=f"the file {suffix}")
        if fate == "gone":
            file.unlink()
        elif fate == "cut":
            file.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
        elif fate == "spoilt":
            at = data.draw(st.integers(0, max(0, len(whole) - 600)))
            whole[at : at + 600] = os.urandom(600)
            file.write_bytes(whole)
    bring_back(url_of(root), root / "copies", replace=True)
    is_the_copy(root, "any")
    shutil.rmtree(root)


@pytest.mark.parametrize("strike", [random_bytes, gone])
def test_no_log_is_taken_from_a_bot_that_still_lives(tmp_path: Path, strike: Callable[[Path], None]) -> None:
    """Somebody moves the file away at 03:00, and the bot goes on writing to it."""
    with bot(tmp_path, "wait") as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        strike(tmp_path / "drbot.db")
        with pytest.raises(Refusal, match=r"a process works on .*: stop it first, then restore"):
            bring_back(url_of(tmp_path), tmp_path / "copies", replace=True)
        assert (tmp_path / "drbot.db-wal").exists()
    bring_back(url_of(tmp_path), tmp_path / "copies", replace=True)
    is_the_copy(tmp_path, strike.__name__)


def test_a_damaged_database_of_the_engine_goes_aside_too(root: Path) -> None:
    engine = root / "drbot-engine.db"
    with closing(sqlite3.connect(engine)) as whole:
        whole.execute("CREATE TABLE workflow_status (id TEXT)")
    assert bring_back(url_of(root), root / "copies", replace=True).engine_kept == ""
    assert engine.exists()
    random_bytes(engine)
    spoilt = engine.read_bytes()
    done = bring_back(url_of(root), root / "copies", replace=True)
    assert not engine.exists()
    assert Path(done.engine_kept).read_bytes() == spoilt


def checkpoint(root: Path) -> None:
    """Everything in the file; beside it a log that is of no use, and is kept all the same."""
    log = (root / "drbot.db-wal").read_bytes()
    with closing(sqlite3.connect(root / "drbot.db")) as memory:
        memory.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (root / "drbot.db-wal").write_bytes(bytes(32) + log[32:])


def contents(root: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in root.glob("drbot.db*")}


def beside(file: Path, suffix: str) -> bytes | None:
    log = file.with_name(file.name + suffix)
    return log.read_bytes() if log.exists() else None
