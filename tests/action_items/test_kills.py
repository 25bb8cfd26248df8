"""kill -9 at every commit of a round of reminders: each owner hears once."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.store.journal import verify
from tests.action_items.dying import ITEMS, room_in

ROOT = Path(__file__).parents[2]
NEVER = 10_000


def begin(root: Path) -> Path:
    root.mkdir()
    room = room_in(root)
    room.clock.forward(days=-5)
    room.declare()
    for number in range(ITEMS):
        room.say(f"item add INC-1 thing {number} owner=ana due=2026-11-30")
    room.store.close()
    return root


def live(root: Path, at: int) -> int:
    words = [sys.executable, "-m", "tests.action_items.dying", str(root), str(at)]
    done = subprocess.run(words, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def check(root: Path) -> None:
    room = room_in(root)
    try:
        assert room.kinds().count("action-item-reminded") == ITEMS
        assert [key for key, _ in room.reminders_sent()] == [f"action-item:{n}:2026-11-30" for n in (1, 2, 3)]
        wanted = room.store.read("SELECT MAX(wanted) FROM outbox WHERE key LIKE 'action-item:%'")
        assert wanted == [(1,)], "asked for once"
        assert verify(room.store) is None
    finally:
        room.store.close()


def die_and_go_on(root: Path, at: int) -> None:
    begin(root)
    assert live(root, at) == -signal.SIGKILL
    assert live(root, NEVER) == 0
    check(root)


@pytest.mark.timeout(120)
def test_killed_at_every_commit(tmp_path: Path) -> None:
    whole = begin(tmp_path / "whole")
    assert live(whole, NEVER) == 0
    check(whole)
    marks = int((whole / "passed").read_text())
    assert marks == 2 * ITEMS
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(die_and_go_on, tmp_path / f"at-{at}", at) for at in range(marks)]
    for one in lives:
        one.result()
