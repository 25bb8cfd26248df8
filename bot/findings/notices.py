"""Who noticed it first and who took it: the bot's entries, else what people wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim, Said

_BEFORE_ALERT = timedelta(minutes=45)
_AGREED = timedelta(minutes=4)
_TAKEN_LATEST = timedelta(hours=1)
_ENGAGED = timedelta(minutes=15)
_LONGEST_TAKING = 120
_WORKING = "|".join(words.WORKING)
# "the label button does not open", "não passam da tela", "die App lädt nicht"
_FAILS = re.compile(
    r"(?<!\w)(?:(?:can'?t|cannot|can not|won't|do(?:es)?n'?t|not|isn't|aren't|stopped|n[aã]o|no)"
    rf"\s+(?:\w+\s+)?"
    rf"(?:{_WORKING}|passa\w*|sai\w*|chega\w*|vai|vão|sale\w*|llega\w*)"
    rf"|(?:{_WORKING})\s+(?:\w+\s+)?nicht"
    r"|nicht\s+(?:mehr\s+)?(?:\w*(?:geh|l[aä]uf|l[aä]d|[oö]ffn|komm|klapp|funktion|start|druck|antwort)\w*|m[oö]glich"
    r"|erreichbar))(?!\w)"
)
# "riders can't start", "printers keep failing": many of a kind.
_MANY = re.compile(
    r"(?<!\w)[^\W\d_]{3,}s\s+(?:can['’]?t|cannot|are|say|get|see|report|fail|keep|won['’]t|don['’]t|n[aã]o|no)(?!\w)"
)
_COUNTED = re.compile(r"(?<![\w.,:])\d{1,5}\s+(?:\w+\s+)?[^\W\d_]{3,}s(?!\w)")
# "looking good" and "looking forward" take nothing.
_NO_LOOK = re.compile(
    r"\s+(?:good|better|fine|ok|bad|worse|healthy|forward|like|bem|melhor|bien|mejor|gut|besser)\b"
)
_OTHERS = re.compile(r"(?:\b(?:is|are|was|were)|'re|(?<!it)'s)\s+(?:\w+ing\s+)?$")
_OWNED = re.compile(r"\b(?:mine|take|i do|comigo)\b")
_ANSWERS = 12
_OWN_REACH = 12
_TAKING_REACH = 24
_BEGINS = re.compile(r"^(?:i|ich|eu|yo|lo)\b")
_CLAUSE = re.compile(r"[,;:–—]")
# "shout if the new page fails"
_SUPPOSED = re.compile(
    r"(?<!\w)(?:shout|tell me|let me know|ping me|avisa\w*|sag\w*|meld\w*)\s[^.!?\n]{0,20}"
    r"(?:if|when|se|si|wenn)(?!\w)|^\W*(?:if|in case|se|si|falls|wenn)(?!\w)"
)
# A cause that is doubted, not a thing that fails.
_CANNOT_BE = re.compile(
    r"(?<!\w)can(?:['’]?t|not) (?:be|tell|say|show|see (?:why|how)|remember|believe|explain)"
)
_BOT_ALERTS = re.compile(r"\b(?:alert|firing|fired|opened|critical|warning|breach\w*|[A-Z]{2,6}-\d+)\b")
_BOT_CHANGES = re.compile(
    r"\b(?:live on|deploy\w*|rolling out|rolled out|pipeline|released|build|merged|resolved)\b", re.I
)


def find_detection(dossier: Dossier) -> Claim | None:
    """The first report of a person, if no alert and no declaration was before it."""
    opened = dossier.own_moments("alert-fired", "incident-opened", "incident-declared")
    # The alert tells more than the incident that it opens in the same transaction.
    first = min(opened, key=lambda one: (one.at, one.kind != "alert-fired"), default=None)
    card = _first_card(dossier) if first is None else None
    limit = first.when if first else card.at if card else None
    report = _first_report(dossier, limit)
    if report is not None:
        return replace(dossier.quote(report, "reported by "), at=report.at)
    if first is not None:
        return Claim(first.what, dossier.proof(first), first.when)
    return dossier.quote(card) if card else None


def _first_card(dossier: Dossier) -> Said | None:
    """The first message of a bot that tells of trouble, where its journal is not at hand."""
    for reading in dossier.readings:
        text = reading.said.text
        if reading.said.by_bot and _BOT_ALERTS.search(text) and not _BOT_CHANGES.search(text):
            return reading.said
    return None


def _first_report(dossier: Dossier, limit: datetime | None) -> Said | None:
    """The first plain report. Without an alert it is one that others take up; a bare question is weak."""
    plain: list[int] = []
    for index, reading in enumerate(dossier.readings):
        at = reading.said.at
        if limit is not None and at >= limit:
            break
        if (limit is not None and limit - at > _BEFORE_ALERT) or not _reports(dossier, reading):
            continue
        if _bare_question(reading) and not _agreed(dossier.readings, index):
            continue
        if limit is not None or _taken_up(dossier.readings, index):
            return reading.said
        plain.append(index)
    return dossier.readings[plain[0]].said if plain else None


def _reports(dossier: Dossier, reading: Reading) -> bool:
    """Whether a person tells of something, or somebody, that fails."""
    if not reading.usable or not _troubled(reading) or _SUPPOSED.search(reading.lowered):
        return False
    low = reading.lowered
    about = reading.has(words.SERVICE) or _COUNTED.search(low) is not None or _MANY.search(low) is not None
    return about and not dossier.elsewhere(reading)


def _troubled(reading: Reading) -> bool:
    return (
        reading.has(words.SYMPTOM) or reading.has(words.TROUBLE) or _FAILS.search(reading.lowered) is not None
    )


def _bare_question(reading: Reading) -> bool:
    """Whether every troubled sentence only asks, or doubts the writer's own connection."""
    if reading.has(words.OWN_MACHINE):
        return True
    troubled = [
        one
        for one in reading.sentences
        if words.SYMPTOM.search(one) or words.TROUBLE.search(one) or _FAILS.search(one.lower())
    ]
    return (
        bool(troubled)
        and all(one.endswith("?") or words.ASKING.match(one) for one in troubled)
        and not any(_COUNTED.search(one.lower()) for one in reading.sentences)
    )


def _agreed(readings: Sequence[Reading], index: int) -> bool:
    """Whether somebody else says the same within minutes."""
    asked = readings[index].said
    for later in readings[index + 1 : index + 4]:
        if later.said.at - asked.at > _AGREED or later.said.author == asked.author or later.said.by_bot:
            continue
        same = words.SAME_HERE.search(later.lowered[:24]) is not None
        if later.usable and (same or (_troubled(later) and later.keywords & readings[index].keywords)):
            return True
    return False


def _taken_up(readings: Sequence[Reading], index: int) -> bool:
    """Whether somebody else takes it or tells of trouble, too, soon afterwards."""
    told = readings[index].said
    for later in readings[index + 1 : index + 1 + _ANSWERS]:
        if later.said.at - told.at > _ENGAGED:
            return False
        if (
            later.usable
            and later.said.author != told.author
            and (later.plainly(words.TAKING) or _troubled(later))
        ):
            return True
    return False


def find_acknowledgement(dossier: Dossier, detected: Claim | None) -> Claim | None:
    """The press, or the first who plainly takes it after it was noticed."""
    taken = dossier.own_moments("incident-acknowledged")
    if taken:
        return Claim(taken[0].what, dossier.proof(taken[0]), taken[0].when)
    since = detected.at if detected else None
    for reading in dossier.readings:
        said = reading.said
        if since is not None and said.at <= since:
            continue
        if since is not None and said.at - since > _TAKEN_LATEST:
            return None
        takes = reading.usable and len(reading.prose) < _LONGEST_TAKING and _takes(reading)
        if takes and not dossier.elsewhere(reading):
            return dossier.quote(said)
    return None


def _takes(reading: Reading) -> bool:
    sentence = reading.plainly(words.TAKING).lower()
    hit = words.TAKING.search(sentence) if sentence else None
    if hit is None:
        return False
    before = sentence[: hit.start()]
    if words.NOT_TAKING.search(before) or _NO_LOOK.match(sentence[hit.end() :]):
        return False
    if _OWNED.fullmatch(hit[0]):
        # "prob mine", "the 10:31 deploy is mine" and "take a look at" own something else.
        return len(before) <= _OWN_REACH and (len(sentence) - hit.end() <= 1 or sentence[hit.end()] in ",.!;")
    # "no metric on it", "a daily check": deep in a sentence it is said of something else.
    reach = len(before) if not _BEGINS.search(hit[0]) else len(_CLAUSE.split(before)[-1])
    return reach <= _TAKING_REACH and _OTHERS.search(before) is None
