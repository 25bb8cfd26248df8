"""What else was plainly said of the cause: the few messages that tell it together with the statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_BREATH = timedelta(minutes=3)
_DAY = timedelta(hours=24)
_LOOKED_AT = 60
_TOLD = 4.0
_ALIKE = 2
_ENOUGH = 3.5
_SHORT = 25
_VERSION = re.compile(r"(?<![\w.])v?\d+(?:\.\d+){1,3}(?![\w.]*[\d%])|\b[A-Z]{2,5}-\d{3,}\b")
_ERROR = re.compile(
    r"\b(?:err|error|fatal|denied|refused|max(?:imum)?|limit|exceeded|expired|panic|time-?out"
    r"|too many|invalid)\b",
    re.IGNORECASE,
)
_DEED = re.compile(r"\W*(?:ok(?:ay)?\W+|then\W+|now\W+)*\w{3,}ing\b", re.IGNORECASE)
_REFUTES = re.compile(r"\W*(?:no|not|nope|nah|n[aã]o|nein|nicht|kein\w*)\b", re.IGNORECASE)


def supports(dossier: Dossier, index: int, weights: Sequence[float]) -> tuple[Claim, ...]:
    """At most three, in order of time: admissions, confirmations and what broke, near the statement.

    `weights` says how surely each message states a cause itself: one that told the same before
    counts wherever it stands.
    """
    weighed: list[tuple[float, int]] = []
    first = max(0, index - _LOOKED_AT)
    for position in range(first, min(len(dossier.readings), index + _LOOKED_AT)):
        if position != index:
            value = _weight(dossier, position, index, weights[position] >= _TOLD)
            if value >= _ENOUGH and not taken_back(dossier.readings, position):
                weighed.append((value, position))
    best = sorted(weighed, key=lambda one: (-one[0], abs(one[1] - index)))[:_SUPPORTS]
    return tuple(
        dossier.quote(dossier.readings[position].said, "Supported by ")
        for _, position in sorted(best, key=lambda one: one[1])
    )


def _weight(dossier: Dossier, position: int, index: int, told: bool) -> float:
    other, cause = dossier.readings[position], dossier.readings[index]
    off = other.said.at - cause.said.at
    shared = len(other.keywords & cause.keywords)
    again = told and shared >= _ALIKE and position < index
    change = _same_change(dossier, other, cause)
    if not (again or change or -_BACK <= off <= _AHEAD) or not _plain(dossier, other, change):
        return 0.0
    if position > index and (_mends(other) or not (_owns(other) or other.has(words.MECHANISM))):
        return 0.0
    shared += len(identifiers(other.prose) & identifiers(cause.prose))
    score = min(3.0, float(shared)) + (2.0 if again else 0.0) + (2.5 if change else 0.0)
    score += 2.5 if _owns(other) else 0.0
    score += 1.5 if other.has(words.MECHANISM) else 0.0
    score += 1.0 if other.has(words.FOUND) or other.has(words.WAS_IT) else 0.0
    score += 1.0 if other.said.author == cause.said.author else 0.0
    score += 1.0 if other.said.marks.keys() & {Meaning.NOTABLE, Meaning.CAUSE} else 0.0
    score += 1.0 if abs(off) <= _NEAR else 0.0
    score += _shown(other)
    score += 0.5 if dossier.question_before(other) is not None else 0.0
    score += 1.5 if _goes_on(dossier, position) else 0.0
    score -= 1.0 if other.has(words.SCOPE) and not other.has(words.MECHANISM) and not _shown(other) else 0.0
    return score - (
        1.5 if len(other.prose) < _SHORT and not other.has(words.ADMISSION) and not _shown(other) else 0.0
    )


def _mends(other: Reading) -> bool:
    """Whether it tells what was done about it, or that it is over."""
    return any(other.has(one) for one in (words.DOING, words.OVER, words.STRONG_OVER)) or bool(
        _DEED.match(other.prose)
    )


def _owns(other: Reading) -> bool:
    """Whether somebody admits it, or agrees and says more."""
    return other.has(words.ADMISSION) or (opens_by_agreeing(other) and len(other.prose) > _SHORT)


def _shown(other: Reading) -> float:
    """A pasted error or a measurement beside what it should be shows what was wrong."""
    code = other.said.text != other.prose and "`" in other.said.text
    if not code:
        return 0.0
    return 1.0 + (1.5 if _ERROR.search(other.said.text) or other.has(words.USUAL) else 0.0)


def _goes_on(dossier: Dossier, position: int) -> bool:
    """Whether the same person goes on after an admission."""
    other = dossier.readings[position]
    for before in reversed(dossier.readings[max(0, position - 3) : position]):
        if before.said.author == other.said.author:
            return other.said.at - before.said.at <= _BREATH and before.has(words.ADMISSION)
    return False


def _same_change(dossier: Dossier, other: Reading, cause: Reading) -> bool:
    """Whether it told, before anybody noticed anything, of the release that the cause names."""
    if dossier.first_sign is None or not dossier.first_sign - _DAY <= other.said.at < dossier.first_sign:
        return False
    return bool(set(_VERSION.findall(other.prose)) & set(_VERSION.findall(cause.prose)))


def _plain(dossier: Dossier, other: Reading, change: bool) -> bool:
    """Whether it tells something: no question, guess, plan, deed, refutation or word of others."""
    if not other.usable or other.asking or other.hedged or dossier.of_another(other):
        return False
    if other.said.marks.keys() & {Meaning.ACTION, Meaning.FIXED, Meaning.IMPACT}:
        return False
    if dossier.first_sign is not None and other.said.at < dossier.first_sign and not change:
        return False
    if _REFUTES.match(other.prose) or dossier.rules_out(other) or other.has(words.UNKNOWN_CAUSE):
        return False
    if other.has(words.BLAME) or words.DEED.match(other.prose) or words.EXPLICIT_ACTION.match(other.prose):
        return False
    if other.has(words.HEARSAY) or other.has(words.WELL):
        return False
    promise = other.find(words.PROMISE)
    return promise is None or promise.start() > _SHORT
