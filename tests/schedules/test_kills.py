"""kill -9 between deciding, asking and noting: what is due is done once, and never twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.run import RunState
from bot.store.journal import verify
from tests.schedules.conftest import World

ROOT = Path(__file__).parents[2]
NEVER = 10_000


def live(root: Path, at: int, now: str = "2026-11-24T02:00:01") -> int:
    """One life; what ended it."""
    words = [sys.executable, "-m", "tests.schedules.dying", str(root), str(at), now]
    done = subprocess.run(words, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def check(root: Path) -> None:
    world = World(root, {})
    try:
        (run,) = world.asked()
        assert run.state is RunState.VERIFIED
        assert (world.answer().run, world.answer().due_at[:16]) == (run.id, "2026-11-24T02:00")
        kinds = [row[0] for row in world.store.read("SELECT kind FROM journal WHERE run = ?", (run.id,))]
        assert kinds.count("run-proposed") == kinds.count("run-approved") == kinds.count("run-started") == 1
        assert verify(world.store) is None
    finally:
        world.close()


def die_and_go_on(root: Path, at: int) -> None:
    root.mkdir()
    assert live(root, at) == -signal.SIGKILL
    assert live(root, NEVER, "2026-11-24T02:10:00") == 0
    check(root)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_at_every_mark(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    assert live(whole, NEVER) == 0
    check(whole)
    marks = int((whole / "passed").read_text())
    assert marks >= 6
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(die_and_go_on, tmp_path / f"at-{at}", at) for at in range(2, marks)]
    for one in lives:
        one.result()
