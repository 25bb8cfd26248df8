"""When it began: every time that people name as the beginning, weighed; the one that most speaks for wins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.findings import words
from bot.findings.clock import Stated, ago
from bot.findings.dossier import Dossier
from bot.findings.phrases import Phrases
from bot.findings.reading import Reading
from bot.findings.records import Claim

_LONGEST_LEAD = timedelta(hours=30)
_NEAR_LEAD = timedelta(hours=6)
_AFTER_DETECTION = timedelta(seconds=90)
_AROUND = 90
_CUE_REACH = 14
_FIRST_REACH = 60
# Between the two times of a range: "14:05 UTC to 14:20", "20h41 de ontem → 0h14".
_RANGE = re.compile(
    r"^\s*(?:(?:(?:de |do )?(?:yesterday|last night|ontem|ayer|gestern|anoche)|[A-Z]{2,5}|[ap]\.?m\.?|uhr|h)"
    r"\s*){0,2}(?:-|–|—|→|->|-?&gt;|to|until|till|through|and|até|ate|a|e|y|bis|und|hasta)"
    r"\s*(?:as |às |las |a las )?$",
    re.IGNORECASE,
)
# The first that people told is no sooner than the first that they saw.
_TOLD_FIRST = re.compile(
    r"\s*(?:\w+\s+)?(?:tickets?|calls?|complaints?|chats?|reports?|alerts?|pages?|mails?|messages?|chamados?|liga"
    r"|llamadas?|anrufe?|meldung)",
    re.IGNORECASE,
)
# Behind the time: "16:38 is when it began", "14:44: first 500".
_BEHIND = re.compile(
    r"\W*(?:[\w']+\s+){0,2}?(?:when (?:it|this|that|things) (?:all )?(?:start|beg[ai]n|broke|fail)"
    r"|quando (?:come|caiu)|cuando (?:empez|cay)|the first\b|first\b|primeir[oa]\b|erste[rns]?\b)",
    re.IGNORECASE,
)
_BROKE_THEN = re.compile(r"expired|crash|died|stopp|fail|caduc|venc|ausgefallen|abgest", re.IGNORECASE)
_CODE = re.compile(r"\b(?:[A-Z]+-\d{2,}|[45]\d\d|[A-Z]{5,})\b")
# A quick look that spares most messages the dearer reading.
_TIMELY = re.compile(
    r"\d[:h]\d\d|\dh\b|\d\s?(?:[aApP]\.?[mM]\b|[Uu]hr\b)|\b(?:ago|atr[aá]s)\b|\b(?:[hH]á|[hH]ace|[vV]or)\b.*\d"
)


def find_start(dossier: Dossier, detected: Claim | None) -> Claim | None:
    """The minute that the hints add up to, told in the words that name it best; None without a hint."""
    if detected is None or detected.at is None:
        return None
    weights: dict[datetime, float] = {}
    best: dict[datetime, tuple[float, Stated, Reading]] = {}
    for order, reading in enumerate(dossier.readings):
        for weight, stated in hints(dossier, reading, detected.at):
            minute = stated.at.replace(second=0, microsecond=0)
            weights[minute] = weights.get(minute, 0.0) + weight
            rank = weight + (2.0 if stated.exact else 0.0) + order * 1e-6
            if minute not in best or rank > best[minute][0]:
                best[minute] = (rank, stated, reading)
    if not weights:
        return None
    minute = max(weights, key=lambda one: (weights[one], -one.timestamp()))
    _, stated, reading = best[minute]
    told = replace(dossier.quote(reading.said), at=stated.at)
    if stated.local:
        return replace(told, text=f"{told.text} (local time, {stated.at:%H:%M} UTC)")
    return told


def hints(dossier: Dossier, reading: Reading, detected: datetime) -> Iterator[tuple[float, Stated]]:
    """Every time of a message that may be the beginning, with its weight."""
    said = reading.said
    if not _TIMELY.search(said.text) or not reading.usable or (reading.asking and reading.hedged):
        return
    if dossier.elsewhere(reading):
        return
    marked = 1.5 if said.marks else 0.0
    doubt = 0.3 if reading.hedged else 1.0
    times = dossier.times_in(said)
    for index, stated in enumerate(times):
        lead = detected - stated.at
        if not -_AFTER_DETECTION <= lead <= _LONGEST_LEAD:
            continue
        following = times[index + 1].start if index + 1 < len(times) else len(said.text)
        weight = _weight(reading, stated, times[index - 1].end if index else 0, following)
        if weight:
            yield (weight + marked) * doubt * (1.0 if lead <= _NEAR_LEAD else 0.4), stated
    if (not times and reading.find(words.BROKE)) or reading.find(words.SYMPTOM):
        stated_ago = ago(reading.prose, said.at)
        if stated_ago and -_AFTER_DETECTION <= detected - stated_ago.at <= _LONGEST_LEAD:
            yield 0.4 + marked / 10, stated_ago


def _weight(reading: Reading, stated: Stated, begins: int, ends: int) -> float:
    """How much the words around a time call it a beginning; nothing without such words."""
    text = reading.said.text
    before = re.split(r"[.!?…]\s|\n", text[max(begins, stated.start - _AROUND) : stated.start])[-1]
    first = words.FIRST.search(before)
    if first is not None and len(before[first.end() :].strip()) <= _FIRST_REACH:
        if _TOLD_FIRST.match(before, first.end()):
            return 1.0
        return 3.0 if reading.has(words.SYMPTOM) or _CODE.search(before) else 2.5
    cue = _last(words.BEGIN, before)
    if cue is not None and len(before[cue.end() :].strip()) <= _CUE_REACH:
        started = re.match(r"start|beg|come|empez|comenz|onset|broke", cue[0], re.IGNORECASE)
        return 3.0 if started else 2.0
    behind = text[stated.end : stated.end + 40]
    if _BEHIND.match(behind):
        return 2.5
    if _RANGE.match(text[stated.end : ends]) and ends < len(text) and _counts(reading):
        return 1.5
    if stated.exact and reading.has(words.BROKE) and _BROKE_THEN.search(reading.prose):
        return 1.0
    return 0.0


def _counts(reading: Reading) -> bool:
    """Whether a range of time is told of a failure, and not of a shift or a planned work."""
    if reading.has(words.PLANNED):
        return False
    return reading.has(words.SYMPTOM) or reading.has(words.HARM) or reading.has(words.SCOPE)


def _last(pattern: Phrases, text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)
