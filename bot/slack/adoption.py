"""A post that a crash cut off from its record: found again by the mark it carries, never posted twice."""

from __future__ import annotations

from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.entry import Json
from bot.slack.calls import call
from bot.store.database import from_iso
from bot.store.outbox import Waiting

EVENT = "drbot"
LOOK_BACK = timedelta(minutes=2)
PAGES = 10


def mark_of(row: Waiting) -> dict[str, Json]:
    """The message metadata that names its outbox row."""
    return {"event_type": EVENT, "event_payload": {"key": row.key}}


async def find_posted(client: AsyncWebClient, row: Waiting, channel: str) -> str:
    """The ts of the newest message that carries this row's mark; empty where none does.

    Looks no further back than the row is old. Raises what `calls.call` raises.
    """
    oldest = f"{(from_iso(row.created_at) - LOOK_BACK).timestamp():.6f}"
    method = client.conversations_replies if row.parent_ts else client.conversations_history
    where = {"ts": row.parent_ts} if row.parent_ts else {}
    mark, cursor = mark_of(row), ""
    for _ in range(PAGES):
        page = await call(
            method,
            channel=channel,
            oldest=oldest,
            limit=200,
            cursor=cursor,
            include_all_metadata=True,
            **where,
        )
        found = [
            str(message["ts"]) for message in page.get("messages", ()) if message.get("metadata") == mark
        ]
        if found:
            return max(found)
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    return ""
