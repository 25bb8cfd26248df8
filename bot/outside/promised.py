"""Whether the words of a text promise the next update at the time that drbot keeps. Pure."""

from __future__ import annotations

import re

from bot.domain.publication import Kind, Publication
from bot.outside.drafting import length

_SENTENCE = re.compile(r"[^.!?\n]*\b(?:updates?|again)\b[^.!?\n]*", re.IGNORECASE)
_WITHIN = re.compile(
    r"\b(?:with)?in (?:the next |about |at most )?"
    r"(half an hour|(?:\d{1,3}|an?|one) (?:min(?:ute)?s?|hours?|h)\b(?: (?:and )?\d{1,2} min(?:ute)?s?)?)",
    re.IGNORECASE,
)
_PART = re.compile(r"(\d+|an?|one) (min|h)", re.IGNORECASE)


def promised_otherwise(one: Publication) -> tuple[str, ...]:
    """A sentence where its own words name another time than the one that people are reminded of."""
    if one.kind is not Kind.STATUS or one.stage.ends:
        return ()
    for sentence in _SENTENCE.findall(one.text):
        if (found := _WITHIN.search(sentence)) and _seconds(found[1]) != one.next_update_s:
            kept = f"after {length(one.next_update_s)}" if one.next_update_s else "not promised"
            return (
                f"Its words promise an update within {found[1]}, and the next update is {kept}: change one.",
            )
    return ()


def _seconds(said: str) -> int:
    if said.lower().startswith("half"):
        return 1800
    return sum(
        (int(count) if count.isdigit() else 1) * (60 if unit.lower() == "min" else 3600)
        for count, unit in _PART.findall(said)
    )
