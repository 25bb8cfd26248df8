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

# "autovacuum then", "then it's the disk", "então o disco": the next guess, in a few words.
_NEXT_GUESS = re.compile(
    r"(?:ok(?:ay)?,? |so )?(?:[\w-]+ ){1,3}then\W*$"
    r"|(?:then|so|ent[aã]o|entonces|dann)[, ]+(?:it'?s |i say |[eé] |es |ist es )?"
    r"(?:the |o |a |el |la |der |die |das )?[\w-]+\W*$",
    re.IGNORECASE,
)
_NONE = re.compile(r"\W*(?:none|nenhum\w*|ningun[oa]?|kein\w*)\b", re.IGNORECASE)


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
            if later.said.by_bot or later.joking or later.injected or not (_denies(later) or later.numbers):
                continue
            shared = later.keywords & reading.keywords
            same_thread = later.said.thread == reading.said.thread != ""
            if later.said.author != reading.said.author and later.asking:
                continue
            if shared or (_denies(later) and (distance == 1 or same_thread)):
                answers.append(dossier.quote(later.said))
                ruled_out = ruled_out or (
                    _denies(later) and not later.hedged and not _HALF.search(later.prose)
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
    return guess or question or _NEXT_GUESS.match(reading.prose) is not None


def _denies(reading: Reading) -> bool:
    return reading.denying or _NONE.match(reading.prose) is not None


def _asks_people(prose: str) -> bool:
    """Questions to people ("who can…", "did we…", "restart it and see?") suspect nothing."""
    asked = " ".join(part for part in re.findall(r"[^.!?\n]*\?", prose))
    return _TO_PEOPLE.search(asked) is not None or words.DEED.match(prose) is not None
