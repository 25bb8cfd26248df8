"""A chain of short-lived bots over one store: each resumes what the one before was killed in, and is killed.

Run as `python -m tests.engine.chain ROOT SCRIPT CHAINS FROM [SYSTEM_URL]`. First one life walks the script's
run undisturbed and writes down the marks that it passed. Then CHAINS chains share out those from the first
mark named FROM on (all of them where FROM is empty): for each, a fresh process lives a run until that mark
and dies there by SIGKILL; the last process of a chain only resumes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bot.domain.run import Run
from bot.engine.ledger import Ledger
from tests.engine.conftest import World, person

# What the script's run is told to do wrong; `undo` kills the undo of a run that was well.
SCRIPTS = {
    "verified": "",
    "refused": "refuse-guard",
    "undone": "fail-check",
    "stopped": "no-undo break-plants",
    "undo": "",
}


class Killer:
    """Counts the marks once armed, and dies at one of them."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self._at: int | None = None
        self._armed = False

    def arm(self, at: int | None) -> None:
        self._armed, self._at = True, at

    def mark(self, name: str) -> None:
        if not self._armed:
            return
        self.passed.append(name)
        if len(self.passed) - 1 == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def kill_around(killer: Killer) -> None:
    """Marks before and after each commit of the engine; what DBOS keeps lies between two of them."""
    write: Callable[..., Any] = Ledger._write  # the engine itself has no place for this

    def marked_write(self: Ledger, work: Callable[..., Any]) -> Any:
        name = work.__qualname__.split(".")[1]
        killer.mark(f"before {name} is stored")
        done = write(self, work)
        killer.mark(f"after {name} was stored")
        return done

    Ledger._write = marked_write  # type: ignore[method-assign]


def resume(world: World) -> None:
    """Wait for what earlier lives left behind."""
    for run in world.runs.open():
        world.ended(run)


def ask(world: World, script: str, place: str) -> Run:
    """The run of the script, proposed and approved; for `undo` the undo of a run that was verified."""
    run = world.ask(place=place, how=SCRIPTS[script])
    if script != "undo":
        return run
    world.runs.approve(person("ana"), run.id)
    world.ended(run)
    return world.runs.undo(person("ana"), run.id)


def live(root: Path, script: str, at: int | None, place: str, url: str) -> list[str]:
    """One process: resume, then live a run until the mark. Returns the marks passed, if it survives."""
    killer = Killer()
    world = World(root)
    world.shelf.mark = killer.mark
    kill_around(killer)
    world.start(url)
    resume(world)
    run = ask(world, script, place)
    killer.arm(at)
    world.runs.approve(person("ana"), run.id)
    world.ended(run)
    world.stop()
    return killer.passed


def fork(work: Callable[[], object]) -> int:
    """Do it in a process of its own; its number. Only ever from a process with one thread."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - shown to the parent
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return pid


def ended(pid: int) -> int:
    """The signal that ended the process, or its negative exit code."""
    status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


def chain(root: Path, script: str, marks: Sequence[int], url: str) -> None:
    """One process after the other, each killed at its mark; this one only resumes."""
    root.mkdir()
    for mark in marks:
        end = ended(fork(partial(live, root, script, mark, f"hall-{mark}", url)))
        if end != signal.SIGKILL:
            raise RuntimeError(f"mark {mark}: expected a kill, got {end}")
    only_resume(root, url)
    (root / "kills").write_text(str(len(marks)))


def only_resume(root: Path, url: str) -> None:
    world = World(root)
    world.start(url)
    resume(world)
    world.stop()


def walk(root: Path, script: str, url: str) -> None:
    """One life undisturbed; its marks go into `walk.json`."""
    home = root / "walk"
    home.mkdir()
    (root / "walk.json").write_text(json.dumps(live(home, script, None, "hall", url)))


def main(root: Path, script: str, chains: int, first: str, url: str = "") -> int:
    import dbos  # noqa: F401 - once here, not once a process

    if ended(fork(partial(walk, root, script, url))):
        return 1
    passed = json.loads((root / "walk.json").read_text())
    marks = range(passed.index(first) if first else 0, len(passed))
    started = [
        fork(partial(chain, root / f"chain-{n}", script, marks[n::chains], url)) for n in range(chains)
    ]
    return sum(abs(ended(pid)) for pid in started)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *sys.argv[4:6]))
