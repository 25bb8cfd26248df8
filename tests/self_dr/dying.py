"""A restore of drbot's memory that dies by SIGKILL: `python -m tests.self_dr.dying ROOT AT`.

The marks are before and after each part of it; the marks passed are in ROOT/passed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.self_dr import restore

RESTORE, MEMORY_FILE = "bot.self_dr.restore", "bot.self_dr.memory_file"
PARTS = (
    (RESTORE, "_prove"),
    (RESTORE, "_ready"),
    (RESTORE, "settle"),
    (RESTORE, "exchange"),
    (MEMORY_FILE, "load_file"),
    (MEMORY_FILE, "close_log"),
    (MEMORY_FILE, "_keep"),
    (MEMORY_FILE, "_logs_aside"),
)
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Every try has the same moment: the next one finds what the killed one left."""


def live(root: Path, at: int) -> None:
    """Bring the copy in ROOT/copies back over ROOT/drbot.db."""
    passed = 0

    def mark() -> None:
        nonlocal passed
        if passed == at:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1
        (root / "passed").write_text(str(passed))

    def marked(do: Any) -> Any:
        def done(*given: Any, **named: Any) -> Any:
            mark()
            result = do(*given, **named)
            mark()
            return result

        return done

    for room, name in PARTS:
        module = sys.modules[room]
        setattr(module, name, marked(getattr(module, name)))
    for name in ("replace", "rename"):
        setattr(Path, name, marked(getattr(Path, name)))
    url, source = f"sqlite:///{root}/drbot.db", str(root / "copies")
    restore(url, source, {}, "#alerts", "ana", replace=True, clock=lambda: AT)


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]))
