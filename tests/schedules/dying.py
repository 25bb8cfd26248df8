"""A clockwork that dies by SIGKILL at a mark: `python -m tests.schedules.dying ROOT AT NOW`.

The marks are around what it writes: asking for the run, noting the answer. `AT` beyond the last one lives to
the end; the marks passed are in ROOT/passed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.runs import Runs
from bot.schedules.record import Record
from tests.schedules.conftest import World, until


class Killer:
    """Counts the marks, and dies at one of them."""

    def __init__(self, root: Path, at: int) -> None:
        self._root = root
        self._at = at
        self._passed = 0

    def around(self, owner: type, name: str) -> None:
        do: Callable[..., Any] = getattr(owner, name)

        def marked(*given: Any, **named: Any) -> Any:
            self._mark()
            done = do(*given, **named)
            self._mark()
            return done

        setattr(owner, name, marked)

    def _mark(self) -> None:
        if self._passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passed += 1
        (self._root / "passed").write_text(str(self._passed))


def live(root: Path, at: int, now: str) -> None:
    """Keep the schedule from wherever an earlier life was, until its run has ended."""
    killer = Killer(root, at)
    killer.around(Record, "keep")
    killer.around(Runs, "scheduled")
    world = World(root, {})
    if not world.store.read("SELECT 1 FROM schedules"):
        world.answers.due()
    world.clock.to(now)
    world.start()
    until(lambda: any(run.state.ended for run in world.asked()) and world.answer().run, 40)
    world.close()


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
