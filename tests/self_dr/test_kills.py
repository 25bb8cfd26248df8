"""kill -9 anywhere in a restore of drbot's memory: always the old one or the new one is there, whole."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.entry import NewEntry
from bot.self_dr import back_up
from bot.store.journal import append, examine
from bot.store.opening import open_store

ROOT = Path(__file__).parents[2]
NEVER = 10_000


def prepare(root: Path) -> None:
    """A memory of three entries, a copy of it, and two entries since."""
    root.mkdir()
    url = f"sqlite:///{root}/drbot.db"
    with closing(open_store(url)) as store:
        for count in range(5):
            store.write(lambda tx, count=count: append(tx, NewEntry("noted", "ana", {"count": count})))  # type: ignore[misc]
            if count == 2:
                back_up(url, str(root / "copies"), {})


def live(root: Path, at: int) -> int:
    words = [sys.executable, "-m", "tests.self_dr.dying", str(root), str(at)]
    done = subprocess.run(words, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def entries(root: Path) -> list[str]:
    assert (root / "drbot.db").is_file()
    with closing(open_store(f"sqlite:///{root}/drbot.db")) as store:
        verdict = examine(store)
        assert verdict.broken is None
        return [row[0] for row in store.read("SELECT kind FROM journal ORDER BY seq")]


OLD = ["noted"] * 5
NEW = ["noted"] * 3 + ["memory-restored"]


def die_and_go_on(root: Path, at: int) -> list[str]:
    prepare(root)
    assert live(root, at) == -signal.SIGKILL
    found = entries(root)
    assert found in (OLD, NEW)
    assert live(root, NEVER) == 0
    assert entries(root) == NEW
    assert any(root.glob("drbot.db.before-*"))
    assert not any(root.glob("*.restoring*"))
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_at_every_mark(tmp_path: Path) -> None:
    """Every try has the same moment (see `dying`), so each meets what the killed one left."""
    whole = tmp_path / "whole"
    prepare(whole)
    assert live(whole, NEVER) == 0
    assert entries(whole) == NEW
    marks = int((whole / "passed").read_text())
    assert marks == 18
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(die_and_go_on, tmp_path / f"at-{at}", at) for at in range(marks)]
    found = [one.result() for one in lives]
    assert found == [OLD] * 16 + [NEW] * 2


def die_over_a_damaged_one(root: Path, at: int) -> None:
    """What is left is the damaged file with its log, or the new one with none: never one with the other's."""
    log = damaged(root)
    assert live(root, at) == -signal.SIGKILL
    if (root / "drbot.db").read_bytes() != SPOILT:
        assert entries(root) == NEW
    assert live(root, NEVER) == 0
    assert entries(root) == NEW
    kept = {one.read_bytes() for one in root.glob("drbot.db.before-*-wal")}
    assert kept == {log}
    assert {one.read_bytes() for one in root.glob("drbot.db.before-*") if one.suffix != ".db"} >= {SPOILT}


SPOILT = b"spoilt" * 1_000


def damaged(root: Path) -> bytes:
    """The same memory, its file spoilt, and beside it a log that is not of the copy."""
    prepare(root)
    with closing(sqlite3.connect(root / "drbot.db")) as bot:
        bot.execute("UPDATE journal SET actor = 'of the log' WHERE seq = 1")
        bot.commit()
        log = (root / "drbot.db-wal").read_bytes()
    (root / "drbot.db").write_bytes(SPOILT)
    (root / "drbot.db-wal").write_bytes(log)
    return log


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_at_every_mark_over_a_damaged_memory(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    damaged(whole)
    assert live(whole, NEVER) == 0
    assert entries(whole) == NEW
    marks = int((whole / "passed").read_text())
    assert marks == 18
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(die_over_a_damaged_one, tmp_path / f"at-{at}", at) for at in range(marks)]
    for one in lives:
        one.result()
