"""What people write and mark, taken out of Slack's events for whoever keeps the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

PIN = "pushpin"
_HEARD = frozenset({None, "thread_broadcast", "file_share", "me_message"})


class Ears(Protocol):
    """Keeps people's words. Every method is safe to call twice with the same event; may raise StoreDown."""

    def posted(
        self, channel: str, ts: str, thread_ts: str, author: str, author_name: str, text: str
    ) -> object: ...

    def edited(
        self, channel: str, ts: str, text: str, thread_ts: str = "", author: str = "", author_name: str = ""
    ) -> object: ...

    def deleted(self, channel: str, ts: str, thread_ts: str = "") -> object: ...

    def marked(self, channel: str, ts: str, mark: str, by: str, at: str) -> object: ...

    def unmarked(self, channel: str, ts: str, mark: str, by: str) -> object: ...


@dataclass(frozen=True)
class Written:
    """A message that a person wrote or changed. `user` is their Slack id; `text` is as Slack stores it."""

    channel: str
    ts: str
    thread_ts: str
    user: str
    text: str
    edited: bool = False


@dataclass(frozen=True)
class Unwritten:
    """A message taken back."""

    channel: str
    ts: str
    thread_ts: str


@dataclass(frozen=True)
class Marked:
    """A pin or reaction put on a message, or taken away."""

    channel: str
    ts: str
    mark: str
    user: str
    at: str
    gone: bool = False


def read_message(event: Mapping[str, Any]) -> Written | Unwritten | None:
    """A `message` event of any subtype; None for what no person wrote."""
    channel, subtype = str(event.get("channel", "")), event.get("subtype")
    if subtype == "message_deleted":
        before = event.get("previous_message") or {}
        return _unwritten(channel, str(event.get("deleted_ts") or before.get("ts", "")), before)
    if subtype == "message_changed":
        now = event.get("message") or {}
        if now.get("subtype") == "tombstone":
            return _unwritten(channel, str(now.get("ts", "")), now)
        return _written(channel, now, edited=True)
    return _written(channel, event) if subtype in _HEARD else None


def _written(channel: str, message: Mapping[str, Any], edited: bool = False) -> Written | None:
    user, ts = str(message.get("user") or ""), str(message.get("ts") or "")
    if not user or not ts or message.get("bot_id") or message.get("subtype") not in _HEARD:
        return None
    text = str(message.get("text") or "")
    return Written(channel, ts, str(message.get("thread_ts") or ""), user, text, edited)


def _unwritten(channel: str, ts: str, message: Mapping[str, Any]) -> Unwritten | None:
    if not ts or message.get("bot_id"):
        return None
    return Unwritten(channel, ts, str(message.get("thread_ts") or ""))


def read_mark(event: Mapping[str, Any]) -> Marked | None:
    """A `reaction_…` or `pin_…` event; None where it marks no message."""
    item = event.get("item") or {}
    message = item.get("message") or {}
    kind = str(event.get("type", ""))
    channel = str(item.get("channel") or event.get("channel_id") or "")
    ts = str(item.get("ts") or message.get("ts") or "")
    if not channel or not ts:
        return None
    mark = PIN if kind.startswith("pin_") else str(event.get("reaction", ""))
    at = _time(str(event.get("event_ts", "")))
    return Marked(channel, ts, mark, str(event.get("user", "")), at, kind.endswith("_removed"))


def _time(ts: str) -> str:
    try:
        return datetime.fromtimestamp(float(ts), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, OverflowError, OSError):
        return ""
