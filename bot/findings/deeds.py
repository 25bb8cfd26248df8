"""What people did by hand that mended it, and the words after which it stayed well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.moment import Moment
from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Meaning, Said, Times

_FIXES = 8
_HEAD = 24
_LONGEST = 160
_USELESS_WITHIN = timedelta(minutes=8)
_WELL_SIGNS = 2
# "I will restart it", "vou reiniciar", "restart it?": said before it is done, if ever.
_INTENT = re.compile(
    r"\W*(?:ok(?:ay)?\W+|so\W+|then\W+|e\W+|und\W+|y\W+)*(?:i'?ll|i will|i'?m going to|going to|let'?s|let me"
    r"|we (?:could|should|can|need)"
    r"|could|should|can|vou|vamos|posso|voy a|puedo|ich (?:werde|will|kann)|wir (?:k[oö]nnen|sollten)|with\b"
    r"|(?:\w+ ){1,4}(?:vou|voy a|i'?ll) \w+)",
    re.IGNORECASE,
)

# "with checking disabled it answers" tells no deed.
_ASIDE = re.compile(
    r"\b(?:with|when|while|after|before|com|con|sem|sin|mit|ohne|wenn|quando|cuando)\b", re.IGNORECASE
)

_CREDIT = re.compile(r"(?:so the|then the|entonces|então|also hat)", re.IGNORECASE)


def by_hand(dossier: Dossier, times: Times) -> list[Reading]:
    """What was marked as the fix, and deeds told plainly between the detection and the end."""
    begin = times.detected.at if times.detected else None
    end = times.resolved.at if times.resolved else None
    found = []
    for index, reading in enumerate(dossier.readings):
        said = reading.said
        if said.by_bot or reading.injected or (begin and said.at < begin) or (end and said.at > end):
            continue
        if Meaning.FIXED not in said.marks and (
            not _did(reading) or Meaning.CAUSE in said.marks or _unmended(dossier.readings, index)
        ):
            continue
        # What was done before the trouble mended nothing of it.
        if not _before(dossier, reading, begin) and (said.marks or not dossier.of_another(reading)):
            found.append(reading)
    marked = [one for one in found if Meaning.FIXED in one.said.marks]
    plain = [one for one in found if one not in marked]
    last = times.mitigated.at if times.mitigated else None
    nearest = sorted(plain, key=lambda one: abs((one.said.at - (last or one.said.at)).total_seconds()))
    kept = nearest[: max(0, _FIXES - len(marked))]
    return sorted([*marked, *kept], key=lambda one: one.said.at)


def stayed_well(dossier: Dossier, times: Times) -> list[Reading]:
    """The first words that it is well which nothing spoiled afterwards, and the last before the close.

    What is "all green" while it lasts speaks of something else: signs count from the mitigation on.
    """
    over = times.mitigated or times.detected
    begin = over.at if over else None
    end = times.resolved.at if times.resolved else None
    signs: list[Reading] = []
    for reading in dossier.readings:
        said = reading.said
        if said.by_bot or not reading.usable or (begin and said.at < begin) or (end and said.at > end):
            continue
        if not (reading.has(words.WELL) or reading.has(words.UNMENDED) or reading.has(words.AGAIN)):
            continue
        if reading.has(words.UNMENDED) or (reading.plainly(words.AGAIN) and reading.has(words.SYMPTOM)):
            signs = []
        elif reading.plainly(words.WELL) and not said.marks and not dossier.of_another(reading):
            signs.append(reading)
    return signs if len(signs) <= _WELL_SIGNS else [signs[0], signs[-1]]


def unmended_by(dossier: Dossier, ended: Moment) -> Said | None:
    """What somebody said soon after a run that had ended well: that it changed nothing."""
    for reading in dossier.readings:
        off = reading.said.at - ended.when
        if off > _USELESS_WITHIN:
            return None
        if off > timedelta(0) and reading.usable and not reading.asking and reading.plainly(words.USELESS):
            return reading.said
    return None


def _did(reading: Reading) -> bool:
    """A deed told plainly at the head of a short message: "opened 587 to the relay", "old one revoked"."""
    if not reading.usable or reading.asking or reading.hedged or len(reading.prose) > _LONGEST:
        return False
    if reading.denying or not (reading.has(words.FIX) or reading.has(words.DOING)):
        return False
    if (
        words.BEGIN.match(reading.prose)
        or reading.has(words.ADMISSION)
        or reading.has(words.CLEAR_CORRECTION)
    ):
        return False
    if _CREDIT.match(reading.prose):
        return False
    return any(_tells_deed(one) for one in reading.sentences)


def _tells_deed(sentence: str) -> bool:
    """Whether it begins with the deed itself, done or under way, and not with the wish or plan to."""
    hit = words.FIX.search(sentence) or words.DOING.search(sentence)
    if hit is None or hit.start() > _HEAD:
        return False
    return not _INTENT.match(sentence) and not _ASIDE.search(sentence[: hit.start()])


def _before(dossier: Dossier, reading: Reading, begin: datetime | None) -> bool:
    """Whether it tells of something at a time before the trouble was noticed, and of no later one."""
    if begin is None or reading.said.marks:
        return False
    times = dossier.times_in(reading.said)
    return bool(times) and all(one.at < begin for one in times)


def _unmended(readings: Sequence[Reading], index: int) -> bool:
    """Whether somebody else said right after that nothing was mended by it."""
    nearby = readings[index + 1 : index + 4]
    author = readings[index].said.author
    return any(one.said.author != author and one.usable and one.has(words.UNMENDED) for one in nearby)
