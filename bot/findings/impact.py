"""What customers felt: marked messages first, then plain statements with numbers."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from bot.findings import words
from bot.findings.clock import stated_times
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim, Meaning, Times

_LINES = 7
_ENOUGH = 4.0
_PERCENT = re.compile(r"\d\s?%|\d\s?(?:ms|s)\b")
_WINDOW = re.compile(
    r"\d{1,2}[:h]\d\d\s*(?:-|–|to|and|until|até|a|e|y|bis|und)\s*(?:as |às |las )?\d{1,2}[:h]\d\d",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\b(?:total|in all|altogether|final|insgesamt|no total|en total)\b", re.IGNORECASE)
_UNHARMED = re.compile(
    r"\b(?:not affected|unaffected|(?:is|are|people) (?:fine|ok)|looks? (?:exactly )?(?:like"
    r"|normal)|no (?:data )?loss|nothing lost|nada perdido"
    r"|n[aã]o afet\w+|no afect\w+|nicht betroffen)\b",
    re.IGNORECASE,
)


def find_impact(dossier: Dossier, times: Times, title: str, cause: Collection[str] = ()) -> tuple[Claim, ...]:
    """How long and whom it hurt, the strongest statements in order of time."""
    scored = [
        (_score(dossier, reading), index)
        for index, reading in enumerate(dossier.readings)
        if reading.said.ref not in cause or Meaning.IMPACT in reading.said.marks
    ]
    best = sorted((one for one in scored if one[0] >= _ENOUGH), reverse=True)[:_LINES]
    said = [dossier.quote(dossier.readings[index].said) for _, index in sorted(best, key=lambda one: one[1])]
    window = _window(times, title)
    return ((window,) if window else ()) + tuple(said)


def duration(times: Times) -> timedelta | None:
    """From the beginning (or, where nobody said, the detection) to the end of the impact."""
    begin = times.started or times.detected
    end = times.restored or times.mitigated or times.resolved
    if begin is None or end is None or begin.at is None or end.at is None or end.at < begin.at:
        return None
    return end.at - begin.at


def _window(times: Times, title: str) -> Claim | None:
    begin, end = times.started or times.detected, times.mitigated
    if begin is None or end is None or begin.at is None or end.at is None or end.at < begin.at:
        return None
    minutes = (end.at - begin.at).total_seconds() / 60
    what = "from its beginning" if times.started else "from its detection (when it began is not recorded)"
    text = (
        f"{title}: {begin.at:%H:%M} to {end.at:%H:%M} UTC, {what} to its mitigation"
        f" (computed: about {_half(minutes)} minutes)"
    )
    last = times.restored
    evidence = [*begin.evidence, *end.evidence]
    if last is not None and last.at is not None and last.at > end.at:
        text += f"; fully restored at {last.at:%H:%M} UTC"
        evidence += last.evidence
    return Claim(text, tuple(dict.fromkeys(evidence)))


def _half(minutes: float) -> str:
    halves = round(minutes * 2) / 2
    return f"{halves:.0f}" if halves == int(halves) else f"{halves:.1f}"


def _score(dossier: Dossier, reading: Reading) -> float:
    said = reading.said
    if Meaning.IMPACT in said.marks and not reading.injected:
        return 20.0
    if (
        not reading.usable
        or dossier.first_sign is None
        or Meaning.ACTION in said.marks
        or Meaning.CAUSE in said.marks
    ):
        return 0.0
    if said.at < dossier.first_sign - timedelta(minutes=45) or (reading.asking and not reading.numbers):
        return 0.0
    return _wording(dossier, reading)


def _turns(reading: Reading) -> bool:
    """It says that the trouble came or went."""
    return bool(reading.plainly(words.AGAIN) or reading.plainly(words.OVER))


def _wording(dossier: Dossier, reading: Reading) -> float:
    prose, said = reading.prose, reading.said
    scope = reading.find(words.SCOPE)
    if not scope and not reading.numbers:
        return 0.0
    score = 0.0
    score += 2.0 if scope else 0.0
    score += 1.5 if reading.find(words.HARM) else 0.0
    score += 1.0 if scope and reading.find(words.SYMPTOM) else 0.0
    score += 1.5 if scope and reading.numbers else 0.0
    score += 1.0 if reading.find(_PERCENT) and reading.numbers else 0.0
    score += 2.0 if reading.find(_UNHARMED) and scope else 0.0
    score += 2.0 if reading.find(_WINDOW) and reading.find(_PERCENT) else 0.0
    clocks = sum(":" in number for number in reading.numbers)
    score += 4.0 if clocks and len(reading.numbers) > clocks and len(prose) < 90 and _turns(reading) else 0.0
    score += 1.0 if reading.find(_TOTAL) and reading.numbers else 0.0
    score += 2.0 if Meaning.NOTABLE in said.marks and scope and reading.numbers else 0.0
    score += 1.0 if said.ref in dossier.corrected else 0.0
    if reading.find(words.STRONG_OVER) or reading.find(words.OVER):
        peak = stated_times(said.text, said.at, dossier.watch(said.author))
        score -= 0.0 if peak else 2.0
    if reading.hedged or words.EXPLICIT_ACTION.match(prose) or words.IMPERATIVE.match(prose):
        score -= 2.5
    score -= 2.5 if reading.denying and not reading.find(_UNHARMED) and dossier.rules_out(reading) else 0.0
    return score - (2.0 if reading.asking else 0.0)
