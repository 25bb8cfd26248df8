"""What Slack should show, as rows: a use case says `want`, the announcer closes the gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.store.database import Tx

Kind: TypeAlias = Literal[
    "incident-card", "incident-channel", "incident-note", "run-card", "digest", "report"
]


@dataclass(frozen=True)
class Wanted:
    """One thing to show.

    `key` is its identity (`incident:7:card`): wanting it again while it waits costs nothing, it is shown
    once in its newest form. `subject` is the incident's or run's number. `channel` is a name of the plan
    (`#belezza-alerts`) or a Slack id; `parent` the outbox key of the message in whose thread it goes
    (empty: in the channel). `rank` sorts: the incident's severity rank, worst (1) first. `payload` is
    the text of things that are not rendered from a record (`incident-note`, `report`).
    """

    key: str
    kind: Kind
    subject: int
    channel: str
    parent: str = ""
    rank: int = 5
    payload: str = ""


def want(tx: Tx, wanted: Wanted) -> None:
    """Ask for it to be shown, or shown anew. Rings `outbox`."""
    tx.run(
        "INSERT INTO outbox (key, kind, subject, channel, parent, wanted, shown, rank, ts, sending, retry_at,"
        " error, payload, created_at) VALUES (?, ?, ?, ?, ?, 1, 0, ?, '', 0, '', '', ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET wanted = outbox.wanted + 1, rank = excluded.rank,"
        " payload = excluded.payload",
        (
            wanted.key,
            wanted.kind,
            wanted.subject,
            wanted.channel,
            wanted.parent,
            wanted.rank,
            wanted.payload,
            tx.now,
        ),
    )
    tx.ring("outbox")
