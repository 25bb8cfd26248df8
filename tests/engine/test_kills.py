"""kill -9 at every place that a run passes: it ends as it should, each effect once, nothing left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.domain.run import Run, RunState
from bot.store.journal import of_run
from tests.engine.chain import SCRIPTS
from tests.engine.conftest import World
from tests.engine.toys import ALL_PIECES

CHAINS = 6
ROOT = Path(__file__).parents[2]
ENDS = {
    "verified": (RunState.VERIFIED, ALL_PIECES),
    "refused": (RunState.REFUSED, set()),
    "undone": (RunState.UNDONE, set()),
    "stopped": (RunState.STOPPED, {"books-left", "books-right", "plants-left"}),
    "undo": (RunState.VERIFIED, set()),
}
# Up to this mark the walk of the script is the one of `verified`.
PARTS_AT = {"undone": "in check", "stopped": "in plants"}


def lived(root: Path, script: str, first: str = "", url: str = "") -> list[str]:
    """Let the chains live; the marks of the walk."""
    words = [sys.executable, "-m", "tests.engine.chain", str(root), script, str(CHAINS), first, url]
    done = subprocess.run(words, cwd=ROOT, timeout=150, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{script}: {done.stderr[-3000:]}"
    walk: list[str] = json.loads((root / "walk.json").read_text())
    return walk


def check(root: Path, script: str, kills: int) -> None:
    """Everything that the chain left behind."""
    world = World(root)
    try:
        lived = [run for run in world.runs.recent(200) if script != "undo" or run.undo_of is not None]
        assert len(lived) == kills
        for run in lived:
            check_run(world, run, script)
        assert world.locks() == 0
    finally:
        world.close()


def check_run(world: World, run: Run, script: str) -> None:
    state, pieces = ENDS[script]
    assert run.state is state, run
    assert world.shelf.names(run.undo_of or run.id) == pieces, run
    entries = of_run(world.store, run.id)
    told = Counter((entry.kind, entry.data.get("phase"), entry.data.get("index")) for entry in entries)
    assert max(told.values()) == 1, (run, told)
    assert entries[-1].kind == f"run-{state.value}"
    phases = [entry for entry in entries if "phase" in entry.data and entry.kind != "step-failed"]
    assert [entry.data["said"] for entry in phases] == list(run.evidence)
    if script == "undo":
        assert run.undo_of is not None
        assert world.runs.get(run.undo_of).undone_by == run.id


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.slow
def test_killed_at_every_mark_of_its_walk(script: str, tmp_path: Path) -> None:
    first = PARTS_AT.get(script, "")
    walk = lived(tmp_path, script, first)
    assert (walk[0], walk[-1]) == ("before begin is stored", "after finish was stored")
    kills = check_chains(tmp_path, script)
    assert kills == len(walk) - (walk.index(first) if first else 0)


@pytest.mark.slow
def test_killed_with_the_workflows_in_postgresql(system_database: str, tmp_path: Path) -> None:
    """All chains share one system database, as bots with stores of their own would."""
    lived(tmp_path, "undone", "in undo plants", system_database)
    assert check_chains(tmp_path, "undone") >= CHAINS


def check_chains(root: Path, script: str) -> int:
    """Check every chain's store; how many kills there were."""
    homes = sorted(root.glob("chain-*"))
    assert len(homes) == CHAINS
    kills = [int((home / "kills").read_text()) for home in homes]
    for home, count in zip(homes, kills, strict=True):
        check(home, script, count)
    return sum(kills)
