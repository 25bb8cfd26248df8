"""People's words about an incident: kept, corrected and forgotten as their authors wish.

The words live in the table `messages`; the journal remembers only that somebody wrote, where and a
hash. So a deleted message is really gone, and the chain still proves that nothing was slipped in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.domain.entry import Json, NewEntry
from bot.redact import TEXT_LIMIT, redact_secrets
from bot.store.database import Row, Store, Tx
from bot.store.journal import append
from bot.store.outbox import Wanted, want

MARKS_LIMIT = 200
_Change: TypeAlias = "Callable[[Tx, tuple[Mark, ...]], tuple[Mark, ...]]"
_COLUMNS = "channel, ts, thread_ts, author, author_name, text, edited, deleted, marks"


@dataclass(frozen=True)
class Mark:
    """A pin (`pushpin`) or reaction on a message: which, by whom (their id), when (ISO 8601 UTC)."""

    mark: str
    by: str
    at: str = ""


@dataclass(frozen=True)
class Message:
    """What a person wrote, as it stands now. `ts` is Slack's: seconds since 1970, and the identity."""

    channel: str
    ts: str
    thread_ts: str
    author: str
    author_name: str
    text: str
    edited: bool = False
    deleted: bool = False
    marks: tuple[Mark, ...] = field(default=())


class Ears:
    """Listens where an incident is talked about, and nowhere else.

    Each method says whether the message belongs to an incident. All are safe to call twice with the
    same event (Slack delivers at least once); each raises StoreDown where nothing could be stored.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def posted(self, channel: str, ts: str, thread_ts: str, author: str, author_name: str, text: str) -> bool:
        """A person wrote. Secrets are taken out before the words are stored."""

        def work(tx: Tx) -> bool:
            incident = _incident_of(tx, channel, ts, thread_ts)
            if incident is None:
                return False
            if _row(tx, channel, ts) is None:
                _insert(tx, incident, Message(channel, ts, thread_ts, author, author_name, _kept(text)))
                _journal(tx, "message-posted", author, incident, channel, ts, {"sha256": _hash(text)})
            return True

        return self._store.write(work)

    def edited(
        self, channel: str, ts: str, text: str, thread_ts: str = "", author: str = "", author_name: str = ""
    ) -> bool:
        """A person changed their words: the words before are gone. Unknown until now: kept as new."""

        def work(tx: Tx) -> bool:
            found = _row(tx, channel, ts)
            if found is None:
                incident = _incident_of(tx, channel, ts, thread_ts)
                if incident is None:
                    return False
                _insert(tx, incident, Message(channel, ts, thread_ts, author, author_name, _kept(text), True))
                _journal(tx, "message-edited", author, incident, channel, ts, {"sha256": _hash(text)})
                return True
            incident, message = found
            if message.deleted or message.text == _kept(text):
                return True
            tx.run(
                "UPDATE messages SET text = ?, edited = 1 WHERE channel = ? AND ts = ?",
                (_kept(text), channel, ts),
            )
            _journal(tx, "message-edited", message.author, incident, channel, ts, {"sha256": _hash(text)})
            _show_report_anew(tx, incident)
            return True

        return self._store.write(work)

    def deleted(self, channel: str, ts: str, thread_ts: str = "") -> bool:
        """A person took their words back: the text is removed, even if it only arrives later."""

        def work(tx: Tx) -> bool:
            found = _row(tx, channel, ts)
            if found is None:
                incident = _incident_of(tx, channel, ts, thread_ts)
                if incident is not None:
                    _insert(tx, incident, Message(channel, ts, thread_ts, "", "", "", deleted=True))
                return incident is not None
            incident, message = found
            if not message.deleted:
                tx.run(
                    "UPDATE messages SET text = '', marks = '[]', deleted = 1 WHERE channel = ? AND ts = ?",
                    (channel, ts),
                )
                _journal(tx, "message-deleted", message.author, incident, channel, ts, {})
                _show_report_anew(tx, incident)
            return True

        return self._store.write(work)

    def marked(self, channel: str, ts: str, mark: str, by: str, at: str) -> bool:
        """A person pinned (`pushpin`) a message or reacted to it."""

        def change(tx: Tx, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
            new = Mark(mark, by, at or tx.now)
            known = any((old.mark, old.by) == (mark, by) for old in marks)
            return marks if known or len(marks) >= MARKS_LIMIT else (*marks, new)

        return self._remark(channel, ts, mark, by, "mark-added", change)

    def unmarked(self, channel: str, ts: str, mark: str, by: str) -> bool:
        """The pin or reaction was taken away."""

        def change(_: Tx, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
            return tuple(old for old in marks if (old.mark, old.by) != (mark, by))

        return self._remark(channel, ts, mark, by, "mark-removed", change)

    def _remark(self, channel: str, ts: str, mark: str, by: str, kind: str, change: _Change) -> bool:
        def work(tx: Tx) -> bool:
            found = _row(tx, channel, ts)
            if found is None:
                return False
            incident, message = found
            marks = change(tx, message.marks)
            if marks != message.marks and not message.deleted:
                tx.run(
                    "UPDATE messages SET marks = ? WHERE channel = ? AND ts = ?",
                    (_marks_json(marks), channel, ts),
                )
                _journal(tx, kind, by, incident, channel, ts, {"mark": mark})
            return True

        return self._store.write(work)


def of_incident(store: Store, incident: int, limit: int = 20_000) -> Sequence[Message]:
    """What people said about an incident, oldest first; words taken back are not among it."""
    rows = store.read(
        f"SELECT {_COLUMNS} FROM messages WHERE incident = ? AND deleted = 0 ORDER BY ts LIMIT ?",  # noqa: S608
        (incident, limit),
    )
    return [_message(row) for row in rows]


def _incident_of(tx: Tx, channel: str, ts: str, thread_ts: str) -> int | None:
    """The incident whose own channel this is, or whose card's thread."""
    thread = thread_ts or ts
    row = tx.one(
        "SELECT id FROM incidents WHERE channel = ? AND channel <> '' AND (thread = '' OR thread = ?)"
        " ORDER BY CASE WHEN state = 'resolved' THEN 1 ELSE 0 END, id DESC LIMIT 1",
        (channel, thread),
    ) or tx.one(
        "SELECT subject FROM outbox WHERE kind = 'incident-card' AND ts = ? AND ts <> '' LIMIT 1", (thread,)
    )
    return int(row[0]) if row else None


def _row(tx: Tx, channel: str, ts: str) -> tuple[int, Message] | None:
    row = tx.one(
        f"SELECT incident, {_COLUMNS} FROM messages WHERE channel = ? AND ts = ?",  # noqa: S608
        (channel, ts),
    )
    return (int(row[0]), _message(row[1:])) if row else None


def _insert(tx: Tx, incident: int, new: Message) -> None:
    tx.run(
        f"INSERT INTO messages (incident, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            incident,
            new.channel,
            new.ts,
            new.thread_ts,
            new.author,
            new.author_name,
            new.text,
            int(new.edited),
            int(new.deleted),
            _marks_json(new.marks),
        ),
    )


def _journal(
    tx: Tx, kind: str, actor: str, incident: int, channel: str, ts: str, data: Mapping[str, Json]
) -> None:
    append(tx, NewEntry(kind, actor or "somebody", {"channel": channel, "ts": ts, **data}, incident))


def _show_report_anew(tx: Tx, incident: int) -> None:
    """A report that is posted already would go on telling the words of before."""
    key = f"incident:{incident}:report"
    posted = tx.one("SELECT channel, parent, rank FROM outbox WHERE key = ?", (key,))
    if posted:
        channel, parent, rank = posted
        want(tx, Wanted(key, "report", incident, str(channel), parent=str(parent), rank=int(rank)))


def _message(row: Row) -> Message:
    channel, ts, thread_ts, author, author_name, text, edited, deleted, marks = row
    held = tuple(Mark(one["mark"], one["by"], one.get("at", "")) for one in json.loads(marks))
    return Message(channel, ts, thread_ts, author, author_name, text, bool(edited), bool(deleted), held)


def _marks_json(marks: Sequence[Mark]) -> str:
    return json.dumps([{"mark": one.mark, "by": one.by, "at": one.at} for one in marks])


def _kept(text: str) -> str:
    return redact_secrets(text[:TEXT_LIMIT])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
