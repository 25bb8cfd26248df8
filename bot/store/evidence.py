"""Questions that the readiness board asks of the journal and the runs."""

from __future__ import annotations

from bot.store.database import Store


def run_ended_since(store: Store, at: str) -> bool:
    """Whether one of the newest runs that change something ended after this moment (ISO 8601 UTC)."""
    return bool(
        store.read(
            "SELECT 1 FROM (SELECT risk, ended_at FROM runs ORDER BY id DESC LIMIT 50) AS newest"
            " WHERE risk <> 'look' AND ended_at > ? LIMIT 1",
            (at,),
        )
    )


def open_by_severity(store: Store) -> list[tuple[str, int]]:
    """How many incidents are open, worst severity first."""
    rows = store.read(
        "SELECT severity, COUNT(*) FROM incidents WHERE state <> 'resolved'"
        " GROUP BY severity ORDER BY severity"
    )
    return [(str(severity), int(count)) for severity, count in rows]
