"""kill -9 at every statement, a wall clock that was set meanwhile: told whole or still due, never twice."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.journal import verify
from bot.store.sqlite import SqliteStore

TOLD = ["On-call engineer", "Engineering lead", "On-call engineer", "Engineering lead", "CTO"]
LETTERS = [
    *("tell:1:1:1:ana", "tell:1:1:1:rui", "tell:1:1:2:eva"),
    *("tell:1:2:1:ana", "tell:1:2:1:rui", "tell:1:2:2:eva", "tell:1:2:3:leo"),
]


@pytest.mark.parametrize("half", [0, 1])
def test_killed_at_each_statement_none_is_lost_and_none_doubled(tmp_path: Path, half: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.escalation.dying", str(tmp_path), str(half), "2"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    lives = sorted(tmp_path.iterdir(), key=lambda place: int(place.name))
    assert len(lives) > 30, "the marks are before each statement"
    for place in lives:
        assert (place / "lived").exists(), place.name
        assert told(place) == (TOLD, LETTERS, 5, 0, ["answered"]), f"killed at mark {place.name}"


def told(place: Path) -> tuple[list[str], list[str], int, int, list[str]]:
    """What the journal, the outbound and the threads say of one life and what came after it."""
    with sqlite3.connect(place / "drbot.db") as rows:
        lines = rows.execute(
            "SELECT json_extract(data, '$.tell'), json_extract(data, '$.late_s') FROM journal"
            " WHERE kind IN ('escalated', 'seat-vacant') AND data NOT LIKE '%[\"channel\"]%' ORDER BY seq"
        ).fetchall()
        assert all(late == 0 for _, late in lines)
        letters = rows.execute("SELECT key FROM outbound ORDER BY position").fetchall()
        (calls,) = rows.execute("SELECT COUNT(*) FROM outbox WHERE kind = 'incident-call'").fetchone()
        (waiting,) = rows.execute("SELECT COUNT(*) FROM tells WHERE told_at = ''").fetchone()
        ends = rows.execute("SELECT outcome FROM clocks WHERE stopped_at <> ''").fetchall()
    rows.close()
    store = SqliteStore(place / "drbot.db")
    assert verify(store) is None
    store.close()
    return [line for line, _ in lines], [key for (key,) in letters], calls, waiting, [one for (one,) in ends]
