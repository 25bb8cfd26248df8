"""Text on its way into Slack: nothing pings, nothing hides, nothing is too long, whatever alerts say."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

SHORTENED = "…"
HIDDEN = "\N{REPLACEMENT CHARACTER}"
# Joiners are part of emoji and of several scripts; every other format character only misleads.
_JOINERS = frozenset("\u200c\u200d")
_SEPARATORS = frozenset("\u2028\u2029\x85\x0b\x0c")
_PING = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_CHANNEL = re.compile(r"&lt;(#[CG][A-Z0-9]{5,20})&gt;")
_WORD_JOINER = "\u2060"
_READ_LIMIT = 200_000


def units(text: str) -> int:
    """Length as Slack counts it: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """Printable text: control characters dropped, characters that hide or reorder others shown as one."""
    return "".join(map(_shown, text[:_READ_LIMIT]))


def _shown(character: str) -> str:
    if " " <= character <= "~" or character == "\n":
        return character
    if character in _SEPARATORS:
        return "\n"
    if character == "\t":
        return " "
    kind = unicodedata.category(character)
    if kind == "Cc":
        return ""
    if kind == "Cs" or (kind == "Cf" and character not in _JOINERS):
        return HIDDEN
    return character


def clip(text: str, limit: int) -> str:
    """At most `limit` units, ending in "…" where something was cut."""
    if units(text) <= limit:
        return text
    return _cut(text, limit - 1) + SHORTENED if limit > 0 else ""


def _cut(text: str, limit: int) -> str:
    kept: list[str] = []
    used = 0
    for character in text:
        used += 2 if character > "\uffff" else 1
        if used > limit:
            break
        kept.append(character)
    return "".join(kept)


def escape(text: str, limit: int = 3000) -> str:
    """Text for mrkdwn: cleaned, `& < >` escaped, `@channel` and its kind defused, at most `limit` units.

    Never cuts inside an entity.
    """
    safe = _PING.sub("@" + _WORD_JOINER, clean(text[: limit * 4 + 16]))
    room = limit
    kept: list[str] = []
    for character in safe:
        written = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(character, character)
        room -= units(written)
        if room < 0:
            return _until_fits(kept, limit)
        kept.append(written)
    return "".join(kept)


def _until_fits(kept: list[str], limit: int) -> str:
    while kept and sum(map(units, kept)) > limit - 1:
        kept.pop()
    return "".join(kept) + SHORTENED


def one_line(text: str, limit: int = 300) -> str:
    """`escape` of text whose line breaks and runs of spaces became single spaces."""
    return escape(" ".join(clean(text[: limit * 4 + 16]).split()), limit)


def channels_linked(escaped: str) -> str:
    """Escaped text in which the ids of channels are links again: they call nobody, whoever wrote them."""
    return _CHANNEL.sub(r"<\1>", escaped)


def plain(text: str, limit: int) -> str:
    """One cleaned line for `plain_text`, which Slack never reads as markup."""
    return clip(" ".join(clean(text[: limit * 4 + 16]).split()), limit) or "–"


def code(text: str, limit: int = 300) -> str:
    """A code span; backticks inside become quotes so that it cannot be left."""
    return f"`{one_line(text.replace('`', chr(39)), limit - 2) or ' '}`"


def moment(iso: str, form: str = "{date_short_pretty} {time}") -> str:
    """`<!date^…>`: each reader sees their own clock. What is not a time is shown as it is."""
    try:
        at = datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError):
        return one_line(iso, 40)
    return f"<!date^{int(at.timestamp())}^{form}|{at:%Y-%m-%d %H:%M} UTC>"


def lasted(since: str, until: str) -> str:
    """The time between two moments as people say it; empty where one of them is not a time."""
    try:
        return duration((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return ""


def duration(length_s: float) -> str:
    """`45 s`, `14 min`, `2 h 5 min`, `3 d 4 h`."""
    whole = max(0, round(length_s))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 36:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 alert`, `3 alerts`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
