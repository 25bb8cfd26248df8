"""The last guard before Slack: whatever the cards were given, what leaves is legal Block Kit."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.blocks import (
    ACTION_ID,
    BUTTON_TEXT,
    BUTTON_VALUE,
    FIELD_TEXT,
    HEADER_TEXT,
    SECTION_TEXT,
    Block,
    Card,
    context,
)
from bot.slack.text import clip, units

MESSAGE_BLOCKS = 50
HOME_BLOCKS = 100
# Slack refuses a message near 13,200 characters although each block is legal; stay clear of it.
MESSAGE_TEXT = 12_000
MARKDOWN_TEXT = 11_500
TABLE_TEXT = 9_500
FALLBACK_TEXT = 3_500
_LEFT_OUT = "… shortened to what Slack can show. The shell has everything: `dr incident`, `dr show`."


def fit_card(card: Card) -> Card:
    """The card with a legal fallback text and legal blocks."""
    return Card(clip(card.text.strip(), FALLBACK_TEXT) or "drbot", fit(card.blocks))


def fit(blocks: Sequence[Block], limit: int = MESSAGE_BLOCKS) -> list[Block]:
    """Legal blocks for a message (or a view, with its `limit`).

    Texts are cut, empty things left out, names made unique. A button whose command line is too long
    is left out whole: half a command must never be run. Buttons outlive paragraphs when there is too much.
    """
    legal = [made for block in blocks if (made := _legal(block)) is not None]
    kept, cut = _within(legal, limit)
    _name_apart(kept)
    return [*kept, context(_LEFT_OUT)] if cut else kept


def _legal(block: Block) -> Block | None:
    kind = block.get("type")
    if kind == "section":
        return _section(block)
    if kind == "header":
        return {**block, "text": _text(block["text"], HEADER_TEXT)}
    if kind == "context":
        elements = [_text(element, SECTION_TEXT) for element in block["elements"] if _filled(element)]
        return {**block, "elements": elements[:10]} if elements else None
    if kind == "actions":
        made = [_button(element) for element in block["elements"]]
        elements = [element for element in made if element is not None][:25]
        return {**block, "elements": elements} if elements else None
    if kind == "table":
        return _table(block)
    return dict(block)


def _section(block: Block) -> Block | None:
    made = dict(block)
    if "text" in made:
        if not _filled(made["text"]):
            return None
        made["text"] = _text(made["text"], SECTION_TEXT)
    if "fields" in made:
        made["fields"] = [_text(field, FIELD_TEXT) for field in made["fields"] if _filled(field)][:10]
        if not made["fields"]:
            return None
    if "accessory" in made:
        accessory = _button(made.pop("accessory"))
        if accessory is not None:
            made["accessory"] = accessory
    return made


def _text(given: Block, limit: int) -> Block:
    return {**given, "text": clip(str(given["text"]), limit)}


def _filled(given: Block) -> bool:
    return bool(str(given.get("text", "")).strip())


def _button(element: Block) -> Block | None:
    if element.get("type") != "button":
        return dict(element)
    if units(str(element.get("value", ""))) > BUTTON_VALUE:
        return None
    return {**element, "text": _text(element["text"], BUTTON_TEXT)}


def _table(block: Block) -> Block:
    room, rows = TABLE_TEXT, []
    for row in block["rows"][:100]:
        cells = [{**cell, "text": clip(str(cell["text"]).strip(), 300) or "–"} for cell in row[:20]]
        room -= sum(units(cell["text"]) for cell in cells)
        if room < 0:
            break
        rows.append(cells)
    return {**block, "rows": rows}


def _weight(block: Block) -> int:
    kind = block.get("type")
    if kind == "actions":
        return sum(_dialog_weight(element) for element in block["elements"])
    if kind == "table":
        return sum(units(cell["text"]) for row in block["rows"] for cell in row)
    held = [block["text"]] if "text" in block else []
    held += [*block.get("fields", ()), *(block.get("elements", ()) if kind == "context" else ())]
    total = sum(units(text["text"] if isinstance(text, dict) else text) for text in held)
    return total + (_dialog_weight(block["accessory"]) if "accessory" in block else 0)


def _dialog_weight(element: Block) -> int:
    texts = [element.get("text"), *(element.get("confirm") or {}).values()]
    return sum(units(text["text"]) for text in texts if isinstance(text, dict))


def _within(blocks: list[Block], limit: int) -> tuple[list[Block], bool]:
    """Blocks that fit together, and whether any was left out. Rows of buttons are seated first."""
    text, places = MESSAGE_TEXT, limit
    seated: set[int] = set()
    order = sorted(range(len(blocks)), key=lambda n: blocks[n].get("type") != "actions")
    tight = len(blocks) > limit or sum(map(_weight, blocks)) > text
    if tight:
        places -= 1
    for number in order:
        weight = _weight(blocks[number])
        if places and weight <= text:
            seated.add(number)
            text, places = text - weight, places - 1
        elif blocks[number].get("type") != "actions":
            break
    return [block for number, block in enumerate(blocks) if number in seated], len(seated) < len(blocks)


def _name_apart(blocks: list[Block]) -> None:
    used: set[str] = set()
    for block in blocks:
        elements = [*(block.get("elements", ()) if block.get("type") == "actions" else ())]
        elements += [block["accessory"]] if "accessory" in block else []
        for element in elements:
            name = str(element.get("action_id", ""))[: ACTION_ID - 10]
            fresh, count = name, 1
            while fresh in used:
                count += 1
                fresh = f"{name}:{count}"
            element["action_id"] = fresh
            used.add(fresh)
