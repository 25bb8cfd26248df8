"""How it was mended, what was learned and what else happened: from runs, marks and plain words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.moment import Moment
from bot.findings import words
from bot.findings.deeds import stayed_well, unmended_by
from bot.findings.dossier import Dossier, shorten
from bot.findings.reading import Reading
from bot.findings.records import Claim, Meaning, Times
from bot.findings.reversals import taken_back

_LESSONS = 8
_SHOWN = 8
_EVENTS = 120
_NOTEWORTHY = 2.0
_TERSE = 48
_CREDIT = timedelta(minutes=45)
_ADORNMENT = re.compile(r":[a-z_]{2,40}:\s*|[*]")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_RUN_ENDS = ("run-verified", "run-failed", "run-undone", "run-stopped")
_ROUTINE = frozenset(
    {"guard-passed", "step-done", "check-passed", "mark-added", "mark-removed", "message-posted"}
    | {"message-edited", "report-drafted", "press-refused", "setting-missing"}
    | {"action-item-changed", "action-item-reminded"}
    | {"report-edited", "report-reviewed", "report-published", "cost-measured"}
)


def find_resolution(dossier: Dossier, times: Times, deeds: Sequence[Reading]) -> tuple[Claim, ...]:
    """Runs with how they ended, what people did by hand, and how it was closed."""
    claims: list[Claim] = []
    for moment in dossier.moments(*_RUN_ENDS):
        if words.LOOKING_RUN.search(moment.what):
            continue
        text = moment.what
        if moment.run in times.late_runs and moment.kind == "run-verified":
            text += " (after the impact was already over: not credited as the fix)"
        useless = unmended_by(dossier, moment) if moment.kind == "run-verified" else None
        text += f' (afterwards {useless.who}: "{shorten(useless.text, 120)}")' if useless else ""
        proof = (*dossier.proof(moment), *((useless.ref,) if useless else ()))
        claims.append(Claim(text, proof, moment.when))
        claims += _evidence(dossier, moment)
    claims += [dossier.quote(reading.said) for reading in deeds]
    claims += [dossier.quote(reading.said) for reading in stayed_well(dossier, times)]
    claims = list({claim.evidence: claim for claim in claims}.values())
    told = {ref for claim in claims for ref in claim.evidence}
    for ending in (times.mitigated, times.resolved):
        if ending is not None and not set(ending.evidence) & told:
            claims.append(ending)
    return tuple(sorted(claims, key=_time_of))


def _evidence(dossier: Dossier, ended: Moment) -> list[Claim]:
    """What a run's steps and checks showed, as the journal has it."""
    shown = [one for one in dossier.moments("step-done", "check-passed") if one.run == ended.run != ""]
    return [Claim(one.what, dossier.proof(one), one.when) for one in shown[:_SHOWN] if one.at <= ended.at]


def find_lessons(dossier: Dossier, times: Times, cause: Collection[str] = ()) -> tuple[Claim, ...]:
    """What people said they learned or lacked, and what the times themselves show."""
    found = [one for one in dossier.readings if one.said.ref not in cause and _teaches(dossier, one)]
    found.sort(key=lambda one: (Meaning.LESSON not in one.said.marks, one.said.at))
    claims = [dossier.quote(one.said) for one in sorted(found[:_LESSONS], key=lambda one: one.said.at)]
    first = _people_first(dossier, times)
    return (first, *claims) if first else tuple(claims)


def _teaches(dossier: Dossier, reading: Reading) -> bool:
    if reading.injected or reading.said.by_bot:
        return False
    if Meaning.LESSON in reading.said.marks:
        return True
    marks = reading.said.marks
    if not reading.usable or reading.asking or Meaning.ACTION in marks or Meaning.CAUSE in marks:
        return False
    if dossier.first_sign is None or reading.said.at < dossier.first_sign:
        return False
    return reading.find(words.LESSON) is not None and len(reading.prose) > 25


def _people_first(dossier: Dossier, times: Times) -> Claim | None:
    alerts = dossier.moments("alert-fired")
    noticed = times.detected
    if not alerts or noticed is None or noticed.at is None or noticed.evidence[0].startswith("e"):
        return None
    ahead = (alerts[0].when - noticed.at).total_seconds()
    text = (
        f"People noticed it {ahead:.0f} s before the first alert ({alerts[0].alert or 'the monitor'}) fired."
    )
    return Claim(text, (*noticed.evidence, *dossier.proof(alerts[0]))) if ahead > 0 else None


def find_events(dossier: Dossier) -> tuple[tuple[Claim, ...], int]:
    """The detailed timeline: the bot's entries and what people said that matters; and how much it omits."""
    scored = [(_noteworthy(dossier, reading), index) for index, reading in enumerate(dossier.readings)]
    good = sorted((one for one in scored if one[0] >= _NOTEWORTHY), reverse=True)
    echoed = {said.ref for said in dossier.echoes.values()}
    kept = [
        dossier.readings[index]
        for _, index in good[:_EVENTS]
        if dossier.readings[index].said.ref not in echoed
    ]
    claims = [_in_context(dossier, one) for one in kept]
    moments = [one for one in dossier.case.moments if one.kind not in _ROUTINE]
    claims += [_entry(dossier, one) for one in moments[:_EVENTS]]
    claims.sort(key=_time_of)
    people = sum(not one.said.by_bot for one in dossier.readings)
    shown = sum(not one.said.by_bot for one in kept)
    return tuple(claims), people - shown + max(0, len(moments) - _EVENTS)


def _noteworthy(dossier: Dossier, reading: Reading) -> float:
    said, prose = reading.said, reading.prose
    if reading.injected:
        return 0.0
    if said.by_bot:
        return 3.0
    if said.marks:
        return 6.0
    if dossier.withdrawn(reading):
        return 0.0
    if dossier.first_sign is None or (said.at < dossier.first_sign and not reading.find(words.SYMPTOM)):
        return 0.0
    if reading.off_topic or not (reading.numbers or reading.keywords):
        return 0.0
    score = 1.0 if reading.numbers else 0.0
    score += 1.0 if said.text != prose and "`" in said.text else 0.0
    score += 1.0 if len(prose) >= 40 else 0.0
    score += 1.0 if reading.denying else 0.0
    score += 2.0 if reading.find(words.FOUND) else 0.0
    score += 1.0 if reading.find(words.FIX) or reading.find(words.BROKE) else 0.0
    turning = reading.find(words.CLOSING) or reading.find(words.STRONG_OVER) or reading.find(words.AGAIN)
    score += 2.0 if turning else 0.0
    score += 1.0 if any(":" in number for number in reading.numbers) else 0.0
    score += 1.0 if reading.find(words.SCOPE) else 0.0
    score += 3.0 if said.ref in dossier.corrected else 0.0
    score += 2.0 if reading.find(words.OUTSIDERS) else 0.0
    score += 2.0 if reading.find(words.SYMPTOM) and reading.find(words.SERVICE) else 0.0
    score -= 1.0 if reading.asking else 0.0
    return score - (3.0 if reading.joking else 0.0)


def _entry(dossier: Dossier, moment: Moment) -> Claim:
    """An entry, with the bot's message about it where that carries numbers which the entry lacks."""
    echo = dossier.echoes.get(moment.evidence)
    text = f'{moment.who} noted: "{moment.what}"' if moment.kind == "note-added" else moment.what
    if echo is not None and echo.by_bot:
        lacking = set(_FIGURE.findall(echo.text)) - set(_FIGURE.findall(moment.what))
        told = _ADORNMENT.sub("", echo.text)
        text += f' (told as: "{shorten(told, 200)}")' if lacking else ""
    return Claim(text, dossier.proof(moment), moment.when)


def _in_context(dossier: Dossier, reading: Reading) -> Claim:
    """A short answer is told with the question that it answers."""
    claim = dossier.quote(reading.said)
    if _claims_cause(reading) and taken_back(dossier.readings, dossier.order[reading.said.ref]):
        claim = replace(claim, text=f"{claim.text} (taken back or denied later)")
    question = dossier.question_before(reading) if len(reading.prose) < _TERSE else None
    if question is None:
        return claim
    asked = f' (asked by {question.who}: "{shorten(question.text, 120)}")'
    return Claim(claim.text + asked, (*claim.evidence, question.ref), claim.at)


def _claims_cause(reading: Reading) -> bool:
    if Meaning.CAUSE in reading.said.marks:
        return True
    return reading.find(words.FOUND) is not None and reading.find(words.TAKING) is None


def find_fix(dossier: Dossier, times: Times, deeds: Sequence[Reading]) -> Claim | None:
    """The deed that the recovery is credited to: a run, a marked fix, or what was last done by hand."""
    end = times.mitigated
    if end is None or end.at is None or end.deed:
        return end
    near = [one for one in deeds if timedelta(0) <= end.at - one.said.at <= _CREDIT]
    return dossier.quote(near[-1].said) if near else None


def _time_of(claim: Claim) -> float:
    return claim.at.timestamp() if claim.at else 0.0
