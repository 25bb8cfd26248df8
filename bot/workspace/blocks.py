"""Slack's limits on blocks, for messages, modals and App Home. What Slack would refuse is refused here."""

from collections.abc import Callable

from bot.workspace.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, NEWER, check_element, check_image
from bot.workspace.report import Faultfinder
from bot.workspace.wire import Json, SlackError

MAX_IN_MESSAGE = 50
MAX_IN_VIEW = 100
MAX_MESSAGE_TEXT = 13_200
MAX_MARKDOWN = 12_000
MAX_TABLE_TEXT = 10_000
MESSAGE_ONLY = ("markdown", "table", "data_table", "task_card", "plan", "carousel", "card", "container")
UNCHECKED = ("file", "video", "rich_text", "alert", "auth_provider", *MESSAGE_ONLY)


def check_message_blocks(blocks: object) -> list[Json]:
    """Blocks of a message, each given a `block_id` where it has none.

    Raises `SlackError`: `invalid_blocks` with every fault by JSON pointer, `invalid_blocks_format`,
    `msg_blocks_too_long` (13,200 characters over all blocks).
    """
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    found = Faultfinder()
    checked = check_blocks(found, blocks, MAX_IN_MESSAGE, "message")
    if sum(block.get("type") in ("table", "data_table") for block in checked) > 1:
        raise SlackError("invalid_attachments", ["only_one_table_allowed [json-pointer:/blocks]"])
    if found.messages:
        raise SlackError("invalid_blocks", found.messages)
    if found.text_length > MAX_MESSAGE_TEXT:
        raise SlackError("msg_blocks_too_long")
    return checked


def check_blocks(
    found: Faultfinder, blocks: object, limit: int, surface: str, pointer: str = "/blocks"
) -> list[Json]:
    """Note every fault of a list of blocks on this surface (`message`, `modal`, `home`)."""
    checked = found.items(blocks, limit, pointer, least=0)
    seen: set[str] = set()
    for number, block in enumerate(checked):
        place = f"{pointer}/{number}"
        check_block(found, block, place, surface)
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id:
            if block_id in seen:
                found.note(f"`block_id` already exists in this {surface}: {block_id}", f"{place}/block_id")
            seen.add(block_id)
        else:
            block["block_id"] = _free_id(seen, number)
    if found.markdown_length > MAX_MARKDOWN:
        found.note(f"markdown blocks must be less than {MAX_MARKDOWN + 1} characters together", pointer)
    if found.table_length > MAX_TABLE_TEXT:
        found.note(f"table cells must be less than {MAX_TABLE_TEXT + 1} characters together", pointer)
    return checked


def _free_id(seen: set[str], number: int) -> str:
    """A short id that is the same for the same place, so that an unchanged card compares equal."""
    block_id = f"b{number:02d}"
    while block_id in seen:
        block_id += "x"
    seen.add(block_id)
    return block_id


def check_block(found: Faultfinder, block: Json, place: str, surface: str) -> None:
    """Note every fault of one block."""
    kind = block.get("type")
    found.string(block.get("block_id"), 255, f"{place}/block_id", least=0)
    check = CHECKS.get(str(kind))
    if (check is None and kind not in UNCHECKED) or (kind in MESSAGE_ONLY and surface != "message"):
        found.note(f"unsupported type: {kind}", f"{place}/type")
    elif check is not None:
        check(found, block, place)
        _check_action_ids(found, block, place)


def _check_action_ids(found: Faultfinder, block: Json, place: str) -> None:
    elements = block.get("elements")
    seen: set[str] = set()
    for number, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if not action_id and isinstance(element, dict) and element.get("type") in IN_ACTIONS:
            element["action_id"] = action_id = f"a{number:02d}"
        if action_id and str(action_id) in seen:
            found.note(
                f"`action_id` already exists in this block: {action_id}",
                f"{place}/elements/{number}/action_id",
            )
        seen.add(str(action_id))


def _section(found: Faultfinder, block: Json, place: str) -> None:
    if "text" not in block and "fields" not in block:
        found.note("missing required field: text", place)
    found.text(block.get("text"), 3000, f"{place}/text")
    if "fields" in block:
        for number, field in enumerate(found.items(block["fields"], 10, f"{place}/fields")):
            found.text(field, 2000, f"{place}/fields/{number}")
    if "accessory" in block:
        accessory = block["accessory"] if isinstance(block["accessory"], dict) else {}
        if accessory.get("type") != "image":
            accessory.setdefault("action_id", "a00")
        check_element(found, accessory, f"{place}/accessory", IN_SECTION)


def _header(found: Faultfinder, block: Json, place: str) -> None:
    found.has(block, ("text",), place)
    found.text(block.get("text"), 150, f"{place}/text", plain=True)


def _context(found: Faultfinder, block: Json, place: str) -> None:
    for number, element in enumerate(found.items(block.get("elements"), 10, f"{place}/elements")):
        pointer = f"{place}/elements/{number}"
        if element.get("type") == "image":
            check_image(found, element, pointer)
        else:
            found.text(element, 3000, pointer)


def _actions(found: Faultfinder, block: Json, place: str) -> None:
    for number, element in enumerate(found.items(block.get("elements"), 25, f"{place}/elements")):
        check_element(found, element, f"{place}/elements/{number}", IN_ACTIONS)


def _context_actions(found: Faultfinder, block: Json, place: str) -> None:
    for number, element in enumerate(found.items(block.get("elements"), 5, f"{place}/elements")):
        check_element(found, element, f"{place}/elements/{number}", NEWER)


def _input(found: Faultfinder, block: Json, place: str) -> None:
    found.has(block, ("label", "element"), place)
    found.text(block.get("label"), 2000, f"{place}/label", plain=True)
    found.text(block.get("hint"), 2000, f"{place}/hint", plain=True)
    element = block.get("element")
    if isinstance(element, dict):
        element.setdefault("action_id", "a00")
        check_element(found, element, f"{place}/element", IN_INPUT)


def _markdown(found: Faultfinder, block: Json, place: str) -> None:
    found.has(block, ("text",), place)
    words = block.get("text")
    found.string(words, MAX_MARKDOWN, f"{place}/text")
    length = len(words) if isinstance(words, str) else 0
    found.markdown_length += length
    found.text_length += length


def _table(found: Faultfinder, block: Json, place: str) -> None:
    rows = block.get("rows")
    if not isinstance(rows, list) or not 1 <= len(rows) <= 100:
        found.note("no more than 100 items allowed", f"{place}/rows")
        return
    for number, row in enumerate(rows):
        for column, cell in enumerate(found.items(row, 20, f"{place}/rows/{number}")):
            pointer = f"{place}/rows/{number}/{column}"
            if cell.get("type") not in ("raw_text", "raw_number", "rich_text"):
                found.note(f"unsupported type: {cell.get('type')}", f"{pointer}/type")
            if cell.get("type") == "raw_text":
                found.string(cell.get("text", ""), MAX_TABLE_TEXT, f"{pointer}/text")
            found.table_length += len(str(cell.get("text", "")))


def _divider(found: Faultfinder, block: Json, place: str) -> None:
    """A divider has nothing that can be wrong."""


CHECKS: dict[str, Callable[[Faultfinder, Json, str], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "input": _input,
    "image": check_image,
    "divider": _divider,
    "markdown": _markdown,
    "table": _table,
}
