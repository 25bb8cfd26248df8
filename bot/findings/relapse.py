"""Words that it goes on or comes back: "still errors here", "dead again", "no change"."""

from __future__ import annotations

import re

from bot.findings import words
from bot.findings.reading import Reading
from bot.findings.signs import WORKS

_CODE = re.compile(r"\b(?:[A-Z]{4,}|[A-Z]+-\d{2,}|[45]\d\ds?)\b")
_NEVER_AGAIN = re.compile(r"(?:(?<!\w)(?:not|never|no|nunca|n[aã]o|nie|nicht)(?!\w)|n['’]t).*$")


def goes_on(reading: Reading) -> bool:
    """Whether it plainly says that it is no better: "still errors here", "dead again", "no change"."""
    if not (reading.has(words.RELAPSE) or reading.has(words.ONCE_MORE) or reading.has(words.GOING_ON)):
        return False
    return any(_goes_on(one) for one in reading.sentences)


def _goes_on(sentence: str) -> bool:
    if sentence.rstrip().endswith("?") or words.HEDGE.search(sentence):
        return False
    low = sentence.lower()
    if words.STRONG_OVER.search_lowered(low) or WORKS.search(low):
        return False
    if words.RELAPSE.search_lowered(low):
        return True
    again = words.ONCE_MORE.search_lowered(low)
    if again is not None and not _NEVER_AGAIN.search(low[: again.start()]):
        few = len(low.split()) <= 3
        return (
            few or words.SYMPTOM.search_lowered(low[max(0, again.start() - 24) : again.start()]) is not None
        )
    on = words.GOING_ON.search_lowered(low)
    if on is None:
        return False
    near = sentence[on.end() : on.end() + 24]
    return words.SYMPTOM.search(near) is not None or _CODE.search(near) is not None
