"""What counts as an action item once people collect them, after the incident: much less needs to be said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.findings import words
from bot.findings.item_parts import is_list, tells
from bot.findings.owners import People
from bot.findings.pledges import Sentence, dated
from bot.findings.reading import Reading

# A proposal: "should we …?", "no deploys before …?"; not a question about how things are.
_ASKS_STATE = re.compile(
    r"^\W*(?:(?:and|so|but|also|e|y|und)\s+)?(?:who|what(?! about)|when|where|why|which|how(?! about)|is"
    r"|are|was|were|did|does|do"
    r"|has|have|will|anyone|can i|may i|quem|o que|qual|quando|onde|por que|como|tem|t[aá]|qui[eé]n"
    r"|qu[eé]|cu[aá]ndo|d[oó]nde|est[aá]"
    r"|hay|wer|was|wann|wo|warum|wie|ist|sind|hat|habt|geht)\b",
    re.IGNORECASE,
)
_OFFERS = re.compile(r"^\W*(?:can i|shall i|should i|posso|puedo|soll ich|kann ich)\b", re.IGNORECASE)
_STRONG_YES = re.compile(
    r"^\W*(?:(?:ok,? )?yes|yep|yeah|agreed|good (?:idea|call|point)|let's|do it|\+1|sim|boa(?: ideia)?"
    r"|bora|concordo|vamos|fechado"
    r"|s[ií]|buena idea|de acuerdo|hag[aá]moslo|ja\b|gute idee|einverstanden"
    r"|machen wir)(?!\w)(?!.*\b(?:but|mas|pero|aber)\b)",
    re.IGNORECASE,
)
_ASKS_ANYWHERE = re.compile(
    r"\b(?:are|do|did|have|were|is|was|should|can) (?:you|we|it|they|that|this|there|i)\b|\b(?:why|what"
    r"|when) (?:is|are|did|do)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(r"^\W*\d{1,2}[.):]\s+(?:was|were|is|are|foi|era|fue|war)\b", re.IGNORECASE)
_NO_ORDER = re.compile(
    r"^\W*\w+(?:\s*[,:;]|(?:\s+\w+){0,2}\s+(?:was|were|is|are|went|has|had|(?!need)\w{2,}ed|looks?|foi"
    r"|fue|war|ist)\b)",
    re.IGNORECASE,
)
_ASKS_FOR_ONE = re.compile(
    r"\b(?:anyone|anybody|someone|volunteers?|algu[eé]m|alguien|jemand)\s*\?|(?:^|[.,;:–—-]\s*)(?:who"
    r"|quem|qui[eé]n|wer)\s*\?",
    re.IGNORECASE,
)
# Only of a task does one say that it has no owner or no day.
_TAGGED = re.compile(
    r"\b(?:(?:no|without (?:an? )?|sem|sin|ohne|kein(?:en)?)\s+(?:owner|date|deadline|due date|data|prazo"
    r"|don[oa]|respons[aá]vel|fecha|plazo|due[nñ]o|responsable|datum|termin|besitzer)"
    r"|(?:owner|date|dono|data|fecha|datum) (?:open|tbd|tbc|to be (?:set|found|agreed)|a combinar|a definir"
    r"|por definir|offen)|unowned)\b",
    re.IGNORECASE,
)
_FEW = 4


def agreed_proposal(readings: Sequence[Reading], index: int) -> bool:
    """A proposal or an offer put as a question, and somebody else's plain yes right after."""
    reading = readings[index]
    if _OFFERS.match(reading.prose) and reading.has(words.LASTING):
        later = next((one for one in readings[index + 1 :] if not one.said.by_bot), None)
        other = later is not None and later.said.author != reading.said.author
        return other and later is not None and words.AGREED.match(later.prose) is not None
    if not reading.prose.endswith("?") or _ASKS_STATE.match(reading.prose):
        return False
    if words.PRESENCE.search(reading.prose) or len(reading.prose.split()) < 5:
        return False
    for later in readings[index + 1 : index + 3]:
        if later.said.by_bot or later.said.author == reading.said.author:
            continue
        return _STRONG_YES.match(later.prose) is not None
    return False


def collected(reading: Reading, sentences: Sequence[Sentence], people: People) -> bool:
    """What counts as an item once people collect them: a list, an order, a need, a name, a day."""
    first = reading.sentences[0] if reading.sentences else ""
    lesson = words.LESSON.search(first[:24])
    if (lesson and lesson.start() <= 2) or tells(reading):
        return False  # "next time we should …" is learned, not promised
    if words.PRESENCE.search(reading.prose) and not words.MYSELF.search(reading.prose):
        return False
    if _TAGGED.search(reading.prose) and len(reading.prose.split()) > _FEW and not reading.asking:
        return True
    if is_list(reading) or (words.NUMBERED.match(reading.prose) and not _TELLS.match(reading.prose)):
        return True
    if words.UNDONE.match(reading.prose) or words.CONDITIONAL.match(reading.prose):
        return False
    mine = words.MYSELF.search(reading.prose)
    if (mine and (not mine[0].endswith("is mine") or reading.has(words.LASTING))) or _orders(reading):
        return True
    wanted = reading.has(words.SHARED_PLAN) or reading.has(words.LASTING)
    if wanted and _ASKS_FOR_ONE.search(reading.prose):
        return True
    return any(_stands_for_one(one, people) for one in sentences)


def _stands_for_one(sentence: Sentence, people: People) -> bool:
    if not sentence.firm or sentence.past or sentence.text.endswith("?"):
        return False
    if sentence.future and not sentence.at_once and not sentence.has(words.PARTING):
        return True
    if sentence.has(words.SHARED_PLAN) or people.doer(sentence.text) is not None:
        return True
    asked = people.asked(sentence.text) is not None
    named_day = dated(sentence) and not _ASKS_ANYWHERE.search(sentence.text)
    return named_day or (asked and sentence.has(words.LASTING))


def _orders(reading: Reading) -> bool:
    """ "add a dashboard for lag"; not "alert resolved", "open tickets: 14" or "check, all green"."""
    if not words.IMPERATIVE.match(reading.prose) or reading.asking or len(reading.prose.split()) < _FEW:
        return False
    return _NO_ORDER.match(reading.prose) is None
