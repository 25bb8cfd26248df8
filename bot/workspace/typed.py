"""What a person typed into the composer, as Slack stores it: escaped text and a rich_text block."""

import re

from bot.workspace.state import State
from bot.workspace.wire import Json

MAX_TYPED = 12_000
FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
TOKEN = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|(?P<url>https?://[^\s<>|]+[^\s<>|.,;:!?)\]}'\"])"
    r"|(?<![\w@])@(?P<person>[a-z0-9][a-z0-9._-]*)"
    r"|(?<![\w#])#(?P<channel>[a-z0-9][a-z0-9_-]*)"
    r"|:(?P<emoji>[a-z0-9_+-]+):"
    r"|(?<!\w)(?P<mark>[*_~])(?P<marked>\S(?:[^\n]*?\S)?)(?P=mark)(?!\w)"
)
MARKS = {"*": "bold", "_": "italic", "~": "strike"}
BROADCASTS = ("channel", "here", "everyone")


def escape(text: str) -> str:
    """The three characters Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read_typed(state: State, typed: str) -> tuple[str, list[Json]]:
    """The stored text (`<@U…>` for `@ana`, `<#C…|name>` for `#name`) and the rich_text block."""
    typed = typed[:MAX_TYPED]
    text: list[str] = []
    elements: list[Json] = []
    position = 0
    for fence in FENCE.finditer(typed):
        _read_lines(state, typed[position : fence.start()], text, elements)
        code = fence.group(1)
        text.append(f"```{escape(code)}```")
        elements.append(
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": code}], "border": 0}
        )
        position = fence.end()
    _read_lines(state, typed[position:], text, elements)
    return "".join(text), [{"type": "rich_text", "block_id": "typed", "elements": elements}]


def _read_lines(state: State, typed: str, text: list[str], elements: list[Json]) -> None:
    if not typed.strip():
        return
    words: list[Json] = []
    position = 0
    for token in TOKEN.finditer(typed):
        read = _read_token(state, token)
        if read is None:
            continue
        _plain(typed[position : token.start()], text, words)
        stored, element = read
        text.append(stored)
        words.append(element)
        position = token.end()
    _plain(typed[position:], text, words)
    elements.append({"type": "rich_text_section", "elements": words})


def _plain(words: str, text: list[str], elements: list[Json]) -> None:
    if words:
        text.append(escape(words))
        elements.append({"type": "text", "text": words})


def _read_token(state: State, token: re.Match[str]) -> tuple[str, Json] | None:
    """A token's stored text and element; None leaves it as plain text."""
    whole = token.group()
    if token["code"]:
        return escape(whole), {"type": "text", "text": whole[1:-1], "style": {"code": True}}
    if token["url"]:
        return f"<{escape(whole)}>", {"type": "link", "url": whole}
    if token["emoji"]:
        return whole, {"type": "emoji", "name": token["emoji"]}
    if token["mark"]:
        style = {MARKS[token["mark"]]: True}
        return escape(whole), {"type": "text", "text": token["marked"], "style": style}
    return _read_mention(state, token)


def _read_mention(state: State, token: re.Match[str]) -> tuple[str, Json] | None:
    if token["channel"]:
        for channel in state.channels.values():
            if channel.name == token["channel"]:
                return f"<#{channel.id}|{channel.name}>", {"type": "channel", "channel_id": channel.id}
        return None
    name = token["person"]
    if name in BROADCASTS:
        return f"<!{name}>", {"type": "broadcast", "range": name}
    known = {person.name: person.id for person in state.people.values()} | {state.app.name: state.app.user_id}
    if name in known:
        return f"<@{known[name]}>", {"type": "user", "user_id": known[name]}
    return None
