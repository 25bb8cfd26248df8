"""Words of an alert as the plan's phrases meet them: `JVMHeapNearMax` says "jvm heap near max"."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TEXT_LIMIT = 4_000
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def normal(text: str) -> str:
    """Lower-case words between single spaces, accents and CamelCase resolved; the first 4,000 characters."""
    plain = unicodedata.normalize("NFKD", _HUMP.sub(" ", text[:TEXT_LIMIT]))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return f" {_NOT_WORD.sub(' ', letters.lower()).strip()} "


def phrase_in(normal_text: str, phrase: str) -> bool:
    """Whether the phrase's words stand in a row in the text; a final `*` lets the last word go on."""
    wanted, open_end = _phrase(phrase)
    return bool(wanted) and f" {wanted}{'' if open_end else ' '}" in normal_text


@lru_cache(maxsize=2_048)
def _phrase(phrase: str) -> tuple[str, bool]:
    return normal(phrase).strip(), phrase.rstrip().endswith("*")
