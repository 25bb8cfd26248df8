"""Questions that the readiness board asks of the journal and the runs."""

from __future__ import annotations

from bot.store.database import Store


def last_verified(store: Store, action: str, environment: str) -> tuple[int, str, str] | None:
    """The newest verified run of an action in an environment: (run, started, ended), or None."""
    rows = store.read(
        "SELECT id, started_at, ended_at FROM runs WHERE action = ? AND environment = ?"
        " AND state = 'verified' ORDER BY id DESC LIMIT 1",
        (action, environment),
    )
    return (int(rows[0][0]), str(rows[0][1]), str(rows[0][2])) if rows else None


def open_by_severity(store: Store) -> list[tuple[str, int]]:
    """How many incidents are open, worst severity first."""
    rows = store.read(
        "SELECT severity, COUNT(*) FROM incidents WHERE state <> 'resolved'"
        " GROUP BY severity ORDER BY severity"
    )
    return [(str(severity), int(count)) for severity, count in rows]
