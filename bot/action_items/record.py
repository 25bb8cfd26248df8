"""Rows of action items: `action_items`, numbered from 1 over all incidents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.action_item import ActionItem, ItemState
from bot.store.database import Read, Row, Tx

_NAMES = "id, incident, text, owner, due, state, evidence, created_by, created_at, ended_at, reminded_at"
_SELECT = f"SELECT {_NAMES} FROM action_items"  # noqa: S608 - a constant
_INSERT = f"INSERT INTO action_items ({_NAMES}, request_key) VALUES ({', '.join('?' * 12)})"  # noqa: S608
_UPDATE = (
    "UPDATE action_items SET text = ?, owner = ?, due = ?, state = ?, ended_at = ?, reminded_at = ?"
    " WHERE id = ?"
)
LISTED = 500


def insert(tx: Tx, item: ActionItem, request_key: str = "") -> ActionItem:
    """Store a new item; the result carries its number."""
    row = tx.one("SELECT COALESCE(MAX(id), 0) + 1 FROM action_items")
    numbered = replace(item, id=int(row[0]) if row else 1)
    tx.run(
        _INSERT,
        (
            numbered.id,
            numbered.incident,
            numbered.text,
            numbered.owner,
            numbered.due,
            numbered.state.value,
            json.dumps(list(numbered.evidence)),
            numbered.created_by,
            numbered.created_at,
            numbered.ended_at,
            numbered.reminded_at,
            request_key,
        ),
    )
    return numbered


def save(tx: Tx, item: ActionItem) -> None:
    """Write what of an item can change. Safe to do twice."""
    tx.run(
        _UPDATE,
        (item.text, item.owner, item.due, item.state.value, item.ended_at, item.reminded_at, item.id),
    )


def find(read: Read, item: int) -> ActionItem | None:
    """The item, or None. `read` is `Store.read` or `Tx.all`."""
    rows = read(f"{_SELECT} WHERE id = ?", (item,))
    return _item(rows[0]) if rows else None


def of_request(read: Read, request_key: str) -> ActionItem | None:
    """The item that this request made, or None; always None for the empty key."""
    rows = read(f"{_SELECT} WHERE request_key = ?", (request_key,)) if request_key else ()
    return _item(rows[0]) if rows else None


def of_incident(read: Read, incident: int) -> Sequence[ActionItem]:
    """The incident's items in the order in which they were kept, at most 500."""
    rows = read(f"{_SELECT} WHERE incident = ? ORDER BY id LIMIT {LISTED}", (incident,))
    return [_item(row) for row in rows]


def open_items(read: Read, limit: int = LISTED) -> Sequence[ActionItem]:
    """Every open item: what is due first comes first, what has no day comes last."""
    rows = read(f"{_SELECT} WHERE state = 'open' ORDER BY due = '', due, id LIMIT ?", (limit,))
    return [_item(row) for row in rows]


def newest(read: Read, limit: int = LISTED) -> Sequence[ActionItem]:
    """The newest items in any state."""
    return [_item(row) for row in read(f"{_SELECT} ORDER BY id DESC LIMIT ?", (limit,))]


def owed(read: Read, until: str, after: int, limit: int) -> Sequence[ActionItem]:
    """Open items with an owner that are due on `until` or before, a page at a time by number."""
    rows = read(
        f"{_SELECT} WHERE state = 'open' AND owner <> '' AND due <> '' AND due <= ? AND id > ?"
        " ORDER BY id LIMIT ?",
        (until, after, limit),
    )
    return [_item(row) for row in rows]


def _item(row: Row) -> ActionItem:
    number, incident, text, owner, due, state, evidence, *rest = row
    return ActionItem(
        number, incident, text, owner, due, ItemState(state), tuple(json.loads(evidence)), *map(str, rest)
    )
