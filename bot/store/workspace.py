"""The address of the team's Slack, learned when the bot signs in: where a message's permalink begins."""

from __future__ import annotations

from bot.store.database import Store, Tx

_NAME = "slack workspace"


def workspace_url(store: Store) -> str:
    """`https://team.slack.com/`, or '' while nobody has signed in."""
    rows = store.read("SELECT value FROM settings WHERE name = ?", (_NAME,))
    return str(rows[0][0]) if rows else ""


def keep_workspace_url(tx: Tx, url: str) -> None:
    """Remember it. Safe to do twice."""
    tx.run(
        "INSERT INTO settings (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_NAME, url[:300]),
    )
