"""The store's own name: what tells one memory from another that was begun anew beside it."""

from __future__ import annotations

import secrets

from bot.store.database import Store, Tx


def identity(store: Store) -> str:
    """Eight letters drawn once in the life of a store. Raises StoreDown."""
    drawn = secrets.token_hex(4)

    def work(tx: Tx) -> str:
        tx.run(
            "INSERT INTO settings (name, value) VALUES ('identity', ?) ON CONFLICT (name) DO NOTHING",
            (drawn,),
        )
        row = tx.one("SELECT value FROM settings WHERE name = 'identity'")
        return str(row[0]) if row else drawn

    return store.write(work)


def identity_within(tx: Tx) -> str:
    """The name inside a transaction; '' for a store that nobody asked for it yet."""
    row = tx.one("SELECT value FROM settings WHERE name = 'identity'")
    return str(row[0]) if row else ""
