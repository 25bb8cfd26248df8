"""A clock that never jumps and outlives the process: seconds since the machine was started."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Beat:
    """A moment of it, in milliseconds. Two moments compare only where `boot` is the same."""

    boot: str
    ms: int


def steady_now() -> Beat:
    """Now. Where the system cannot tell one start from another, each process has a clock of its own."""
    return Beat(_BOOT, int(_seconds() * 1000))


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return f"process-{uuid.uuid4()}"


def _seconds() -> float:
    """Time asleep counts: whoever waits for an answer does not sleep."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


_BOOT = _boot()
