"""Text on its way to eyes: nothing in it moves a cursor, hides, or turns the reading order around."""

from __future__ import annotations

import json
import unicodedata

HIDDEN = "\N{REPLACEMENT CHARACTER}"
# Joiners are part of emoji and of several scripts; every other format character only misleads.
_JOINERS = frozenset("\u200c\u200d")
_BREAKS = frozenset("\u2028\u2029\x85\x0b\x0c\r")
_KEPT = frozenset("\n\t")


def printable(text: str) -> str:
    """The text with its line breaks and tabs; where a terminal would obey a sign, a mark tells of one."""
    return text if text.isprintable() else "".join(map(_shown, text))


def printable_line(text: str) -> str:
    """The same on one line: nobody's name begins a line, or a row, of its own."""
    made = printable(text)
    return made if "\n" not in made else " ".join(filter(None, map(str.strip, made.split("\n"))))


def printable_json(written: str) -> str:
    """JSON that means the same and may be seen in a terminal: what is not printable is escaped."""
    if written.replace("\n", "").isprintable():
        return written
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in written)


def _shown(sign: str) -> str:
    if sign in _KEPT or sign.isprintable():
        return sign
    if sign in _BREAKS:
        return "\n"
    kind = unicodedata.category(sign)
    misleads = kind in ("Cc", "Cs") or (kind == "Cf" and sign not in _JOINERS)
    return HIDDEN if misleads else sign
