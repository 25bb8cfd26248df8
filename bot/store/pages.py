"""Rows of pages as they stand at the pager, and of what the pager told that nobody has folded yet."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from bot.domain.pager import Page, PagerEvent, PageState
from bot.domain.severity import Severity
from bot.store.database import Read, Row, Store, Tx

_COLUMNS = (
    "key, incident, ours, state, severity, asked_at, held, remote, former, round, job, heard_at, noted, asked"
)
_SELECT = f"SELECT {_COLUMNS} FROM pages"  # noqa: S608 - a constant
_MARKS = ", ".join("?" * len(_COLUMNS.split(",")))
_UPSERT = (
    f"INSERT INTO pages ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (key) DO UPDATE SET "  # noqa: S608
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[1:])
)
PAGES_LIMIT = 100
"""Pages of one incident that are minded: the newest."""
NOTES_LIMIT = 50
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
            page.held,
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
    """The page that has this id at the pager now, or None; the pager's own before one that was merged in."""
    found = read(
        f"{_SELECT} WHERE remote = ? AND remote <> '' ORDER BY ours, incident DESC LIMIT 1", (remote,)
    )
    return _page(found[0]) if found else None


def pages_of(read: Read, incident: int) -> Sequence[Page]:
    """The incident's pages, the newest first."""
    found = read(
        f"{_SELECT} WHERE incident = ? ORDER BY round DESC, asked_at DESC, key LIMIT {PAGES_LIMIT}",
        (incident,),
    )
    return [_page(row) for row in found]


def has_pages(tx: Tx, incident: int) -> bool:
    """Whether it was paged, or holds something that the pager raised itself."""
    row = tx.one(
        "SELECT EXISTS (SELECT 1 FROM pages WHERE incident = ?)"
        " OR EXISTS (SELECT 1 FROM alerts WHERE incident = ? AND source = 'pagerduty')",
        (incident, incident),
    )
    return bool(row and row[0])


def pager_alerts(tx: Tx, incident: int) -> Sequence[tuple[str, bool]]:
    """PagerDuty's own incidents among its alerts: their id there, and whether they are still on."""
    found = tx.all(
        "SELECT fingerprint, status FROM alerts WHERE incident = ? AND source = 'pagerduty'"  # noqa: S608 - a constant
        f" ORDER BY last_seen DESC LIMIT {PAGES_LIMIT}",
        (incident,),
    )
    return [(str(remote), status == "firing") for remote, status in found]


def holder_of(tx: Tx, remote: str) -> tuple[bool, int | None]:
    """Whether the alert of PagerDuty's own incident is still to be judged, and the incident that holds it."""
    row = tx.one(
        "SELECT judged, incident FROM alerts WHERE source = 'pagerduty' AND fingerprint = ?", (remote,)
    )
    return (not row[0], row[1]) if row else (False, None)


def newest_entry(tx: Tx) -> int:
    """The journal's newest entry: notes after it are told, those before are not."""
    row = tx.one("SELECT seq FROM journal ORDER BY seq DESC LIMIT 1")
    return int(row[0]) if row else 0


def notes_since(tx: Tx, incident: int, seq: int) -> Sequence[tuple[int, str, str, bool]]:
    """People's notes after this entry, at most 50: entry, who, words, whether they came from the pager."""
    found = tx.all(
        "SELECT seq, actor, data FROM journal WHERE incident = ? AND seq > ? AND kind = 'note-added'"  # noqa: S608
        f" ORDER BY seq LIMIT {NOTES_LIMIT}",
        (incident, seq),
    )
    read = [(int(row[0]), str(row[1]), json.loads(row[2])) for row in found]
    return [(number, by, str(data.get("text", "")), bool(data.get("pager"))) for number, by, data in read]


def note_reserve(tx: Tx, job: str) -> bool:
    """The people of this job were told another way; False where they were before."""
    noted = tx.run(
        "INSERT INTO pager_reserves (job, at) VALUES (?, ?) ON CONFLICT (job) DO NOTHING", (job, tx.now)
    )
    return noted == 1


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
    (
        key,
        incident,
        ours,
        state,
        severity,
        asked_at,
        held,
        remote,
        former,
        turn,
        job,
        heard_at,
        noted,
        asked,
    ) = row
    return Page(
        key=key,
        incident=int(incident),
        ours=bool(ours),
        state=PageState(state),
        severity=Severity(severity),
        asked_at=asked_at,
        held=held,
        remote=remote,
        former=former,
        round=int(turn),
        job=job,
        heard_at=heard_at,
        noted=int(noted),
        asked=int(asked),
    )
