"""A host that was lost: what a killed bot left in a folder, and what a restore must leave there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.domain.run import RunState
from bot.store import runs
from bot.store.journal import examine
from bot.store.opening import open_store
from tests.self_dr.losing import BEFORE

ROOT = Path(__file__).parents[2]


@contextmanager
def bot(root: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A bot that lives until it is killed."""
    command = [sys.executable, "-m", "tests.self_dr.losing", str(root), *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(root: Path) -> str:
    return f"sqlite:///{root}/drbot.db"


def is_the_copy(root: Path, of: str) -> None:
    """What the bot will open is what was brought back, settled, and nothing else."""
    with closing(open_store(url_of(root))) as store:
        verdict = examine(store)
        assert verdict.broken is None
        kinds = [row[0] for row in store.read("SELECT kind FROM journal WHERE kind <> 'run-stopped'")]
        assert kinds == ["noted"] * BEFORE + ["memory-restored"], of
        run = runs.get(store, 1)
        assert run
        assert run.state is RunState.STOPPED, of


def gone(file: Path) -> None:
    file.rename(file.with_name("broken-by-hand"))
