"""Cursor paging, as every listing of Slack does it."""

import base64
import binascii
from typing import TypeVar

from bot.workspace.arguments import Arguments
from bot.workspace.wire import SlackError

T = TypeVar("T")


def page(items: list[T], arguments: Arguments, default: int = 100, most: int = 1000) -> tuple[list[T], str]:
    """The asked-for part of a list and the cursor of the next ("" at the end). Raises `invalid_cursor`."""
    start, limit = _start(arguments.text("cursor")), arguments.number("limit", default, most)
    end = start + limit
    return items[start:end], _cursor(end) if end < len(items) else ""


def _cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        name, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
        if name != "next":
            raise SlackError("invalid_cursor")
        return max(0, int(position))
    except (binascii.Error, UnicodeDecodeError, ValueError) as wrong:
        raise SlackError("invalid_cursor") from wrong
