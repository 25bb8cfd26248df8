"""Between Slack's words and command lines: what a button says, and what a person typed."""

from __future__ import annotations

import html
import re

_KEY = re.compile(r"[a-z][a-z_]*")
_MENTION = re.compile(r"<([@#!])([^<>|]*)(?:\|([^<>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto):[^<>|]*)(?:\|[^<>]*)?>")


def option(key: str, value: str) -> str:
    """`key=value`, quoted where it must be. Raises ValueError for what a line cannot carry unchanged."""
    if not _KEY.fullmatch(key) or '"' in value or not value.isprintable():
        raise ValueError(f"{key}={value!r} cannot be written in a command line")
    return f'{key}="{value}"' if not value or any(c.isspace() for c in value) else f"{key}={value}"


def word(text: str) -> str:
    """One plain word. Raises ValueError for what would be read as several, or as an option."""
    if not text or "=" in text or '"' in text or not text.isprintable() or any(c.isspace() for c in text):
        raise ValueError(f"{text!r} is not one word")
    return text


def typed(text: str) -> str:
    """Slack's form of what a person typed as they saw it: mentions as `@name`, links bare, entities read."""
    named = _MENTION.sub(_spoken, text)
    return html.unescape(_LINK.sub(r"\1", named)).strip()


def _spoken(found: re.Match[str]) -> str:
    sign, target, label = found.groups()
    return ("#" if sign == "#" else "@") + (label or target)
