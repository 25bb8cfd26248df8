"""The store that `DR_DATABASE_URL` names."""

from __future__ import annotations

from bot.store.database import Clock, Store, utc_now
from bot.store.sqlite import SqliteStore

_SQLITE = "sqlite:///"


def open_store(database_url: str, clock: Clock = utc_now) -> Store:
    """Open `sqlite:///var/drbot.db` (relative; four slashes absolute) or `postgresql://…`.

    Raises StoreDown where it cannot be opened, ValueError where the URL is neither.
    """
    if database_url.startswith(_SQLITE) and len(database_url) > len(_SQLITE):
        return SqliteStore(database_url.removeprefix(_SQLITE), clock)
    if database_url.startswith(("postgresql://", "postgres://")):
        # Only who uses it pays for loading it.
        from bot.store.postgres import PostgresStore

        return PostgresStore(database_url, clock)
    scheme = database_url.partition(":")[0]
    raise ValueError(
        f"DR_DATABASE_URL names {scheme!r}: write sqlite:///var/drbot.db or postgresql://user@host/database"
    )
