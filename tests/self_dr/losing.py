"""A bot's memory as kill -9 leaves it: `python -m tests.self_dr.losing ROOT [wait]`.

Forty entries and a run under way are copied to ROOT/copies; three hundred entries come after, and lie in the
log alone. With `wait` it goes on living, and says so.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from bot.domain.entry import NewEntry
from bot.domain.run import PlanText, Run, RunState
from bot.self_dr import back_up
from bot.store import runs
from bot.store.database import Tx
from bot.store.identity import identity
from bot.store.journal import append
from bot.store.opening import open_store

AT = "2026-11-23T02:00:00.000000Z"
BEFORE, AFTER = 40, 300


def note(tx: Tx) -> None:
    append(tx, NewEntry("noted", "ana", {"said": "x" * 200}))


def live(root: Path, wait: bool) -> None:
    """Live, and die or wait."""
    url = f"sqlite:///{root}/drbot.db"
    store = open_store(url)
    identity(store)
    running = Run(
        0, "restart", "Restart api", "low", "production/api", "production", {}, {}, PlanText((), (), (), ()),
        "digest", RunState.RUNNING, "ana", AT, AT, started_at=AT,
    )  # fmt: skip
    store.write(lambda tx: runs.insert(tx, running))
    for _ in range(BEFORE):
        store.write(note)
    back_up(url, str(root / "copies"), {})
    for _ in range(AFTER):
        store.write(note)
    if wait:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        time.sleep(60)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    live(Path(sys.argv[1]), "wait" in sys.argv)
