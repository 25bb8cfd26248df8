"""An action item while it is gathered, and whether the thing has been done already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.findings.reading import Reading
from bot.findings.records import FollowUp

_DONE = re.compile(
    r"\b(?:done|finished|completed|feit[oa]|pronto|conclu[ií]d[oa]|hech[oa]|list[oa]|terminad[oa]"
    r"|erledigt|fertig|[a-zA-ZÀ-ÿ]{3,}(?:ed|ei|ou|é|ado|ada))\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(?:not|n't|isn't|yet|will|'ll|should|to be|need\w*|n[aã]o|ainda|no|nicht|noch|if"
    r"|before(?! i forget))\b|\?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Item:
    """An item as it stands so far; `index` is its message, `early` that it was said before the wrap-up."""

    told: FollowUp
    index: int
    author: str
    number: int | None
    keywords: frozenset[str]
    early: bool = False


def fulfilled(item: Item, promise: Reading, later: Sequence[Reading]) -> bool:
    """Whether somebody says, after the promise, that this very thing has been done."""
    stems = {_root(word) for word in promise.keywords}
    for reading in later:
        if not reading.has(_DONE) or reading.said.by_bot or len(reading.prose.split()) > 16:
            continue
        if _NOT_YET.search(reading.prose):
            continue
        done = {_root(hit[0]) for hit in _DONE.finditer(reading.prose)}
        shared = {_root(word) for word in reading.keywords} & stems
        own = reading.said.author == item.author
        if done & stems and (own or len(shared) > 1):
            return True
        if (
            own
            and re.match(r"^\W*(?:done|feito|pronto|hecho|listo|erledigt)\b", reading.prose, re.IGNORECASE)
            and shared
        ):
            return True
    return False


def _root(word: str) -> str:
    """ "rotate", "rotated"; "troco", "troquei": the same."""
    return word.lower().replace("qu", "c")[:4]
