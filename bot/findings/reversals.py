"""Whether what somebody claimed was later taken back or denied."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.findings import words
from bot.findings.reading import Reading
from bot.findings.records import Meaning

_AHEAD = 400
_SHORT = 140
_RIGHT_AFTER = 3
_SUBJECT_WORDS = 4
_NO = re.compile(r"(?:wait,? )?(?:no|nope|nah|n[aã]o|nein|not (?:that|it|really))\b", re.IGNORECASE)
# "not bots", "it wasn't the cache", "bots had no part in it", "the cache is innocent": X is what is denied.
_NOT_X = re.compile(
    r"(?:^|[.!?;:]\s+|,\s+)(?:(?:no|nope|n[aã]o|nein|so|then|and|but|also|und|e|y|mas|pero|aber)\b[,.]?\s+)*"
    r"(?:(?:it|that|this|they)(?:'?s|'?re| is| was| are| were)?\s+"
    r"|es (?:ist|war|sind|waren)\s+|das (?:ist|war)\s+|war(?:en)?\s+)?"
    r"(?:not|wasn'?t|isn'?t|weren'?t|aren'?t|n[aã]o (?:[eé]|era|foi|foram|s[aã]o)"
    r"|no (?:es|era|fue|fueron|son)|nicht|kein\w*)\s+"
    r"(?P<what>[^.!?;:,\n]{2,60})",
    re.IGNORECASE,
)
_CLEARED_X = re.compile(
    r"(?P<what>(?:[\w-]+\s+){1,3})(?:(?:is|are|was|were)\s+"
    r"(?:innocent|clean|cleared|fine|healthy|ruled out|not (?:it|the cause|to blame))"
    r"|(?:had|has|have)\s+(?:no|nothing)\s+(?:part|to do)"
    r"|(?:wasn'?t|isn'?t|aren'?t|weren'?t)\s+(?:it|the cause)|not to blame"
    r"|(?:n[aã]o (?:teve|tem|tinha)|nada) a ver|no (?:tuvo|tiene|ten[ií]a) (?:nada )?que ver"
    r"|hat(?:te)? (?:damit )?nichts (?:damit )?zu tun"
    r"|(?:ist|war|sind|waren)(?: es)? (?:nicht|unschuldig|sauber))\b",
    re.IGNORECASE,
)


def taken_back(readings: Sequence[Reading], index: int) -> bool:
    """Whether somebody later said that this was not it."""
    claim = readings[index]
    # A short claim is denied by name; of a long one only a part would be.
    deniable = not _marked(claim) and len(claim.prose) <= _SHORT
    for distance, later in enumerate(readings[index + 1 : index + _AHEAD], 1):
        hit = later.find(words.REVERSAL)
        if hit is None and distance > _RIGHT_AFTER and not (deniable and later.denying):
            continue
        if later.said.by_bot or Meaning.ACTION in later.said.marks or words.NUMBERED.match(later.prose):
            continue
        shared = later.keywords & claim.keywords
        own = later.said.author == claim.said.author
        if hit and not later.asking:
            near = later.prose[max(0, hit.start() - 60) : hit.end() + 80]
            if (shared and _overlap(near, claim)) or (own and distance <= 4 and not later.numbers):
                return True
        if shared and deniable and _denied(later, claim):
            return True
        if distance <= _RIGHT_AFTER and not _marked(claim) and _blunt_no(later) and (shared or distance == 1):
            return True
    return False


def _denied(later: Reading, claim: Reading) -> bool:
    """Whether the claim is denied by name ("not bots")."""
    if not later.denying or not later.usable:
        return False
    for form in (_NOT_X, _CLEARED_X):
        if not later.has(form):
            continue
        for hit in form.finditer(later.prose):
            if hit.string[hit.end() : hit.end() + 1] != "?" and _overlap(
                " ".join(hit["what"].split()[:_SUBJECT_WORDS]), claim
            ):
                return True
    return False


def _marked(reading: Reading) -> bool:
    return Meaning.CAUSE in reading.said.marks


def _overlap(text: str, claim: Reading) -> bool:
    nearby = {word.strip(".,;:!?\"'()").lower() for word in text.split()}
    return any(
        word.startswith(tuple(key for key in claim.keywords if len(key) >= 2))
        for word in nearby
        if len(word) > 2
    )


def _blunt_no(reading: Reading) -> bool:
    return _NO.match(reading.prose) is not None and not reading.asking
