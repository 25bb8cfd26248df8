"""A draft from a case: pure, no model, nothing invented. What nobody said stays open."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.findings import words
from bot.findings.cause import find_cause
from bot.findings.contributing import contributing
from bot.findings.deeds import by_hand
from bot.findings.dossier import Dossier, lay_out, shorten
from bot.findings.follow_ups import find_follow_ups
from bot.findings.impact import find_impact
from bot.findings.promises import against
from bot.findings.records import Case, Claim, Report, Source, Times
from bot.findings.resolution import find_events, find_fix, find_lessons, find_resolution
from bot.findings.retrospect import looks
from bot.findings.suspicions import suspicions
from bot.findings.times import read_times


def draft(case: Case) -> Report:
    """Read a case into the plan's incident template, every claim with the labels of what proves it."""
    dossier = lay_out(case)
    cause, identified = find_cause(dossier)
    times = read_times(dossier, identified)
    stated = frozenset(ref for claim in cause for ref in claim.evidence)
    title = case.title or (shorten(times.detected.text, 120) if times.detected else "")
    impact = find_impact(dossier, times, title or case.ref, stated)
    deeds = by_hand(dossier, times)
    resolution = find_resolution(dossier, times, deeds)
    follow_ups = find_follow_ups(dossier, times)
    lessons = find_lessons(dossier, times, stated)
    events, left_out = find_events(dossier)
    suspected = suspicions(dossier)
    severity = _severity(dossier)
    kept = against(dossier, times)
    looked = looks(dossier, kept, lessons)
    alerts = contributing(dossier)
    cost = _cost(dossier)
    claims = [
        *(one.said for one in kept),
        *looked.well,
        *looked.badly,
        *looked.lucky,
        *([cost] if cost else []),
        *impact,
        *cause,
        *resolution,
        *lessons,
        *events,
        *_all(times),
        *([severity] if severity else []),
    ]
    claims += [one.said for one in suspected] + [answer for one in suspected for answer in one.answers]
    used = {ref for claim in claims for ref in claim.evidence} | {
        ref for one in follow_ups for ref in one.evidence
    }
    used |= {ref for one in alerts for ref in one.evidence}
    notes = _notes(dossier)
    used |= {ref for note in notes for ref in note.evidence}
    return Report(
        ref=case.ref,
        title=title,
        severity=severity,
        fix=find_fix(dossier, times, deeds),
        times=times,
        impact=impact,
        cause=cause,
        cause_known=identified is not None,
        resolution=resolution,
        follow_ups=follow_ups,
        lessons=lessons,
        events=events,
        suspicions=suspected,
        notes=notes,
        sources=_sources(dossier, used),
        left_out=left_out,
        kept=kept,
        alerts=alerts,
        cost=cost,
        looks=looked,
    )


def _all(times: Times) -> list[Claim]:
    begin = (times.started, times.detected, times.acknowledged, times.identified)
    return [one for one in (*begin, times.mitigated, times.restored, times.resolved) if one is not None]


def _cost(dossier: Dossier) -> Claim | None:
    """What was last measured of its cost, where the plan names a metric."""
    measured = dossier.moments("cost-measured")
    return Claim(measured[-1].what, dossier.proof(measured[-1]), measured[-1].when) if measured else None


def _severity(dossier: Dossier) -> Claim | None:
    """The severity that stood at the end, and how it came to it."""
    graded = [one for one in dossier.case.moments if one.severity.startswith("SEV")]
    last = graded[-1] if graded else None
    said = _severity_said(dossier, last.at if last else "")
    if said is not None:
        return said
    if last is None:
        return _severity_named(dossier) if dossier.case.severity else None
    return Claim(
        f"{last.severity} ({last.what})" if last.severity not in last.what[:8] else last.what,
        dossier.proof(last),
    )


def _severity_named(dossier: Dossier) -> Claim:
    """The severity that the record was handed over with, and who first gave it in the channel."""
    level = dossier.case.severity
    named = re.compile(rf"\bsev[- ]?{level[-1]}\b", re.IGNORECASE)
    for reading in dossier.readings:
        if reading.usable and not reading.asking and reading.has(named):
            return Claim(f"{level} ({dossier.quote(reading.said).text})", (reading.said.ref,))
    return Claim(level, ())


def _severity_said(dossier: Dossier, after: str) -> Claim | None:
    """A person lowers or raises it in plain words and no entry of the bot follows."""
    for reading in reversed(dossier.readings):
        hit = reading.find(words.REGRADED)
        if (
            hit
            and reading.usable
            and not reading.asking
            and reading.said.at.isoformat() > after.replace("Z", "+00:00")
        ):
            level = f"SEV-{hit['level']}"
            claim = dossier.quote(reading.said)
            return Claim(f"{level} ({claim.text})", claim.evidence)
    return None


def _notes(dossier: Dossier) -> tuple[Claim, ...]:
    """Messages that speak to the report instead of the people: named, never obeyed nor repeated."""
    found = [one.said for one in dossier.readings if one.injected and not one.said.by_bot]
    return tuple(
        Claim(
            f"A message of {one.who} is addressed to the report's writer; it was not followed.",
            (one.ref,),
            one.at,
        )
        for one in found[:20]
    )


def _sources(dossier: Dossier, used: Iterable[str]) -> tuple[Source, ...]:
    wanted = set(used)
    found: list[Source] = []
    for moment in dossier.case.moments:
        if moment.evidence in wanted and moment.evidence.startswith("e"):
            found.append(Source(moment.evidence, moment.when, moment.who, f"journal, {moment.kind}"))
    for said in dossier.case.said:
        if said.ref in wanted:
            marks = tuple(f"{meaning.value} by {', '.join(names)}" for meaning, names in said.marks.items())
            found.append(Source(said.ref, said.at, said.who, f"message {said.place}", marks, said.edited))
    return tuple(sorted(found, key=lambda one: (one.at, one.ref)))
