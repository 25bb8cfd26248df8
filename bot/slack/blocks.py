"""Block Kit in small pieces. A `Block` is Slack's own JSON on its way out: built here, read by nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.slack.text import clip, plain

Block: TypeAlias = "dict[str, Any]"

SECTION_TEXT = 3000
FIELD_TEXT = 2000
HEADER_TEXT = 150
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
ACTION_ID = 255
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
LINE = "dr:"
FORM = "dr-form:"


@dataclass(frozen=True)
class Card:
    """A message: `text` is the notification and what old clients show, `blocks` the card itself."""

    text: str
    blocks: list[Block] = field(default_factory=list)


def words(text: str) -> Block:
    """A mrkdwn text object. Verbatim: Slack links and pings nothing that was not written as markup."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_words(text: str, limit: int) -> Block:
    """A plain_text object."""
    return {"type": "plain_text", "text": plain(text, limit), "emoji": True}


def header(text: str) -> Block:
    """Large text, cut to 150."""
    return {"type": "header", "text": plain_words(text, HEADER_TEXT)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of mrkdwn, with at most one element beside it."""
    block: Block = {"type": "section", "text": words(text)}
    return block | {"accessory": accessory} if accessory else block


def facts(pairs: Iterable[tuple[str, str]]) -> Block:
    """Two columns of a small bold name above its mrkdwn value (ten at most)."""
    fields = [words(clip(f"*{name}*\n{value or '–'}", FIELD_TEXT)) for name, value in pairs]
    return {"type": "section", "fields": fields[:10]}


def context(*texts: str) -> Block:
    """Small grey mrkdwn."""
    return {"type": "context", "elements": [words(text) for text in texts if text]}


def divider() -> Block:
    """A thin line."""
    return {"type": "divider"}


def actions(*elements: Block | None, name: str = "") -> Block:
    """A row of buttons; those that are None are left out.

    With a `name` (unique in its message) a button keeps its place when the message is edited around it, so
    that a press on what was seen a moment ago is still heard.
    """
    row: Block = {"type": "actions", "elements": [element for element in elements if element]}
    return row | {"block_id": name} if name else row


def button(label: str, line: str, name: str, style: str = "", confirm: Block | None = None) -> Block:
    """A button whose value is a command line: pressing it is saying it. `name` is unique in its message."""
    element: Block = {
        "type": "button",
        "text": plain_words(label, BUTTON_TEXT),
        "action_id": LINE + name,
        "value": line,
    }
    if style:
        element["style"] = style
    if confirm:
        element["confirm"] = confirm
    return element


def form_button(label: str, line: str, name: str, style: str = "") -> Block:
    """A button that opens the form `name`; `line` is the command line that the form completes."""
    return button(label, line, name, style) | {"action_id": FORM + name}


def confirm(title: str, text: str, yes: str, no: str = "Not now", danger: bool = False) -> Block:
    """Slack's own question before a press counts. `text` is plain."""
    dialog: Block = {
        "title": plain_words(title, CONFIRM_TITLE),
        "text": plain_words(text, CONFIRM_TEXT),
        "confirm": plain_words(yes, CONFIRM_BUTTON),
        "deny": plain_words(no, CONFIRM_BUTTON),
    }
    return dialog | {"style": "danger"} if danger else dialog
