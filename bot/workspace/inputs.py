"""What a person chose or typed in a block's elements, in the typed form that Slack's payloads carry."""

from collections.abc import Iterator

from bot.workspace.wire import Json, SlackError

CHOSEN_ONE = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
INITIAL = {
    "users_select": "initial_user",
    "conversations_select": "initial_conversation",
    "channels_select": "initial_channel",
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "datetimepicker": "initial_date_time",
}
TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
ONE_OPTION = ("static_select", "radio_buttons", "external_select", "overflow")
MANY_OPTIONS = ("multi_static_select", "checkboxes", "multi_external_select")
STATELESS = ("button", "overflow", "image", "workflow_button", "feedback_buttons", "icon_button")


def elements_of(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with the block it is in."""
    for block in blocks:
        inside = [block.get("element"), block.get("accessory")]
        if block.get("type") in ("actions", "context_actions"):
            inside += block.get("elements", [])
        for element in inside:
            if isinstance(element, dict) and element.get("action_id"):
                yield block, element


def find_element(blocks: list[Json], action_id: str, block_id: str = "") -> tuple[Json, Json]:
    """The element with this action id (in this block). Raises `action_not_found`."""
    for block, element in elements_of(blocks):
        if element["action_id"] == action_id and block_id in ("", block.get("block_id")):
            return block, element
    raise SlackError("action_not_found")


def _options(element: Json) -> list[Json]:
    groups = element.get("option_groups") or []
    return list(element.get("options") or []) + [
        option for group in groups for option in group.get("options", [])
    ]


def _option(element: Json, value: object) -> Json:
    for option in _options(element):
        if option.get("value") == value:
            return option
    raise SlackError("invalid_option", [f"no option has the value {value!r}"])


def typed_value(element: Json, raw: object) -> Json:
    """What the payload says of this element; None takes its initial value.

    `raw` is a string (an option's value, a date, an id, text) or a list of such. Raises `invalid_option`.
    """
    kind = str(element.get("type"))
    if kind in TYPED:
        return {"type": kind, "value": element.get("initial_value") if raw is None else (str(raw) or None)}
    if kind in ONE_OPTION:
        chosen = element.get("initial_option") if raw is None else (_option(element, raw) if raw else None)
        return {"type": kind, "selected_option": chosen}
    if kind in MANY_OPTIONS:
        many = raw if isinstance(raw, list) else []
        chosen = (
            element.get("initial_options", []) if raw is None else [_option(element, one) for one in many]
        )
        return {"type": kind, "selected_options": chosen}
    if kind in CHOSEN_ONE:
        return {"type": kind, CHOSEN_ONE[kind]: element.get(INITIAL[kind]) if raw is None else (raw or None)}
    plural = kind.removeprefix("multi_").removesuffix("_select")
    return {"type": kind, f"selected_{plural}": raw if isinstance(raw, list) else []}


def collect_values(blocks: list[Json], raw: Json) -> Json:
    """`state.values` of a surface: for each element with a state, what was sent or its initial value."""
    values: Json = {}
    for block, element in elements_of(blocks):
        if element.get("type") in STATELESS:
            continue
        block_id, action_id = str(block.get("block_id")), str(element["action_id"])
        sent = raw.get(block_id)
        chosen = sent.get(action_id) if isinstance(sent, dict) else None
        values.setdefault(block_id, {})[action_id] = typed_value(element, chosen)
    return values


def refused_inputs(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack itself refuses before asking the app: required fields left empty, text too short or long."""
    errors: dict[str, str] = {}
    for block in blocks:
        element = block.get("element")
        if block.get("type") != "input" or not isinstance(element, dict):
            continue
        block_id = str(block.get("block_id"))
        state = values.get(block_id, {}).get(element.get("action_id"), {})
        chosen = next((value for name, value in state.items() if name != "type"), None)
        if not chosen:
            if not block.get("optional"):
                errors[block_id] = "Please complete this required field."
        elif isinstance(chosen, str) and (wrong := _wrong_length(element, chosen)):
            errors[block_id] = wrong
    return errors


def _wrong_length(element: Json, text: str) -> str:
    most, least = element.get("max_length"), element.get("min_length")
    if isinstance(most, int) and len(text) > most:
        return f"Please enter no more than {most} characters."
    if isinstance(least, int) and len(text) < least:
        return f"Please enter at least {least} characters."
    return ""


def action_json(block: Json, element: Json, raw: object, action_ts: str) -> Json:
    """One entry of `actions[]`: what was pressed or chosen."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block.get("block_id", ""),
    }
    if element["type"] in ("button", "icon_button"):
        action |= {name: element[name] for name in ("text", "value", "style", "url") if name in element}
    elif element["type"] not in STATELESS or element["type"] == "overflow":
        action |= typed_value(element, raw)
    return action | {"action_ts": action_ts}
