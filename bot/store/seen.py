"""What was seen before: deliveries come at least once, and are acted on once."""

from __future__ import annotations

from datetime import timedelta

from bot.store.database import Tx, from_iso, iso

KEEP = timedelta(days=7)
FORGET_AT_ONCE = 5_000


def first_time(tx: Tx, key: str) -> bool:
    """Remember the key; whether it was new. Use the transaction of what it guards: both happen or none."""
    return tx.run("INSERT INTO seen (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", (key, tx.now)) == 1


def forget_old(tx: Tx, keep: timedelta = KEEP) -> int:
    """Drop a bounded number of keys older than `keep` (senders retry for two days at most); how many went."""
    before = iso(from_iso(tx.now) - keep)
    return tx.run(
        "DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE at < ? ORDER BY at LIMIT ?)",
        (before, FORGET_AT_ONCE),
    )
