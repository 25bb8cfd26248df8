"""Lives that end by SIGKILL at each statement: `python -m tests.escalation.dying ROOT FIRST EVERY`.

Every life is a fork of this process, which has no thread of its own. In ROOT/n the first life dies at mark n
and the second, whose wall clock may have been set by an hour meanwhile, lives to the end; the marks are
before each statement of each transaction, and around each COMMIT.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.domain.severity import Severity
from bot.escalation import clock as minding
from bot.escalation.steady import Beat
from bot.store.sqlite import SqliteSession, SqliteTx
from tests.escalation.conftest import NIGHT, Clocks, World, plan_of

NEVER = 1_000_000
JUMPS_H = (0, 1, -1)


class Killer:
    """Counts the marks, and dies at one of them."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._passed = 0

    def before(self, owner: type, name: str, after: bool = False) -> None:
        do: Callable[..., Any] = getattr(owner, name)

        def marked(*given: Any, **named: Any) -> Any:
            self._mark()
            done = do(*given, **named)
            if after:
                self._mark()
            return done

        setattr(owner, name, marked)

    def _mark(self) -> None:
        if self._passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passed += 1


def live(root: Path, at: int, jump_h: int) -> None:
    """The story from wherever an earlier life was: nobody answers, it grows worse, somebody answers."""
    clocks = Clocks()
    minding.steady_now = clocks.steady  # type: ignore[attr-defined]
    killer = Killer(at)
    killer.before(SqliteTx, "run")
    killer.before(SqliteTx, "many")
    killer.before(SqliteSession, "commit", after=True)
    world = World(f"sqlite:///{root}/drbot.db", plan_of(), clocks)
    now = root / "minute"
    begun = int(now.read_text()) if now.exists() else 0
    for minute in (0, 30, 31, 46, 61, 62, 90):
        if minute < begun:
            continue
        now.write_text(str(minute))
        clocks.now = NIGHT + timedelta(minutes=minute, hours=jump_h)
        clocks.beat = Beat("boot", 1_000_000 + minute * 60_000)
        _happens(world, minute)
        world.turn()
    (root / "lived").touch()
    world.store.close()


def _happens(world: World, minute: int) -> None:
    """What people do then, where they have not done it yet."""
    if minute == 0 and not world.store.read("SELECT 1 FROM incidents"):
        world.declare(Severity.SEV2)
    if minute == 31 and world.incident().severity is not Severity.SEV1:
        world.incidents.set_severity(world.person("ana"), 1, Severity.SEV1)
    if minute == 62 and world.clock().runs:
        world.incidents.acknowledge(world.person("ana"), 1)


def _fork(root: Path, at: int, jump_h: int) -> None:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        live(root, at, jump_h)
    finally:
        os._exit(0)


def main(root: Path, first: int, every: int) -> None:
    """One folder a mark, until a first life reaches its end."""
    for at in range(first, NEVER, every):
        place = root / str(at)
        place.mkdir()
        _fork(place, at, 0)
        if (place / "lived").exists():
            return
        _fork(place, NEVER, JUMPS_H[(at // every) % 3])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
