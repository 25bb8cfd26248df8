"""Collects every fault of a Block Kit document with its JSON pointer, in Slack's wording."""

from bot.workspace.wire import Json


class Faultfinder:
    """Checks values against a limit and notes what is wrong; finding nothing leaves `messages` empty."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.text_length = 0
        self.table_length = 0
        self.markdown_length = 0

    def note(self, what: str, pointer: str) -> None:
        """Note a fault at this place."""
        self.messages.append(f"{what} [json-pointer:{pointer}]")

    def has(self, holder: Json, names: tuple[str, ...], pointer: str) -> bool:
        """Whether every field is there; notes each that is missing."""
        missing = [name for name in names if holder.get(name) in (None, "")]
        for name in missing:
            self.note(f"missing required field: {name}", pointer)
        return not missing

    def string(self, value: object, limit: int, pointer: str, least: int = 1) -> None:
        """A plain string between `least` and `limit` characters; None is left to `has`."""
        if value is None:
            return
        if not isinstance(value, str):
            self.note("must be a string", pointer)
        elif len(value) < least:
            self.note(f"must be more than {least - 1} characters", pointer)
        elif len(value) > limit:
            self.note(f"must be less than {limit + 1} characters", pointer)

    def items(self, value: object, limit: int, pointer: str, least: int = 1) -> list[Json]:
        """The objects of a list within its length; an empty list when it is not one."""
        if not isinstance(value, list):
            self.note("must be an array", pointer)
            return []
        if len(value) > limit:
            self.note(f"no more than {limit} items allowed", pointer)
        if len(value) < least:
            self.note(f"no less than {least} items allowed", pointer)
        for number, item in enumerate(value):
            if not isinstance(item, dict):
                self.note("must be an object", f"{pointer}/{number}")
        return [item if isinstance(item, dict) else {} for item in value]

    def text(self, value: object, limit: int, pointer: str, plain: bool = False) -> None:
        """A text object: its kind and its length. None is left to `has`."""
        if value is None:
            return
        if not isinstance(value, dict):
            self.note("must be an object", pointer)
            return
        kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
        if value.get("type") not in kinds:
            self.note("must be a valid enum value", f"{pointer}/type")
        if "text" not in value:
            self.note("missing required field: text", pointer)
        words = value.get("text")
        self.string(words, limit, f"{pointer}/text")
        self.text_length += len(words) if isinstance(words, str) else 0
