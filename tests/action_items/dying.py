"""Reminders that die by SIGKILL at a mark: `python -m tests.action_items.dying ROOT AT`.

The marks are before and after each commit. `AT` beyond the last one lives to the end; the marks passed are in
ROOT/passed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.store.sqlite import SqliteSession, SqliteStore
from tests.action_items.conftest import Room
from tests.store.conftest import Clock

ITEMS = 3


def room_in(root: Path) -> Room:
    """The room over the store in a folder, at nine o'clock on the day."""
    clock = Clock()
    clock.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    return Room(SqliteStore(root / "drbot.db", clock), clock)


def live(root: Path, at: int) -> None:
    """Look once, and die on the way."""
    commit, passed = SqliteSession.commit, 0

    def mark() -> None:
        nonlocal passed
        if passed == at:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1
        (root / "passed").write_text(str(passed))

    def marked(session: SqliteSession) -> None:
        mark()
        commit(session)
        mark()

    room = room_in(root)
    setattr(SqliteSession, "commit", marked)  # noqa: B010 - an assignment would not type-check
    room.reminders.turn()
    room.store.close()


if __name__ == "__main__":
    live(Path(sys.argv[1]), int(sys.argv[2]))
