"""Words that it goes on or comes back: "still errors here", "dead again", "no change"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.findings import words
from bot.findings.reading import Reading
from bot.findings.signs import WORKS

_NEAR = 24
_CRY = 3
_CODE = re.compile(r"\b(?:[A-Z]{4,}|[A-Z]+-\d{2,}|[45]\d\ds?)\b")
_NEVER_AGAIN = re.compile(r"(?:(?<!\w)(?:not|never|no|nunca|n[aã]o|nie|nicht)(?!\w)|n['’]t).*$")


def comes_back(reading: Reading) -> bool:
    """Whether it plainly says that it is there: "still errors here", "dead again", "it's back"."""
    if not reading.has(words.NOT_OVER):
        return False
    if not (reading.has(words.RELAPSE) or reading.has(words.ONCE_MORE) or reading.has(words.GOING_ON)):
        return False
    return any(_comes_back(one) for one in _plain(reading))


def no_better(reading: Reading) -> bool:
    """Whether what was tried is plainly said to have mended nothing: "no change", "like before"."""
    if not reading.has(words.NOT_OVER) or not reading.has(words.NO_BETTER):
        return False
    return any(words.NO_BETTER.search_lowered(one.lower()) for one in _plain(reading))


def _plain(reading: Reading) -> Iterator[str]:
    """The sentences that neither ask nor guess nor tell of an end."""
    for sentence in reading.sentences:
        low = sentence.lower()
        asked = sentence.endswith("?") or words.HEDGE.search_lowered(low)
        if not asked and not words.STRONG_OVER.search_lowered(low) and not WORKS.search(low):
            yield sentence


def _comes_back(sentence: str) -> bool:
    low = sentence.lower()
    if words.RELAPSE.search_lowered(low):
        return True
    again = words.ONCE_MORE.search_lowered(low)
    if again is not None and not _NEVER_AGAIN.search(low[: again.start()]):
        # "and again", "schon wieder": a cry by itself, unlike "alles wieder gut".
        cry = len(low.split()) <= _CRY and not low[again.end() :].strip(" !.…")
        before = low[max(0, again.start() - _NEAR) : again.start()]
        return cry or words.SYMPTOM.search_lowered(before) is not None
    on = words.GOING_ON.search_lowered(low)
    if on is None:
        return False
    near = sentence[on.end() : on.end() + _NEAR]
    if words.OVER.search(near):
        return False
    return words.SYMPTOM.search(near) is not None or _CODE.search(near) is not None
