"""Slack's limits on interactive elements, options and confirm dialogs."""

from bot.workspace.report import Faultfinder
from bot.workspace.wire import Json

SELECTS = ("static_select", "multi_static_select")
REMOTE_SELECTS = tuple(
    many + kind
    for many in ("", "multi_")
    for kind in ("users_select", "conversations_select", "channels_select", "external_select")
)
PICKERS = ("datepicker", "timepicker", "datetimepicker")
INPUTS = (
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "file_input",
    "rich_text_input",
)
CHOICES = ("radio_buttons", "checkboxes")
NEWER = ("workflow_button", "feedback_buttons", "icon_button")
IN_ACTIONS = ("button", "overflow", *SELECTS, *REMOTE_SELECTS, *PICKERS, *CHOICES, *NEWER)
IN_SECTION = (*IN_ACTIONS, "image")
IN_INPUT = (*INPUTS, *SELECTS, *REMOTE_SELECTS, *PICKERS, *CHOICES)


def check_element(found: Faultfinder, element: Json, pointer: str, allowed: tuple[str, ...]) -> None:
    """Note everything wrong with one element; `allowed` are the types its block takes."""
    kind = element.get("type")
    if kind not in allowed:
        found.note(f"unsupported type: {kind}", f"{pointer}/type")
        return
    found.string(element.get("action_id"), 255, f"{pointer}/action_id")
    found.text(element.get("placeholder"), 150, f"{pointer}/placeholder", plain=True)
    if "confirm" in element:
        check_confirm(found, element["confirm"], f"{pointer}/confirm")
    if kind == "button":
        _check_button(found, element, pointer)
    elif kind in SELECTS:
        _check_select(found, element, pointer)
    elif kind in CHOICES:
        check_options(found, element.get("options"), 10, f"{pointer}/options", plain=False)
    elif kind == "overflow":
        check_options(found, element.get("options"), 5, f"{pointer}/options")
    elif kind in INPUTS:
        _check_input(found, element, pointer)
    elif kind == "image":
        check_image(found, element, pointer)


def _check_button(found: Faultfinder, button: Json, pointer: str) -> None:
    found.has(button, ("text",), pointer)
    found.text(button.get("text"), 75, f"{pointer}/text", plain=True)
    found.string(button.get("value"), 2000, f"{pointer}/value", least=0)
    found.string(button.get("url"), 3000, f"{pointer}/url")
    found.string(button.get("accessibility_label"), 75, f"{pointer}/accessibility_label")
    if button.get("style") not in (None, "primary", "danger"):
        found.note("must be a valid enum value", f"{pointer}/style")


def _check_select(found: Faultfinder, select: Json, pointer: str) -> None:
    groups = select.get("option_groups")
    if groups is None:
        check_options(found, select.get("options"), 100, f"{pointer}/options")
        return
    for number, group in enumerate(found.items(groups, 100, f"{pointer}/option_groups")):
        place = f"{pointer}/option_groups/{number}"
        found.text(group.get("label"), 75, f"{place}/label", plain=True)
        check_options(found, group.get("options"), 100, f"{place}/options")


def check_options(found: Faultfinder, options: object, limit: int, pointer: str, plain: bool = True) -> None:
    """Options of a menu: between 1 and `limit`, each with text and value within bounds."""
    for number, option in enumerate(found.items(options, limit, pointer)):
        place = f"{pointer}/{number}"
        found.has(option, ("text", "value"), place)
        found.text(option.get("text"), 75, f"{place}/text", plain=plain)
        found.string(option.get("value"), 150, f"{place}/value")
        found.text(option.get("description"), 75, f"{place}/description", plain=plain)
        found.string(option.get("url"), 3000, f"{place}/url")


def _check_input(found: Faultfinder, field: Json, pointer: str) -> None:
    for name in ("min_length", "max_length"):
        length = field.get(name)
        if length is not None and not (isinstance(length, int) and 0 <= length <= 3000):
            found.note("must be less than 3001", f"{pointer}/{name}")
    found.string(field.get("initial_value"), 3000, f"{pointer}/initial_value", least=0)


def check_confirm(found: Faultfinder, confirm: object, pointer: str) -> None:
    """A confirm dialog: title 100, text 300, both buttons 30 characters."""
    if not isinstance(confirm, dict):
        found.note("must be an object", pointer)
        return
    found.has(confirm, ("title", "text", "confirm", "deny"), pointer)
    found.text(confirm.get("title"), 100, f"{pointer}/title", plain=True)
    found.text(confirm.get("text"), 300, f"{pointer}/text")
    found.text(confirm.get("confirm"), 30, f"{pointer}/confirm", plain=True)
    found.text(confirm.get("deny"), 30, f"{pointer}/deny", plain=True)
    if confirm.get("style") not in (None, "primary", "danger"):
        found.note("must be a valid enum value", f"{pointer}/style")


def check_image(found: Faultfinder, image: Json, pointer: str) -> None:
    """An image, as a block or as an element: a url or a Slack file, and words for who cannot see it."""
    if not image.get("slack_file"):
        found.has(image, ("image_url",), pointer)
    found.has(image, ("alt_text",), pointer)
    found.string(image.get("image_url"), 3000, f"{pointer}/image_url")
    found.string(image.get("alt_text"), 2000, f"{pointer}/alt_text", least=0)
    found.text(image.get("title"), 2000, f"{pointer}/title", plain=True)
