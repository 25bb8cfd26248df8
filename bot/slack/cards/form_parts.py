"""What every form (modal) is made of: its frame, its fields, and where its answer goes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.slack.blocks import Block, plain_words
from bot.slack.text import plain

LINES_LIMIT, LINE_LIMIT = 1_500, 150


@dataclass(frozen=True)
class Origin:
    """Where a form was opened: the line that it completes, and where the answer goes."""

    line: str
    channel: str = ""
    thread: str = ""
    word: str = ""

    def written(self) -> str:
        return msgspec.json.encode(self).decode()

    @staticmethod
    def read(text: str) -> Origin:
        """Raises msgspec.ValidationError for what no form of ours carries."""
        return msgspec.json.decode(text, type=Origin)


def form(name: str, title: str, submit: str, origin: Origin, blocks: list[Block]) -> Block:
    """The modal of this name; submitted, it completes the origin's line."""
    return {
        "type": "modal",
        "callback_id": f"dr-form:{name}",
        "private_metadata": origin.written(),
        "title": plain_words(title, 24),
        "submit": plain_words(submit, 24),
        "close": plain_words("Back", 24),
        "blocks": blocks,
    }


def field(name: str, label: str, element: Block, optional: bool = False) -> Block:
    """One input under its label."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain_words(label, 200),
        "element": element | {"action_id": name},
        "optional": optional,
    }


def words(
    name: str, label: str, given: str = "", optional: bool = False, lines: bool = True, limit: int = 0
) -> Block:
    """Free text, of several lines or one, with what is already written."""
    limit = limit or (LINES_LIMIT if lines else LINE_LIMIT)
    element: Block = {"type": "plain_text_input", "multiline": lines, "max_length": limit}
    if given:
        element["initial_value"] = given[:limit]
    return field(name, label, element, optional)


def option(label: str, value: str) -> Block:
    """One choice of a select."""
    return {"text": plain_words(label, 75), "value": plain(value, 75)}
