"""Whether the store can really write, by writing."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotInTime

from bot.store.database import Store, StoreDown, Tx

TIMEOUT_S = 2.0
# As much as a few alerts: a disk that has no room for these is full.
BALLAST = "x" * 16_384


def check(store: Store, timeout_s: float = TIMEOUT_S) -> str:
    """'' when it can, or in a sentence what is wrong."""
    try:
        store.submit(_probe).result(timeout=timeout_s)
    except StoreDown as down:
        return str(down)
    except NotInTime:
        return f"the store did not commit within {timeout_s:.0f} s"
    return ""


def _probe(tx: Tx) -> None:
    tx.run(
        "INSERT INTO settings (name, value) VALUES ('probe', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (tx.now + BALLAST,),
    )
