"""kill -9 in the middle of a drill: whoever follows brings it to its end, with one certificate."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.drill import DrillState, PartState
from bot.domain.run import RunState
from bot.drills.view import trouble_with
from bot.store.journal import verify
from tests.drills.conftest import House, plan_of
from tests.drills.dying import DOES, RPO

ROOT = Path(__file__).parents[2]
NEVER = 10_000
EVERY = 3


def live(root: Path, at: int) -> int:
    """One life; what ended it."""
    words = [sys.executable, "-m", "tests.drills.dying", str(root), str(at)]
    done = subprocess.run(words, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def check(root: Path) -> None:
    house = House(root, plan_of(*DOES, rpo=RPO))
    try:
        (drill,) = house.drills.recent()
        assert drill.state is DrillState.PASSED, drill
        assert [part.state for part in drill.parts] == [PartState.HELD, PartState.HELD]
        assert house.kinds() == ["drill-started", "drill-passed"], "one certificate"
        runs = house.runs.recent(50)
        assert {run.state for run in runs} == {RunState.VERIFIED}
        assert len(runs) == 2, "nothing was asked for twice"
        assert house.shelf.names(drill.runs[0]) == {"guard", "load", "verify", "defuse", "drop"}
        assert trouble_with(house.store, house.certificate(drill)) == ""
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
def test_killed_at_every_third_mark_of_a_drill(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    assert live(whole, NEVER) == 0
    check(whole)
    marks = int((whole / "passed").read_text())
    assert marks > 15
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(die_and_go_on, tmp_path / f"at-{at}", at) for at in range(0, marks, EVERY)]
    for one in lives:
        one.result()
