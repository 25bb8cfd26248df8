"""The root cause: only what people marked or plainly said, and nobody took back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.findings import words
from bot.findings.dossier import Dossier, shorten
from bot.findings.reading import Reading
from bot.findings.records import Claim, Meaning, Suspicion

_ENOUGH = 6.0
_SUPPORT_BACK = timedelta(minutes=10)
_SUPPORTS = 3
_SUSPICIONS = 10
_ANSWERS_AHEAD = 6
_TO_PEOPLE = re.compile(
    r"\b(?:i|we|you|your|anyone|anybody|who|how|did|does?|can|should|shall|what|when|where|why"
    r"|which|quem|como|quando|onde|algu[eé]m|qui[eé]n|c[oó]mo"
    r"|cu[aá]ndo|alguien|wer|wie|wann|wo|jemand|wir|ihr)\b",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\b(?:not only|not shown|can't (?:tell|say)|cannot (?:tell|say)|possible|slow down)\b", re.IGNORECASE
)
# "found it: …" and what broke: told as the finding itself.
_ANNOUNCED = re.compile(
    r"\W*(?:ok(?:ay)?\W+)?(?:found (?:it|the (?:root )?(?:cause|culprit|problem))|achei|gefunden|encontr[eé])"
    r"\s*[:,–—-]",
    re.IGNORECASE,
)
_NO = re.compile(r"(?:wait,? )?(?:no|nope|nah|n[aã]o|nein|not (?:that|it|really))\b", re.IGNORECASE)


def find_cause(dossier: Dossier) -> tuple[tuple[Claim, ...], Claim | None]:
    """What the root cause is said to be (the statement, then what supports it), and the moment it was.

    Empty where nobody said, or where the people closed it with an unknown cause: then the one claim
    tells that, and there is no moment.
    """
    readings = dossier.readings
    candidates = [(_score(readings, index), index) for index in range(len(readings))]
    good = [
        (score, index) for score, index in candidates if score >= _ENOUGH and not taken_back(readings, index)
    ]
    best = max(good, key=lambda one: (one[0], -one[1]), default=None)
    unknown = _unknown(readings)
    if unknown is not None and (best is None or (unknown[0] > best[1] and not _marked(readings[best[1]]))):
        reading, sentence = readings[unknown[0]], unknown[1]
        text = f'Not known: nobody showed a cause. {reading.said.who}: "{shorten(sentence)}"'
        return (Claim(text, (reading.said.ref,), reading.said.at),), None
    if best is None:
        return (), None
    statement = dossier.quote(readings[best[1]].said)
    more = [
        dossier.quote(readings[index].said)
        for _, index in good
        if index != best[1] and _marked(readings[index])
    ]
    return (statement, *more[:2], *_supports(dossier, best[1])), statement


def taken_back(readings: Sequence[Reading], index: int) -> bool:
    """Whether somebody later said that this was not it."""
    claim = readings[index]
    for distance, later in enumerate(readings[index + 1 : index + 400], 1):
        if later.said.by_bot or Meaning.ACTION in later.said.marks or words.NUMBERED.match(later.prose):
            continue
        shared = later.keywords & claim.keywords
        own = later.said.author == claim.said.author
        hit = later.find(words.REVERSAL)
        if hit and not later.asking:
            near = later.prose[max(0, hit.start() - 60) : hit.end() + 80]
            if (shared and _overlap(near, claim)) or (own and distance <= 4 and not later.numbers):
                return True
        if distance <= 3 and not _marked(claim) and _blunt_no(later) and (shared or distance == 1):
            return True
    return False


def suspicions(dossier: Dossier) -> tuple[Suspicion, ...]:
    """What people suspected, each with what was answered. Quotes only; none of it is a cause."""
    found: list[Suspicion] = []
    end = len(dossier.readings)
    for index, reading in enumerate(dossier.readings):
        if len(found) >= _SUSPICIONS or not _suspects(dossier, reading):
            continue
        answers: list[Claim] = []
        ruled_out = False
        for distance, later in enumerate(
            dossier.readings[index + 1 : min(end, index + 1 + _ANSWERS_AHEAD)], 1
        ):
            if later.said.by_bot or later.joking or later.injected or not (later.denying or later.numbers):
                continue
            shared = later.keywords & reading.keywords
            same_thread = later.said.thread == reading.said.thread != ""
            if later.said.author != reading.said.author and later.asking:
                continue
            if shared or (later.denying and (distance == 1 or same_thread)):
                answers.append(dossier.quote(later.said))
                ruled_out = ruled_out or (
                    later.denying and not later.hedged and not _HALF.search(later.prose)
                )
                break
        if answers:
            found.append(Suspicion(dossier.quote(reading.said), tuple(answers), ruled_out))
    return tuple(found)


def _suspects(dossier: Dossier, reading: Reading) -> bool:
    said = reading.said
    if not reading.usable or said.marks or not reading.keywords or len(reading.prose) > 260:
        return False
    if dossier.first_sign is None or said.at < dossier.first_sign:
        return False
    guess = (reading.hedged or reading.has(words.BLAME)) and not reading.find(words.PROMISE)
    last = reading.sentences[-1] if reading.sentences else ""
    question = reading.asking and "?" in last + reading.sentences[0] and not _asks_people(reading.prose)
    return guess or question


def _asks_people(prose: str) -> bool:
    """Questions to people ("who can…", "did we…", "restart it and see?") suspect nothing."""
    asked = " ".join(part for part in re.findall(r"[^.!?\n]*\?", prose))
    return _TO_PEOPLE.search(asked) is not None or words.DEED.match(prose) is not None


def _marked(reading: Reading) -> bool:
    return Meaning.CAUSE in reading.said.marks


def _score(readings: Sequence[Reading], index: int) -> float:
    reading = readings[index]
    said = reading.said
    if (said.by_bot and not _marked(reading)) or reading.injected or Meaning.ACTION in said.marks:
        return 0.0
    if not (_marked(reading) or Meaning.NOTABLE in said.marks or reading.has(words.FOUND)):
        return 0.0
    prose = reading.prose
    score = 10.0 + len(said.marks[Meaning.CAUSE]) if _marked(reading) else 0.0
    score += 3.0 if Meaning.NOTABLE in said.marks else 0.0
    score += 3.0 if reading.find(words.FOUND) else 0.0
    score += 3.0 if reading.has(words.ROOT) else 0.0
    score += min(3, len({hit[0] for hit in words.BROKE.finditer(prose)}))
    score += 1.0 if len(prose) > 60 else 0.0
    score += 2.0 if _ANNOUNCED.match(prose) and reading.has(words.BROKE) else 0.0
    agreed = _confirmed(readings, index) or len(said.marks.get(Meaning.CAUSE, ())) > 1
    score += 2.0 if agreed else 0.0
    if _doubtful(reading) and not agreed:
        score -= 15.0 if _marked(reading) else 5.0
    if (
        reading.joking
        or reading.off_topic
        or words.EXPLICIT_ACTION.match(prose)
        or words.NUMBERED.match(prose)
    ):
        score -= 6.0
    return score


def _doubtful(reading: Reading) -> bool:
    """A guess or a question; a marked one only where no sentence of it tells a finding plainly."""
    if _marked(reading) and reading.plainly(words.FOUND):
        return False
    return reading.hedged or reading.has(words.BLAME) or (reading.asking and not reading.plainly(words.FOUND))


def _confirmed(readings: Sequence[Reading], index: int) -> bool:
    said = readings[index].said
    for later in readings[index + 1 : index + 6]:
        other = later.said.author != said.author and not later.said.by_bot
        hit = later.find(words.CONFIRMED)
        if (
            other
            and hit
            and hit.start() <= 12
            and not later.asking
            and not words.DENIAL.search(later.prose[: hit.end()])
        ):
            return True
    return False


def _unknown(readings: Sequence[Reading]) -> tuple[int, str] | None:
    """The last plain statement that the cause is not known."""
    for index in range(len(readings) - 1, -1, -1):
        reading = readings[index]
        if reading.usable:
            for sentence in reading.sentences:
                if words.UNKNOWN_CAUSE.search(sentence) and not sentence.endswith("?"):
                    return index, sentence
    return None


def _overlap(text: str, claim: Reading) -> bool:
    nearby = {word.strip(".,;:!?\"'()").lower() for word in text.split()}
    return any(
        word.startswith(tuple(key for key in claim.keywords if len(key) >= 2))
        for word in nearby
        if len(word) > 2
    )


def _blunt_no(reading: Reading) -> bool:
    return _NO.match(reading.prose) is not None and not reading.asking


def _supports(dossier: Dossier, index: int) -> tuple[Claim, ...]:
    """What was plainly said shortly before about the same things."""
    cause = dossier.readings[index]
    found: list[Claim] = []
    for position in range(index - 1, max(-1, index - 40), -1):
        other = dossier.readings[position]
        if cause.said.at - other.said.at > _SUPPORT_BACK or len(found) >= _SUPPORTS:
            break
        if (
            other.asking
            or other.hedged
            or dossier.rules_out(other)
            or not other.usable
            or len(other.keywords & cause.keywords) < 2
        ):
            continue
        if not taken_back(dossier.readings, position):
            found.append(dossier.quote(other.said, "Supported by "))
    return tuple(reversed(found))
