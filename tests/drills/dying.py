"""A bot that holds a drill and dies by SIGKILL at a mark: `python -m tests.drills.dying ROOT AT`.

The marks are around what advances drills, and inside the run's own steps. `AT` beyond the last mark lives to
the end; the marks passed are in ROOT/passed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.domain.drill import DrillState
from bot.drills.advance import Drilling
from tests.drills.conftest import LOOK, House, plan_of, rehearse, until

DOES = (rehearse("2026-11-23T02:00:00Z"), LOOK)
RPO = "87600h"


class Killer:
    """Counts the marks, and dies at one of them."""

    def __init__(self, root: Path, at: int) -> None:
        self._root = root
        self._at = at
        self._passed = 0

    def mark(self, name: str = "") -> None:
        if self._passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passed += 1
        (self._root / "passed").write_text(str(self._passed))


def kill_around(killer: Killer) -> None:
    """Marks around what Drilling does; it has no place for this itself."""
    for name in ("_asked", "_keep", "_approve", "_end"):
        _around(killer, name)


def _around(killer: Killer, name: str) -> None:
    do: Callable[..., Any] = getattr(Drilling, name)

    def marked(self: Drilling, *given: Any) -> Any:
        killer.mark()
        done = do(self, *given)
        killer.mark()
        return done

    setattr(Drilling, name, marked)


def live(root: Path, at: int) -> None:
    """Go on from wherever an earlier life was, until the drill has ended."""
    killer = Killer(root, at)
    kill_around(killer)
    house = House(root, plan_of(*DOES, rpo=RPO))
    house.shelf.mark = killer.mark
    house.start()
    drill = house.hold(key="once")
    until(lambda: house.drill(drill).state is not DrillState.UNDER_WAY, 40)
    house.close()


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]))
