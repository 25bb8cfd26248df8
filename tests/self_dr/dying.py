"""A restore of drbot's memory that dies by SIGKILL: `python -m tests.self_dr.dying ROOT AT`.

The marks are before and after each part of it; the marks passed are in ROOT/passed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot.self_dr import restore as restoring
from bot.self_dr.restore import restore

PARTS = ("_prove", "_ready", "settle", "load_file", "close_log", "_place_file")


def live(root: Path, at: int) -> None:
    """Bring the copy in ROOT/copies back over ROOT/drbot.db."""
    passed = 0

    def mark() -> None:
        nonlocal passed
        if passed == at:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1
        (root / "passed").write_text(str(passed))

    module = sys.modules[restore.__module__]
    for name in PARTS:
        do = getattr(module, name)

        def marked(*given: Any, do: Any = do) -> Any:
            mark()
            done = do(*given)
            mark()
            return done

        setattr(module, name, marked)
    replace = Path.replace

    def replaced(self: Path, target: Path) -> Path:
        mark()
        done = replace(self, target)
        mark()
        return done

    Path.replace = replaced  # type: ignore[method-assign,assignment]
    restoring(f"sqlite:///{root}/drbot.db", str(root / "copies"), {}, "#alerts", "ana", replace=True)


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]))
