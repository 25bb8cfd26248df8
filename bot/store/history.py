"""What ran lately, as the limits and the breakers count it. Looks and undos are never counted."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.breaker import Ended
from bot.domain.limits import Started
from bot.store.database import Read, Tx, from_iso


def started_since(read: Read, since: str) -> Sequence[Started]:
    """Runs that began to change something since then, and those that are approved and about to.

    What a guard refused had begun and changed nothing.
    """
    counted = (
        "SELECT id, risk, target, started_at, approved_at FROM runs WHERE risk <> 'look' AND undo_of IS NULL"
    )
    # Two halves, so that each is read from its index however long the table is.
    rows = read(
        f"{counted} AND started_at >= ? AND state <> 'refused'"
        f" UNION ALL {counted} AND state = 'approved' AND started_at = ''"
        " LIMIT 2000",
        (since,),
    )
    return [
        Started(f"RUN-{number}", risk, target, from_iso(started_at or approved_at))
        for number, risk, target, started_at, approved_at in sorted(rows, reverse=True)
    ]


def find_ends(tx: Tx, target: str, since: str, limit: int) -> Sequence[Ended]:
    """How the last runs that set out to change a target ended, the newest first.

    What a person took back afterwards had held.
    """
    rows = tx.all(
        "SELECT id, state, ended_at, undone_by FROM runs WHERE target = ? AND ended_at > ?"
        " AND state IN ('verified', 'failed', 'undone', 'stopped') AND risk <> 'look' AND undo_of IS NULL"
        " ORDER BY ended_at DESC, id DESC LIMIT ?",
        (target, since, limit),
    )
    return [
        Ended(f"RUN-{number}", state == "verified" or undone_by is not None, state, from_iso(ended_at))
        for number, state, ended_at, undone_by in rows
    ]
