"""How plainly a message tells what customers felt: a weight from its words, numbers and place."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import chain

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.figures import counts_in, money_in
from bot.findings.phrases import Phrases
from bot.findings.reading import Reading
from bot.findings.records import Meaning

MARKED = 20.0
_ENOUGH = 4.0
_EARLY = timedelta(minutes=45)
_CONTRADICTED_WITHIN = 5
_PERCENT = re.compile(r"\d\s?%|\d\s?(?:ms|s)\b")
_WINDOW = re.compile(
    r"\d{1,2}[:h]\d\d\s*(?:-|–|->|→|to|and|until|até|a|e|y|bis|und)\s*(?:as |às |las )?\d{1,2}[:h]\d\d",
    re.IGNORECASE,
)
_SUM = Phrases(["total", "in all", "altogether", "final", "insgesamt", "no total", "en total"])
_UNHARMED = Phrases(
    [
        "(?:not affected|unaffected|(?:is|are|people) (?:fine|ok)|looks? (?:exactly )?(?:like|normal))",
        "(?:no (?:data )?loss|nothing lost|nada perdido|n[aã]o afet\\w+|no afect\\w+|nicht betroffen)",
    ]
)
_REFUTES = re.compile(
    r"\W*(?:(?:not|nope|n[aã]o|nein|nicht)\b(?!\s+(?:one|a|single|more|new|um|uma))|no\b(?:\s+\w+)?(?=[.,:;!]))",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?m)^\W*\d{1,2}[.):]\s+\S")
_A_LIST = 3
_NEGATED = re.compile(
    r"(?:\b(?:not|no|never|nobody|n[aã]o|nem|sin|sem|nicht|kein\w*)|n't)\s+(?:\w+\s+)?$", re.IGNORECASE
)
# "2 of 6", "4/6 done": how far the mending is.
_PROGRESS = re.compile(r"\W*\d{1,2} ?(?:of|/|de|von) ?\d{1,2}\b", re.IGNORECASE)


def weight(dossier: Dossier, reading: Reading) -> float:
    """How much it says about what customers felt; from 4 on it is worth telling."""
    said = reading.said
    if Meaning.IMPACT in said.marks and not reading.injected:
        return MARKED
    if (
        not reading.usable
        or dossier.first_sign is None
        or Meaning.ACTION in said.marks
        or Meaning.CAUSE in said.marks
    ):
        return 0.0
    if dossier.of_another(reading):
        return 0.0
    if "\n" in reading.prose and len(_LISTED.findall(reading.prose)) >= _A_LIST:
        return 0.0  # a list of things to do
    if said.at < dossier.first_sign - _EARLY or (reading.asking and not reading.numbers):
        return 0.0
    if not reading.numbers and not reading.has(words.SCOPE) and not reading.has(words.SHARE):
        return 0.0
    return max(_wording(dossier, reading), _counting(dossier, reading))


def _turns(reading: Reading) -> bool:
    """It says that the trouble came or went."""
    return bool(reading.plainly(words.AGAIN) or reading.plainly(words.OVER))


def _wording(dossier: Dossier, reading: Reading) -> float:
    """The weight by words that are known to name who is hurt."""
    prose, said = reading.prose, reading.said
    scope = reading.find(words.SCOPE)
    if not scope and not reading.numbers:
        return 0.0
    clocks = sum(":" in number for number in reading.numbers)
    if not scope and not clocks and not reading.has(_PERCENT):
        return 0.0  # what is left would not be enough
    score = 2.0 if scope else 0.0
    score += 1.5 if reading.find(words.HARM) and _harmed(prose) else 0.0
    score += 1.0 if scope and reading.find(words.SYMPTOM) else 0.0
    score += 1.5 if scope and reading.numbers else 0.0
    score += 1.0 if reading.numbers and reading.find(_PERCENT) else 0.0
    score += 2.0 if scope and reading.find(_UNHARMED) else 0.0
    score += 2.0 if reading.find(_PERCENT) and reading.find(_WINDOW) else 0.0
    score += 4.0 if clocks and len(reading.numbers) > clocks and len(prose) < 90 and _turns(reading) else 0.0
    score += 1.0 if reading.numbers and reading.find(_SUM) else 0.0
    score += 2.0 if Meaning.NOTABLE in said.marks and scope and reading.numbers else 0.0
    score += 1.0 if said.ref in dossier.corrected else 0.0
    if reading.find(words.STRONG_OVER) or reading.find(words.OVER):
        score -= 0.0 if dossier.times_in(said) else 2.0
    if score < _ENOUGH:
        return score  # doubts only lower it
    score -= 1.5 if reading.has(words.MACHINERY) and not reading.has(words.HARM) else 0.0
    score -= 2.0 if reading.asking else 0.0
    return score - _doubts(dossier, reading, prose)


def _counting(dossier: Dossier, reading: Reading) -> float:
    """The weight of its best sentence by form: something counted, money, a share, a peak or a total."""
    felt = reading.has(words.HARM) or reading.has(words.SYMPTOM) or money_in(reading.prose) is not None
    if not felt and not reading.has(words.WEIGHED):
        return 0.0
    whole = reading.has(words.SHARE)
    told = [
        part
        for part in reading.sentences
        if not part.endswith("?") and (whole or any(map(str.isdigit, part)))
    ]
    best, sentence = max(((_sentence(reading, part), part) for part in told), default=(0.0, ""))
    if reading.has(words.USUAL) and len(list(counts_in(reading.prose))) > 1:
        best = max(best, _ENOUGH)  # so many instead of so many
    if best <= 0.0:
        return 0.0
    # One who sums up at the end of a message sums up what its other sentences count.
    best += 1.0 if reading.has(words.TOTAL) or reading.has(words.PEAK) else 0.0
    if _contradicted(dossier, reading):
        best -= 4.0
    return best - _doubts(dossier, reading, sentence)


def _sentence(reading: Reading, text: str) -> float:
    counted = next(counts_in(text), None) is not None
    share = reading.says(words.SHARE, text)
    percent = "%" in text
    money = money_in(text)
    if not (counted or percent or share or money) or reading.says(words.WELL, text):
        return 0.0
    if money:
        return _ENOUGH + 0.5
    harmed = _harmed(text)
    summed = reading.says(words.TOTAL, text)
    peaked = reading.says(words.PEAK, text)
    felt = (
        (counted and (harmed or summed or peaked)) or (percent and (harmed or peaked)) or (share and harmed)
    )
    return _ENOUGH if felt else 0.0


def _harmed(text: str) -> bool:
    """Whether it says that something was suffered, and does not deny just that."""
    hits = chain(words.HARM.finditer(text), words.SYMPTOM.finditer(text))
    return any(not _NEGATED.search(text[: hit.start()]) for hit in hits)


def _doubts(dossier: Dossier, reading: Reading, sentence: str) -> float:
    """What makes a statement weigh less: a guess, a plan, a question, a refutation, news of the mending."""
    prose, said = reading.prose, reading.said
    lost = 2.5 if reading.denying and not reading.find(_UNHARMED) and dossier.rules_out(reading) else 0.0
    if reading.hedged or words.EXPLICIT_ACTION.match(prose) or words.IMPERATIVE.match(prose):
        lost += 2.5
    elif reading.has(words.PROMISE) and words.PROMISE.search(sentence) and not money_in(sentence):
        lost += 1.5
    lost += 2.5 if _PROGRESS.match(prose) or reading.has(words.WELL) else 0.0
    lost += 2.0 if _REFUTES.match(prose) and not reading.find(_UNHARMED) else 0.0
    lost += 0.5 if reading.has(words.GUESSED_NUMBER) else 0.0
    lost += 2.5 if reading.has(words.HYPOTHETICAL) else 0.0
    early = dossier.first_sign is not None and said.at < dossier.first_sign
    return lost + (2.0 if early and not reading.find(words.SYMPTOM) else 0.0)


def _contradicted(dossier: Dossier, reading: Reading) -> bool:
    """Whether somebody else soon said that this is not so ("everything is down": "it's not down")."""
    index = dossier.order[reading.said.ref]
    hit = reading.find(words.SYMPTOM) or reading.find(words.HARM)
    if hit is None:
        return False
    for later in dossier.readings[index + 1 : index + 1 + _CONTRADICTED_WITHIN]:
        if later.said.author == reading.said.author or not later.usable or not later.denying:
            continue
        if re.search(rf"(?:not|n't|no|n[aã]o|nicht)\s+(?:\w+\s+)?{re.escape(hit[0])}\b", later.lowered):
            return True
    return False
