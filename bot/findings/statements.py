"""How plainly a message states the cause: a weight from its form, its words and what others made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading, stem
from bot.findings.records import Meaning

ENOUGH = 6.0
# "found it: …" and what broke: told as the finding itself.
_ANNOUNCED = re.compile(
    r"\W*(?:ok(?:ay)?\W+)?(?:(?:found(?: (?:it|the (?:root )?(?:cause|culprit|problem)))?"
    r"|achei|achamos|gefunden|encontr[eé])\s*[:,.–—-]"
    r"|(?:it )?turns? out|descobri(?:mos)?|resulta que|es stellte? sich heraus|herausgefunden)",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"\b(?=\w*[\d_])(?=\w*[a-z])[\w.-]{4,}", re.IGNORECASE)
_LONG = 60
_TERSE = 25
_AGREES_AT = 12
_ANSWERS = 6
_SHARED = 3
_RUN_NUMBER = re.compile(r"[A-Z]+-\d+\Z")


@dataclass(frozen=True)
class Mended:
    """What later put it right: words of verified runs and of marked fixes, by position in time."""

    at: float
    keywords: frozenset[str]
    identifiers: frozenset[str]


def mended_by(dossier: Dossier) -> tuple[Mended, ...]:
    """Every deed that is known to have worked."""
    texts = [
        (one.when, one.what)
        for one in dossier.moments("run-verified")
        if not words.LOOKING_RUN.search(one.what)
    ]
    texts += [(one.said.at, one.prose) for one in dossier.readings if Meaning.FIXED in one.said.marks]
    return tuple(Mended(at.timestamp(), _words_of(text), identifiers(text)) for at, text in texts)


def marked(reading: Reading) -> bool:
    return Meaning.CAUSE in reading.said.marks


def weight(dossier: Dossier, index: int, mended: tuple[Mended, ...]) -> float:
    """How surely it states the cause; from 6 on it does."""
    reading = dossier.readings[index]
    said = reading.said
    if (said.by_bot and not marked(reading)) or reading.injected or Meaning.ACTION in said.marks:
        return 0.0
    found = reading.has(words.FOUND)
    form = 0.0 if found or marked(reading) else _form(dossier, reading)
    if not (marked(reading) or Meaning.NOTABLE in said.marks or found or form):
        return 0.0
    if not marked(reading) and dossier.of_another(reading):
        return 0.0
    prose = reading.prose
    agreed = confirmed(dossier, index) or len(said.marks.get(Meaning.CAUSE, ())) > 1
    borne = form > 0 and _borne_out(reading, mended)
    if form and not found and not (agreed or borne or reading.has(words.ADMISSION)):
        return 0.0
    score = 10.0 + len(said.marks[Meaning.CAUSE]) if marked(reading) else 0.0
    score += 3.0 if Meaning.NOTABLE in said.marks else 0.0
    score += 3.0 if found else form
    score += 3.0 if reading.has(words.ROOT) else 0.0
    broken = words.MECHANISM if form else words.BROKE
    score += min(3, len({hit[0] for hit in broken.finditer(prose)}))
    score += 1.0 if len(prose) > _LONG else 0.0
    score += 2.0 if _ANNOUNCED.match(prose) and reading.has(words.MECHANISM) else 0.0
    score += 2.0 if agreed else 0.0
    score += 2.0 if borne else 0.0
    if not (marked(reading) or agreed or borne) and _unproven(dossier, index):
        score -= 3.0
    return score - _doubt(reading, agreed)


def _form(dossier: Dossier, reading: Reading) -> float:
    """The weight of telling it without a word of finding: "it was the …", "it's mine: …", "confirmed: …"."""
    if not reading.usable or not reading.has(words.MECHANISM) or len(reading.prose) < _TERSE:
        return 0.0
    if dossier.first_sign is not None and reading.said.at < dossier.first_sign:
        return 0.0
    if not reading.plainly(words.MECHANISM):
        return 0.0
    score = 0.0
    if reading.plainly(words.ADMISSION):
        score = 3.0
    elif opens_by_agreeing(reading) and len(reading.prose) > _LONG:
        score = 2.5
    elif (reading.plainly(words.WAS_IT) and not reading.denying) or _ANNOUNCED.match(reading.prose):
        score = 2.0
    return score + (1.5 if score and reading.has(words.CONSEQUENCE) else 0.0)


def opens_by_agreeing(reading: Reading) -> bool:
    """Whether it begins with "confirmed", "é isso mesmo", "genau": then what follows is agreed on, too."""
    hit = reading.find(words.CONFIRMED)
    return (
        hit is not None
        and hit.start() <= _AGREES_AT
        and not words.DENIAL.search(reading.prose[: hit.end()])
        and not reading.sentences[0].endswith("?")
    )


def confirmed(dossier: Dossier, index: int) -> bool:
    """Whether somebody else agreed within the next five messages."""
    said = dossier.readings[index].said
    return any(
        later.said.author != said.author and not later.said.by_bot and opens_by_agreeing(later)
        for later in dossier.readings[index + 1 : index + _ANSWERS]
        if later.sentences
    )


def _unproven(dossier: Dossier, index: int) -> bool:
    """A name without a word of how, or somebody who asks to wait before it is believed."""
    reading = dossier.readings[index]
    if not reading.has(words.MECHANISM):
        return True
    answers = dossier.readings[index + 1 : index + _ANSWERS]
    return any(
        one.has(words.PUSHBACK)
        and one.said.author != reading.said.author
        and (one.said.thread == reading.said.thread or reading.said.place.endswith(one.said.thread or "-"))
        for one in answers
        if one.usable
    )


def _borne_out(reading: Reading, mended: tuple[Mended, ...]) -> bool:
    """Whether what it names is what was changed when it got well."""
    named = identifiers(reading.prose)
    at = reading.said.at.timestamp()
    return any(
        one.at > at and (one.identifiers & named or len(one.keywords & reading.keywords) >= _SHARED)
        for one in mended
    )


def _doubt(reading: Reading, agreed: bool) -> float:
    lost = 0.0
    if _doubtful(reading) and not agreed:
        lost += 15.0 if marked(reading) else 5.0
    if reading.has(words.HEARSAY) and not marked(reading) and not agreed:
        lost += 4.0
    aside = reading.joking or reading.off_topic
    if aside or words.EXPLICIT_ACTION.match(reading.prose) or words.NUMBERED.match(reading.prose):
        lost += 6.0
    return lost


def _doubtful(reading: Reading) -> bool:
    """A guess or a question; a marked one only where no sentence of it tells a finding plainly."""
    if marked(reading) and reading.plainly(words.FOUND):
        return False
    if reading.has(words.BLAME):
        return True
    if reading.hedged and not reading.plainly(words.ROOT):
        return True
    return reading.asking and not (reading.plainly(words.FOUND) or reading.plainly(words.MECHANISM))


def identifiers(text: str) -> frozenset[str]:
    """Names of settings and things, as they are written in a system."""
    found = (hit[0].strip(".-") for hit in _IDENTIFIER.finditer(text))
    return frozenset(one.lower() for one in found if not _RUN_NUMBER.match(one))


def _words_of(text: str) -> frozenset[str]:
    return frozenset(
        stem(word) for word in re.findall(r"[^\W\d_][\w-]{3,}", text.lower()) if word not in words.STOP
    )
