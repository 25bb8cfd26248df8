"""What else was plainly said of the cause: the few messages that tell it together with the statement."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim, Meaning
from bot.findings.reversals import taken_back
from bot.findings.statements import identifiers, opens_by_agreeing

_BACK = timedelta(minutes=30)
_AHEAD = timedelta(minutes=10)
_NEAR = timedelta(minutes=6)
_SUPPORTS = 3
_LOOKED_AT = 60
_ENOUGH = 3.5
_SHORT = 25
_REFUTES = re.compile(r"\W*(?:no|not|nope|nah|n[aã]o|nein|nicht|kein\w*)\b", re.IGNORECASE)


def supports(dossier: Dossier, index: int) -> tuple[Claim, ...]:
    """At most three, in order of time: admissions, confirmations and what broke, near the statement."""
    cause = dossier.readings[index]
    weighed: list[tuple[float, int]] = []
    for position in range(max(0, index - _LOOKED_AT), min(len(dossier.readings), index + _LOOKED_AT)):
        other = dossier.readings[position]
        off = other.said.at - cause.said.at
        if position != index and -_BACK <= off <= _AHEAD:
            value = _weight(dossier, other, cause)
            if value >= _ENOUGH and not taken_back(dossier.readings, position):
                weighed.append((value, position))
    best = sorted(weighed, key=lambda one: (-one[0], abs(one[1] - index)))[:_SUPPORTS]
    return tuple(
        dossier.quote(dossier.readings[position].said, "Supported by ")
        for _, position in sorted(best, key=lambda one: one[1])
    )


def _weight(dossier: Dossier, other: Reading, cause: Reading) -> float:
    if not _plain(dossier, other):
        return 0.0
    shared = len(other.keywords & cause.keywords) + len(identifiers(other.prose) & identifiers(cause.prose))
    score = min(3.0, float(shared))
    score += 2.0 if other.has(words.ADMISSION) else 0.0
    score += 2.0 if opens_by_agreeing(other) and len(other.prose) > _SHORT else 0.0
    score += 1.5 if other.has(words.MECHANISM) else 0.0
    score += 1.0 if other.has(words.FOUND) or other.has(words.WAS_IT) else 0.0
    score += 1.0 if other.said.author == cause.said.author else 0.0
    score += 1.0 if Meaning.NOTABLE in other.said.marks or Meaning.CAUSE in other.said.marks else 0.0
    score += 1.0 if abs(other.said.at - cause.said.at) <= _NEAR else 0.0
    score -= 1.0 if other.has(words.SCOPE) and not other.has(words.MECHANISM) else 0.0
    return score - (1.5 if len(other.prose) < _SHORT and not other.has(words.ADMISSION) else 0.0)


def _plain(dossier: Dossier, other: Reading) -> bool:
    """Whether it tells something: no question, guess, plan, deed, refutation or word of others."""
    if not other.usable or other.asking or other.hedged or dossier.elsewhere(other):
        return False
    if other.said.marks.keys() & {Meaning.ACTION, Meaning.FIXED, Meaning.IMPACT}:
        return False
    if dossier.first_sign is not None and other.said.at < dossier.first_sign:
        return False
    if _REFUTES.match(other.prose) or dossier.rules_out(other) or other.has(words.UNKNOWN_CAUSE):
        return False
    if other.has(words.BLAME) or words.DEED.match(other.prose) or words.EXPLICIT_ACTION.match(other.prose):
        return False
    if other.has(words.HEARSAY) or other.has(words.WELL):
        return False
    promise = other.find(words.PROMISE)
    return promise is None or promise.start() > _SHORT
