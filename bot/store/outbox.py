"""What Slack should show, as rows: a use case says `want`, the announcer closes the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.store.database import Read, Row, Store, Tx

Kind: TypeAlias = Literal[
    "incident-card",
    "incident-channel",
    "incident-note",
    "incident-news",
    "incident-call",
    "handover",
    "run-card",
    "walk-card",
    "drill-card",
    "publication-card",
    "digest",
    "summary",
    "report",
]


@dataclass(frozen=True)
class Wanted:
    """One thing to show.

    `key` is its identity (`incident:7:card`): wanting it again while it waits costs nothing, it is shown
    once in its newest form. `subject` is the incident's or run's number. `channel` is a name of the plan
    (`#belezza-alerts`) or a Slack id; `parent` the outbox key of the message in whose thread it goes
    (empty: in the channel). `rank` sorts: the incident's severity rank, worst (1) first. `payload` is
    the text of things that are not rendered from a record: `incident-note`, `incident-news`, `handover`
    (Markdown), and `incident-call`, whose first line holds the Slack handles of whom it calls. News and calls
    are shown in the channel, too, and not only in the thread.
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


@dataclass(frozen=True)
class Waiting:
    """A row whose newest form Slack does not show yet.

    `ts` is empty until it was posted; `sending` says that a post was begun and its end is unknown.
    `parent_ts` is the message in whose thread it goes (empty: in the channel).
    """

    key: str
    kind: Kind
    subject: int
    channel: str
    parent: str
    wanted: int
    rank: int
    ts: str
    sending: bool
    error: str
    payload: str
    created_at: str
    parent_ts: str
    parent_channel: str


_WAITING = (
    "SELECT o.key, o.kind, o.subject, o.channel, o.parent, o.wanted, o.rank, o.ts, o.sending, o.error,"
    " o.payload, o.created_at, COALESCE(p.ts, ''), COALESCE(p.channel, '')"
    " FROM outbox o LEFT JOIN outbox p ON p.key = o.parent"
    " WHERE o.wanted > o.shown AND (o.parent = '' OR p.key IS NULL OR p.ts <> '')"
)


def due(store: Store, now: str, limit: int = 500) -> Sequence[Waiting]:
    """What can be shown now: the worst first, then the oldest. Replies wait for their parent.

    A reply is as grave as its parent is now, so that what was said before an incident grew worse still
    comes before what was said after. Of one moment, a shorter key is an earlier one (`note:9`, `note:10`),
    and a report comes last.
    """
    rows = store.read(
        f"{_WAITING} AND o.retry_at <= ?"
        " ORDER BY COALESCE(p.rank, o.rank), o.created_at, CASE WHEN o.kind = 'report' THEN 1 ELSE 0 END,"
        " LENGTH(o.key), o.key LIMIT ?",
        (now, limit),
    )
    return [_waiting(row) for row in rows]


def count_waiting(read: Read) -> int:
    """How many things Slack does not show in their newest form."""
    return int(read("SELECT COUNT(*) FROM outbox WHERE wanted > shown", ())[0][0])


def next_retry(store: Store, now: str) -> str:
    """When the first of the rows that wait after an error may be tried again; empty where none does."""
    rows = store.read("SELECT MIN(retry_at) FROM outbox WHERE wanted > shown AND retry_at > ?", (now,))
    return str(rows[0][0] or "") if rows else ""


def mark_unsure(tx: Tx) -> None:
    """Whatever was not posted yet may have been, unknown to this memory: it is looked for before it is."""
    tx.run("UPDATE outbox SET sending = 1 WHERE ts = '' AND wanted > shown")


def mark_sending(tx: Tx, key: str) -> None:
    """A post begins. If its end is never stored, it is looked up in the channel before it is posted again."""
    tx.run("UPDATE outbox SET sending = 1 WHERE key = ?", (key,))


def mark_not_sent(tx: Tx, key: str) -> None:
    """Slack took nothing, for certain: nothing needs to be looked up."""
    tx.run("UPDATE outbox SET sending = 0 WHERE key = ?", (key,))


def mark_adopted(tx: Tx, row: Waiting, channel: str, ts: str) -> None:
    """The post that was in doubt is there: from now on it is edited in place."""
    tx.run("UPDATE outbox SET sending = 0, channel = ?, ts = ? WHERE key = ?", (channel, ts, row.key))
    _place(tx, row, channel, ts)


def mark_shown(tx: Tx, row: Waiting, channel: str, ts: str) -> None:
    """Slack shows the form that was wanted when the row was read, in this message.

    An incident's card also says where people talk about it, and brings its other copies up to date.
    """
    tx.run(
        "UPDATE outbox SET shown = ?, sending = 0, channel = ?, ts = ?, retry_at = '', error = ''"
        " WHERE key = ?",
        (row.wanted, channel, ts, row.key),
    )
    if row.kind == "digest" and row.payload:
        forget(tx, row.key)
    _place(tx, row, channel, ts)
    if _is_first_card(row):
        tx.run(
            "UPDATE outbox SET wanted = wanted + 1 WHERE kind = 'incident-card' AND subject = ? AND key <> ?",
            (row.subject, row.key),
        )


def mark_failed(tx: Tx, key: str, error: str, retry_at: str) -> None:
    """It could not be shown: the error stays on the row, which is tried again from `retry_at`."""
    tx.run("UPDATE outbox SET error = ?, retry_at = ? WHERE key = ?", (error[:300], retry_at, key))


def mark_gone(tx: Tx, key: str) -> None:
    """The message is no longer there (deleted, or too old to edit): it is posted anew."""
    tx.run("UPDATE outbox SET ts = '', sending = 0 WHERE key = ?", (key,))


def move(tx: Tx, key: str, channel: str) -> None:
    """It is shown in the other channel instead, in no thread. Rings `outbox`."""
    tx.run("UPDATE outbox SET channel = ?, parent = '' WHERE key = ?", (channel, key))
    tx.ring("outbox")


def forget(tx: Tx, key: str) -> None:
    """Take the row away; its message stays as it is."""
    tx.run("DELETE FROM outbox WHERE key = ?", (key,))


def close_digests(tx: Tx) -> None:
    """Every card is there: the digests say so once more, and the next storm begins a new one."""
    for (key,) in tx.all("SELECT key FROM outbox WHERE kind = 'digest' AND payload = ''"):
        tx.run("UPDATE outbox SET wanted = wanted + 1, payload = 'last' WHERE key = ?", (key,))
        tx.ring("outbox")


def name_channel(tx: Tx, incident: int, channel: str) -> None:
    """The incident has a channel of its own: people talk there, not in the card's thread."""
    tx.run("UPDATE incidents SET channel = ?, thread = '' WHERE id = ?", (channel, incident))


def _is_first_card(row: Waiting) -> bool:
    return row.kind == "incident-card" and row.key.endswith(":card")


def _place(tx: Tx, row: Waiting, channel: str, ts: str) -> None:
    if _is_first_card(row):
        tx.run(
            "UPDATE incidents SET channel = ?, thread = ? WHERE id = ? AND (channel = '' OR thread <> '')",
            (channel, ts, row.subject),
        )


def _waiting(row: Row) -> Waiting:
    key, kind, subject, channel, parent, wanted, rank, ts, sending, error, payload, created, *above = row
    return Waiting(
        key, kind, subject, channel, parent, wanted, rank, ts, bool(sending), error, payload, created, *above
    )
