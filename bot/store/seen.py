"""What was delivered before: Slack delivers at least once, drbot acts once."""

from __future__ import annotations

from bot.store.database import Store, Tx


def first_time(store: Store, key: str) -> bool:
    """Whether this delivery is new; remembers it, durably. Raises StoreDown (then nothing should be done)."""

    def work(tx: Tx) -> bool:
        return (
            tx.run("INSERT INTO seen (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", (key, tx.now))
            == 1
        )

    return store.write(work)


def forget_before(tx: Tx, moment: str) -> int:
    """Drop what is older than Slack's last retry could be; the number of rows."""
    return tx.run("DELETE FROM seen WHERE at < ?", (moment,))
