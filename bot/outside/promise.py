"""What the outside was promised for an incident, and what was asked of people by itself: one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.severity import Severity
from bot.store.database import Read, Row, Tx

_SELECT = "SELECT incident, next_update_at, soon_told, late_told, mail_offered_at FROM outside"


@dataclass(frozen=True)
class Promise:
    """Times are ISO 8601 UTC, empty where there is none.

    `soon_told` and `late_told` are the promise that people were reminded of, before and after its time:
    each promise is told once, whatever the clock does. `mail_offered_at`: when drbot
    drafted a mail by itself.
    """

    incident: int
    next_update_at: str = ""
    soon_told: str = ""
    late_told: str = ""
    mail_offered_at: str = ""


def find(read: Read, incident: int) -> Promise:
    """The incident's, an empty one where nothing was promised. `read` is `Store.read` or `Tx.all`."""
    rows = read(f"{_SELECT} WHERE incident = ?", (incident,))
    return _promise(rows[0]) if rows else Promise(incident)


def due(read: Read, until: str) -> Sequence[Promise]:
    """Promises that are due by then and that people may not have been reminded of, the first one first."""
    rows = read(
        f"{_SELECT} WHERE next_update_at <> '' AND next_update_at <= ?"
        " AND (soon_told <> next_update_at OR late_told <> next_update_at) ORDER BY next_update_at LIMIT 50",
        (until,),
    )
    return [_promise(row) for row in rows]


def without_mail(read: Read, opened_before: str, levels: Sequence[Severity]) -> Sequence[int]:
    """Open incidents of these levels, as old as that, for which no mail was drafted by itself yet: the
    newest 200.
    """
    rows = read(
        "SELECT i.id FROM incidents i LEFT JOIN outside o ON o.incident = i.id WHERE i.state <> 'resolved'"  # noqa: S608 - marks
        f" AND i.severity IN ({', '.join('?' * len(levels))}) AND i.opened_at <= ?"
        " AND COALESCE(o.mail_offered_at, '') = '' ORDER BY i.id DESC LIMIT 200",
        (*(level.value for level in levels), opened_before),
    )
    return [int(number) for (number,) in rows]


def save(tx: Tx, promise: Promise) -> None:
    """Write the whole row, new or changed."""
    tx.run(
        "INSERT INTO outside (incident, next_update_at, soon_told, late_told, mail_offered_at)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (incident) DO UPDATE SET"
        " next_update_at = excluded.next_update_at, soon_told = excluded.soon_told,"
        " late_told = excluded.late_told, mail_offered_at = excluded.mail_offered_at",
        (
            promise.incident,
            promise.next_update_at,
            promise.soon_told,
            promise.late_told,
            promise.mail_offered_at,
        ),
    )


def _promise(row: Row) -> Promise:
    incident, *rest = row
    return Promise(int(incident), *map(str, rest))
