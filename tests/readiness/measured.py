"""A measurement that a test holds back, breaks and counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from bot.domain.standing import Light, Standing
from bot.readiness.watching import Watched
from tests.readiness.boards import standing

LATE_S = 10.0
HANGS_S = 30.0  # longer than anybody waits


class Slow:
    """Counts its measurements; while `gate` is closed they take for ever, as S3 may."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.begun = 0
        self.stopped = False
        self.breaks = False

    def measure(self) -> Watched:
        self.begun += 1
        number = self.begun
        self.gate.wait(HANGS_S)
        if self.breaks:
            raise RuntimeError("it broke")
        return Watched((standing("database", why=f"measurement {number}"),), {"backup": 60.0})

    def unmeasured(self) -> tuple[Standing, ...]:
        return (standing("database", Light.UNKNOWN, why="not measured yet"),)

    def stop(self) -> None:
        self.stopped = True
        self.gate.set()


def until(holds: Callable[[], object]) -> None:
    """Wait until it comes true."""
    end = time.monotonic() + LATE_S
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
