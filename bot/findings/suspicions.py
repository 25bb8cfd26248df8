"""What people suspected, and what was answered: told as guesses, never as the cause."""

from __future__ import annotations

import re

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim, Suspicion

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
