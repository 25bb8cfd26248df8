"""How much memory this process holds, as the kernel counts it."""

from __future__ import annotations

import re
from pathlib import Path

STATUS = Path("/proc/self/status")
FORGET = Path("/proc/self/clear_refs")


def resident_mb(peak: bool) -> float:
    """Resident memory now, or its peak since it was forgotten."""
    found = re.search(rf"{'VmHWM' if peak else 'VmRSS'}:\s+(\d+) kB", STATUS.read_text())
    return int(found[1]) / 1024 if found else 0.0


def forget_peak() -> None:
    """Let the peak begin anew from what is held now."""
    FORGET.write_text("5")
