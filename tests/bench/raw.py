"""What the disk can do: an event row and an upsert of what it belongs to, 100 a commit, nothing else.

The yardstick of the ratio: SQLite with the same settings as the store's, one connection, one thread, no HTTP,
no JSON to read. Each event belongs to a row of its own text key, as each alert has an identity of its own.
"""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

from bot.store.sqlite import connect
from tests.bench.load import body, fingerprint

A_COMMIT = 100
AT = "2026-11-22T22:42:28.649000Z"


def raw_rate(directory: Path, stem: str, rows: int = 20_000) -> float:
    """Events a second, durably, in a fresh database in this directory."""
    path = directory / f"raw-{stem}.db"
    texts = [json.dumps(alert) for alert in json.loads(body(stem, 0, A_COMMIT))["alerts"]]
    events = [(fingerprint(stem, 0, row), AT, texts[row % A_COMMIT]) for row in range(rows)]
    connection = connect(str(path))
    try:
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, identity TEXT, at TEXT, body TEXT)")
        connection.execute(
            "CREATE TABLE incidents (identity TEXT PRIMARY KEY, title TEXT, last_at TEXT, times INT)"
        )
        started = time.perf_counter()
        for start in range(0, rows, A_COMMIT):
            _commit(connection, events[start : start + A_COMMIT])
        return rows / (time.perf_counter() - started)
    finally:
        connection.close()
        path.unlink()


def _commit(connection: sqlite3.Connection, events: list[tuple[str, str, str]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO events (identity, at, body) VALUES (?, ?, ?)", events)
    connection.executemany(
        "INSERT INTO incidents VALUES (?, 'HighErrorRate', ?, 1) ON CONFLICT (identity) DO UPDATE SET"
        " last_at = excluded.last_at, times = times + 1",
        [(identity, at) for identity, at, _ in events],
    )
    connection.execute("COMMIT")
