"""A bot that walks a runbook and dies by SIGKILL at a mark: `python -m tests.runbooks.dying ROOT AT`.

The marks are the conductor's own: before and after each of its transactions, and between asking for a run
and noting it. `AT` beyond the last mark lives to the end; the marks passed are in ROOT/passed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.domain.run import RunState
from bot.domain.walk import StepState, WalkState
from bot.runbooks.conductor import Conductor
from bot.store import runs as run_rows
from bot.store import walks as walk_rows
from tests.runbooks.conftest import House, plan_of, until

LOOKS = "{action: look-shelve, params: {place: hall}}"
STEPS = (
    f"{{title: Look, does: [{LOOKS}]}}",
    "{title: Restart, does: [{action: low-shelve, params: {place: hall, how: break-books}}]}",
    f"{{title: Redeploy, only_if: failed, does: [{LOOKS}, {{action: low-shelve, params: {{place: hall}}}}]}}",
    "{title: Spared, only_if: failed, does: [{action: low-shelve, params: {place: attic}}]}",
    "{title: Tell everybody, command: echo done}",
)


class Killer:
    """Counts the marks, and dies at one of them."""

    def __init__(self, root: Path, at: int) -> None:
        self._root = root
        self._at = at
        self._passed = 0

    def mark(self) -> None:
        if self._passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passed += 1
        (self._root / "passed").write_text(str(self._passed))


def kill_around(killer: Killer) -> None:
    """Marks around what the conductor does; the conductor itself has no place for this."""
    for name in ("_asked", "_write", "_propose"):
        _around(killer, name)


def _around(killer: Killer, name: str) -> None:
    do: Callable[..., Any] = getattr(Conductor, name)

    def marked(self: Conductor, *given: Any) -> Any:
        killer.mark()
        done = do(self, *given)
        killer.mark()
        return done

    setattr(Conductor, name, marked)


def live(root: Path, at: int) -> None:
    """Go on from wherever an earlier life was; approve what waits, say `done` at the end."""
    house = House(root, plan_of(*STEPS))
    kill_around(Killer(root, at))
    house.start()
    earlier = walk_rows.recent(house.store)
    walk = earlier[0] if earlier else house.begin()

    def over() -> bool:
        now = house.walk(walk)
        run = run_rows.get(house.store, now.run) if now.run else None
        if run is not None and run.state is RunState.PROPOSED:
            house.runs.approve(house.person("rui"), run.id)
        if now.steps[-1].state is StepState.BY_HAND:
            house.runbooks.go_on(house.person("ana"), walk.id, step=len(now.steps))
        return now.state is WalkState.DONE

    until(over, 40)
    house.close()


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]))
