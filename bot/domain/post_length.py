"""How long a post is as X counts it: some letters weigh two, and every link weighs the same."""

from __future__ import annotations

import re
import unicodedata

POST_LETTERS = 280
LINK_LETTERS = 23
# Letters that weigh one (Latin, Greek, Cyrillic, Hebrew, Arabic …, and usual punctuation); all others two.
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_NAME = r"(?:[\w-]+\.)+[a-z]{2,24}"
_REST = r"(?::\d+)?(?:[/?#](?:[!-~]*[\w/#=&%~+-])?)?"  # a full stop at its end is the sentence's
_FLAGS = re.IGNORECASE | re.ASCII
_LINK = re.compile(rf"https?://{_NAME}{_REST}", _FLAGS)
_BARE = re.compile(rf"(?<![\w@.-]){_NAME}{_REST}", _FLAGS)


def weighted_letters(text: str) -> int:
    """How many of the 280 letters it takes; an emoji that is made of parts counts as its parts.

    Source: X's counting rules, version 3. A name of a host counts as a link where that is longer.
    """
    between = _LINK.split(unicodedata.normalize("NFC", text))
    return LINK_LETTERS * (len(between) - 1) + sum(map(_with_bare_names, between))


def _with_bare_names(text: str) -> int:
    names = sum(max(LINK_LETTERS, _weight(one[0])) for one in _BARE.finditer(text))
    return names + _weight(_BARE.sub("", text))


def _weight(text: str) -> int:
    return sum(1 if any(first <= ord(one) <= last for first, last in _LIGHT) else 2 for one in text)
