"""kill -9 at every place that the conductor passes: the walk goes on, and nothing is asked for twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.run import RunState
from bot.domain.walk import StepState, WalkState
from bot.store.journal import verify
from tests.runbooks.conftest import House, plan_of
from tests.runbooks.dying import STEPS

ROOT = Path(__file__).parents[2]
NEVER = 10_000
EVERY = 5
H, F, S = StepState.HELD, StepState.FAILED, StepState.SPARED


def live(root: Path, at: int) -> int:
    """One life; what ended it."""
    words = [sys.executable, "-m", "tests.runbooks.dying", str(root), str(at)]
    done = subprocess.run(words, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def check(root: Path) -> None:
    house = House(root, plan_of(*STEPS))
    try:
        (walk,) = house.runbooks.active() or [house.runbooks.get(1)]
        assert walk.state is WalkState.DONE, walk
        assert [step.state for step in walk.steps] == [H, F, H, S, H]
        runs = sorted(house.runs.recent(50), key=lambda run: run.id)
        assert [run.state for run in runs] == [
            RunState.VERIFIED, RunState.UNDONE, RunState.VERIFIED, RunState.VERIFIED,
        ]  # fmt: skip
        told = Counter(
            (kind, data)
            for kind, data in house.store.read("SELECT kind, data FROM journal WHERE kind LIKE 'runbook-%'")
        )
        assert len(told) == 7
        assert max(told.values()) == 1
        assert house.store.read("SELECT target FROM locks") == []
        assert verify(house.store) is None
    finally:
        house.close()


def die_and_go_on(root: Path, at: int) -> None:
    root.mkdir()
    assert live(root, at) == -signal.SIGKILL
    assert live(root, NEVER) == 0
    check(root)


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_killed_at_every_fifth_mark_of_a_walk(tmp_path: Path) -> None:
    """Every fifth, before and after in turn: a life takes seconds, neighbours are one transaction apart."""
    whole = tmp_path / "whole"
    whole.mkdir()
    assert live(whole, NEVER) == 0
    check(whole)
    marks = int((whole / "passed").read_text())
    assert marks > 20
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(die_and_go_on, tmp_path / f"at-{at}", at) for at in range(0, marks, EVERY)]
    for one in lives:
        one.result()
