"""What a person sees, as values a test can ask: a message and a view, with their words and buttons."""

from dataclasses import dataclass, field

from bot.workspace.inputs import elements_of
from bot.workspace.wire import Json

WORDY = ("text", "title", "subtitle", "body", "label", "hint", "fields", "elements", "element", "accessory",
         "rows", "blocks", "options", "attachments", "placeholder", "caption", "fallback",
         "pretext", "value")  # fmt: skip


def words_of(part: object) -> str:
    """All the words in a block, an element or a text object, in reading order, separated by line breaks."""
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "\n".join(filter(None, (words_of(one) for one in part)))
    if isinstance(part, dict):
        wordy = (
            words_of(part[name])
            for name in WORDY
            if name in part and not (name == "value" and "text" in part)
        )
        return "\n".join(filter(None, wordy))
    return ""


@dataclass(frozen=True)
class SeenMessage:
    """A message on someone's page. `private` means only they see it; `body` is Slack's own shape."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json]
    thread_ts: str
    reply_count: int
    private: bool
    edited: bool
    pinned: bool
    reactions: dict[str, int]
    body: Json = field(repr=False)

    @classmethod
    def read(cls, body: Json) -> "SeenMessage":
        """From what the page is sent."""
        inside = [block for one in body.get("attachments", []) for block in one.get("blocks") or []]
        return cls(
            ts=body["ts"],
            channel=body["channel"],
            user=body["user"],
            text=body["text"],
            blocks=body.get("blocks", []) + inside,
            thread_ts=body.get("thread_ts", ""),
            reply_count=body.get("reply_count", 0),
            private=bool(body.get("private_to")),
            edited="edited" in body,
            pinned="pinned_to" in body,
            reactions={one["name"]: one["count"] for one in body.get("reactions", [])},
            body=body,
        )

    @property
    def words(self) -> str:
        """All that can be read in it: its blocks and attachments, or its text where it has neither."""
        drawn = words_of(self.body.get("blocks", [])) + "\n" + words_of(self.body.get("attachments", []))
        return drawn.strip() or self.text

    @property
    def buttons(self) -> list[str]:
        """The texts on its buttons."""
        return [words_of(e.get("text")) for _, e in elements_of(self.blocks) if e.get("type") == "button"]


@dataclass(frozen=True)
class SeenView:
    """A modal or App Home on someone's page."""

    id: str
    title: str
    callback_id: str
    private_metadata: str
    blocks: list[Json]
    body: Json = field(repr=False)

    @classmethod
    def read(cls, body: Json) -> "SeenView":
        """From what the page is sent."""
        blocks, title = body.get("blocks", []), words_of(body.get("title"))
        return cls(body["id"], title, body["callback_id"], body["private_metadata"], blocks, body)

    @property
    def words(self) -> str:
        """All that can be read in it."""
        return words_of(self.blocks)

    @property
    def buttons(self) -> list[str]:
        """The texts on its buttons."""
        return [words_of(e.get("text")) for _, e in elements_of(self.blocks) if e.get("type") == "button"]
