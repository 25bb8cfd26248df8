"""The root cause: only what people marked or plainly said, and nobody took back."""

from __future__ import annotations

from collections.abc import Sequence

from bot.findings import words
from bot.findings.dossier import Dossier, shorten
from bot.findings.reading import Reading
from bot.findings.records import Claim
from bot.findings.reversals import taken_back
from bot.findings.statements import ENOUGH, marked, mended_by, weight
from bot.findings.supports import supports

_FIRST_TELLING = 4.0
_ALIKE = 2
_NAMED = 3.0
_AGAIN = 1


def find_cause(dossier: Dossier) -> tuple[tuple[Claim, ...], Claim | None]:
    """What the root cause is said to be (the statement, then what supports it), and the moment it was.

    Empty where nobody said, or where the people closed it with an unknown cause: then the one claim
    tells that, and there is no moment.
    """
    readings = dossier.readings
    mended = mended_by(dossier)
    weights = [weight(dossier, index, mended) for index in range(len(readings))]
    good = [
        (score, index)
        for index, score in enumerate(weights)
        if score >= ENOUGH and not taken_back(readings, index)
    ]
    best = max(good, key=lambda one: (one[0], -one[1]), default=None)
    unknown = _unknown(readings)
    if unknown is not None and (best is None or (unknown[0] > best[1] and not marked(readings[best[1]]))):
        reading, sentence = readings[unknown[0]], unknown[1]
        text = f'Not known: nobody showed a cause. {reading.said.who}: "{shorten(sentence)}"'
        return (Claim(text, (reading.said.ref,), reading.said.at),), None
    if best is None:
        return (), None
    statement = dossier.quote(readings[best[1]].said)
    more = [
        dossier.quote(readings[index].said)
        for _, index in good
        if index != best[1] and marked(readings[index])
    ]
    again = [one for one in _found_again(dossier, weights) if one.evidence != statement.evidence]
    claims = (statement, *again, *more[:2], *supports(dossier, best[1], weights))
    told = {claim.evidence: claim for claim in claims}
    return tuple(told.values()), _first_told(dossier, weights, best[1]) or statement


def _found_again(dossier: Dossier, weights: Sequence[float]) -> list[Claim]:
    """What was plainly named as the cause after it came back: what was found before was not all of it."""
    back = dossier.own_moments("incident-reopened")
    if not back:
        return []
    return [
        dossier.quote(reading.said)
        for index, reading in enumerate(dossier.readings)
        if reading.said.at > back[-1].when
        and weights[index] >= _NAMED
        and reading.plainly(words.ROOT)
        and not taken_back(dossier.readings, index)
    ][:_AGAIN]


def _first_told(dossier: Dossier, weights: Sequence[float], index: int) -> Claim | None:
    """Who said the same before: a late summary names the cause, but it was found when first told."""
    statement = dossier.readings[index]
    if marked(statement):
        return None
    for earlier in range(index):
        reading = dossier.readings[earlier]
        if weights[earlier] < _FIRST_TELLING or len(reading.keywords & statement.keywords) < _ALIKE:
            continue
        if not reading.hedged and not reading.asking and not taken_back(dossier.readings, earlier):
            return dossier.quote(reading.said)
    return None


def _unknown(readings: Sequence[Reading]) -> tuple[int, str] | None:
    """The last plain statement that the cause is not known."""
    for index in range(len(readings) - 1, -1, -1):
        reading = readings[index]
        if reading.usable and reading.has(words.UNKNOWN_CAUSE):
            for sentence in reading.sentences:
                if words.UNKNOWN_CAUSE.search(sentence) and not sentence.endswith("?"):
                    return index, sentence
    return None
