"""Rows of pages as they stand at the pager, and of what the pager told that nobody has folded yet."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.domain.pager import Page, PagerEvent, PageState
from bot.domain.severity import Severity
from bot.store.database import Read, Row, Store, Tx

_COLUMNS = (
    "key, incident, ours, state, severity, asked_at, remote, former, round, job, heard_at, noted, asked"
)
_SELECT = f"SELECT {_COLUMNS} FROM pages"  # noqa: S608 - a constant
_MARKS = ", ".join("?" * len(_COLUMNS.split(",")))
_UPSERT = (
    f"INSERT INTO pages ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (key) DO UPDATE SET "  # noqa: S608
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[1:])
)
PAGES_LIMIT = 100
"""Pages of one incident that are minded: the newest."""
_EVENT = msgspec.json.Decoder(PagerEvent)


def save_page(tx: Tx, page: Page) -> None:
    """Write the whole row, new or changed."""
    tx.run(
        _UPSERT,
        (
            page.key,
            page.incident,
            int(page.ours),
            page.state.value,
            page.severity.value,
            page.asked_at,
            page.remote,
            page.former,
            page.round,
            page.job,
            page.heard_at,
            page.noted,
            page.asked,
        ),
    )


def page_of(read: Read, key: str) -> Page | None:
    """The page of this key, or None. `read` is `Store.read` or `Tx.all`."""
    found = read(f"{_SELECT} WHERE key = ?", (key,))
    return _page(found[0]) if found else None


def page_there(read: Read, remote: str) -> Page | None:
    """The page that has this id at the pager now, or None."""
    found = read(f"{_SELECT} WHERE remote = ? AND remote <> '' ORDER BY incident DESC LIMIT 1", (remote,))
    return _page(found[0]) if found else None


def pages_of(read: Read, incident: int) -> Sequence[Page]:
    """The incident's pages, the newest first."""
    found = read(f"{_SELECT} WHERE incident = ? ORDER BY asked_at DESC, key LIMIT {PAGES_LIMIT}", (incident,))
    return [_page(row) for row in found]


def keep_event(tx: Tx, event: PagerEvent) -> None:
    """Keep it until it is folded. Safe to do twice. Rings `pages`."""
    tx.run(
        "INSERT INTO pager_events (key, occurred_at, body, folded, at) VALUES (?, ?, ?, 0, ?)"
        " ON CONFLICT (key) DO NOTHING",
        (event.key, event.occurred_at, msgspec.json.encode(event).decode(), tx.now),
    )
    tx.ring("pages")


def events_waiting(store: Store, limit: int) -> Sequence[PagerEvent]:
    """What the pager told and nobody has folded, in the order in which it happened there."""
    found = store.read(
        "SELECT body FROM pager_events WHERE folded = 0 ORDER BY occurred_at, key LIMIT ?", (limit,)
    )
    return [_EVENT.decode(row[0]) for row in found]


def take_event(tx: Tx, key: str) -> bool:
    """Mark it folded; False where it was folded before, by whomever."""
    return tx.run("UPDATE pager_events SET folded = 1 WHERE key = ? AND folded = 0", (key,)) == 1


def forget_events(tx: Tx, before: str) -> int:
    """Drop what was folded and came before this moment; the number of rows."""
    return tx.run("DELETE FROM pager_events WHERE folded = 1 AND at < ?", (before,))


def _page(row: Row) -> Page:
    key, incident, ours, state, severity, asked_at, remote, former, turn, job, heard_at, noted, asked = row
    return Page(
        key=key,
        incident=int(incident),
        ours=bool(ours),
        state=PageState(state),
        severity=Severity(severity),
        asked_at=asked_at,
        remote=remote,
        former=former,
        round=int(turn),
        job=job,
        heard_at=heard_at,
        noted=int(noted),
        asked=int(asked),
    )
