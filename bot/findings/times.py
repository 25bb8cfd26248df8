"""When it began, was noticed, taken, eased and closed: the bot's entries first, then people's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.findings import words
from bot.findings.clock import Stated, ago, stated_times
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim, Times
from bot.findings.turns import Turn, late_runs, mitigation, turns_of

_BEFORE_ALERT = timedelta(minutes=45)
_LONGEST_LEAD = timedelta(hours=30)
_RANGE = re.compile(r"^\s*(?:-|–|to|until|till|até|a|bis|hasta)\s*(?:as |às |las |a las )?$", re.IGNORECASE)
# A quick look that spares most messages the dearer reading.
_TIMELY = re.compile(
    r"\d[:h]\d\d|\dh\b|\d\s?(?:[aApP]\.?[mM]\b|[Uu]hr\b)|\d.*\b(?:ago|atr[aá]s)\b|\b(?:[hH]á|[hH]ace|[vV]or)\b.*\d"
)
_STAGING = re.compile(r"\b(?:staging|dev|sandbox|homolog\w*|test (?:env\w*|system))\b", re.IGNORECASE)


def read_times(dossier: Dossier, identified: Claim | None) -> Times:
    """Every time that the record gives; what nobody said stays None."""
    detected = _detected(dossier)
    turns = turns_of(dossier, detected.at if detected else None)
    mitigated = mitigation(turns)
    resolved = _resolved(dossier, turns, mitigated)
    return Times(
        started=_started(dossier, detected),
        detected=detected,
        acknowledged=_acknowledged(dossier, detected),
        identified=identified,
        mitigated=mitigated.claim if mitigated else None,
        restored=_restored(dossier, turns, mitigated, resolved),
        resolved=resolved,
        late_runs=late_runs(dossier, turns),
    )


def _detected(dossier: Dossier) -> Claim | None:
    opened = dossier.moments("alert-fired", "incident-opened", "incident-declared")
    # The alert tells more than the incident that it opens in the same transaction.
    first = min(opened, key=lambda one: (one.at, one.kind != "alert-fired"), default=None)
    limit = first.when if first else None
    for reading in dossier.readings:
        said = reading.said
        if limit is not None and (said.at >= limit or limit - said.at > _BEFORE_ALERT):
            continue
        if reading.usable and _is_symptom(reading):
            return replace(dossier.quote(said, "reported by "), at=said.at)
    if first is not None:
        return Claim(first.what, dossier.proof(first), first.when)
    told = next((one.said for one in dossier.readings if one.said.by_bot), None)
    return dossier.quote(told) if told else None


def _is_symptom(reading: Reading) -> bool:
    prose = reading.prose
    return bool(words.SYMPTOM.search(prose) and words.SERVICE.search(prose) and not _STAGING.search(prose))


def _acknowledged(dossier: Dossier, detected: Claim | None) -> Claim | None:
    taken = dossier.moments("incident-acknowledged")
    if taken:
        return Claim(taken[0].what, dossier.proof(taken[0]), taken[0].when)
    for reading in dossier.readings:
        if detected and detected.at and reading.said.at <= detected.at:
            continue
        if reading.usable and len(reading.prose) < 120 and reading.plainly(words.TAKING):
            return dossier.quote(reading.said)
    return None


def _started(dossier: Dossier, detected: Claim | None) -> Claim | None:
    if detected is None or detected.at is None:
        return None
    weights: dict[datetime, float] = {}
    best: dict[datetime, tuple[float, Stated, Reading]] = {}
    for order, reading in enumerate(dossier.readings):
        for weight, stated in _start_hints(dossier, reading, detected.at):
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


def _start_hints(dossier: Dossier, reading: Reading, detected: datetime) -> Iterator[tuple[float, Stated]]:
    said = reading.said
    if not _TIMELY.search(said.text) or not reading.usable or (reading.asking and reading.hedged):
        return
    marked = 1.5 if said.marks else 0.0
    doubt = 0.3 if reading.hedged else 1.0
    times = stated_times(said.text, said.at, dossier.watch(said.author))
    for index, stated in enumerate(times):
        if not detected - _LONGEST_LEAD <= stated.at <= detected + timedelta(seconds=90):
            continue
        before = said.text[max(0, stated.start - 40) : stated.start]
        cue = _last(words.BEGIN, before)
        between = said.text[stated.end : times[index + 1].start] if index + 1 < len(times) else ""
        opens_range = _RANGE.match(between) is not None
        if cue is not None and len(before[cue.end() :].strip()) <= 14:
            first = (
                2.0
                if re.match(r"first|primeir|primer|erst|start|beg|come|empez|comenz|onset", cue[0], re.I)
                else 1.0
            )
            yield (1.0 + first + marked) * doubt, stated
        elif opens_range:
            yield (1.5 + marked) * doubt, stated
        elif (
            stated.exact
            and words.BROKE.search(said.text)
            and re.search(r"expired|crash|died|stopp|fail", said.text, re.I)
        ):
            yield 1.0 + marked, stated
    if (not times and reading.find(words.BROKE)) or reading.find(words.SYMPTOM):
        stated_ago = ago(reading.prose, said.at)
        if stated_ago and detected - _LONGEST_LEAD <= stated_ago.at <= detected + timedelta(seconds=90):
            yield 0.4 + marked / 10, stated_ago


def _last(pattern: words.Phrases, text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _restored(
    dossier: Dossier, turns: tuple[Turn, ...], mitigated: Turn | None, resolved: Claim | None
) -> Claim | None:
    """The last run that mended something, where the alert went quiet only after it; else the mitigation."""
    if mitigated is None:
        return None
    quiet = [one.when for one in dossier.moments("alert-resolved")]
    until = max(quiet) if quiet else None
    end = resolved.at if resolved else None
    later = [
        one
        for one in turns
        if one.run and mitigated.run and one.at > mitigated.at
        and (until is None or one.at < until) and (end is None or one.at <= end)
    ]  # fmt: skip
    return later[-1].claim if later and until is not None else mitigated.claim


def _resolved(dossier: Dossier, turns: tuple[Turn, ...], mitigated: Turn | None) -> Claim | None:
    ended = dossier.moments("incident-resolved")
    reopened = dossier.moments("incident-reopened")
    if ended and not (reopened and reopened[-1].at > ended[-1].at):
        return Claim(ended[-1].what, dossier.proof(ended[-1]), ended[-1].when)
    back = [one.at for one in turns if not one.over]
    after = max([*back, *([mitigated.at] if mitigated else [])], default=None)
    found = [reading for reading in dossier.readings if reading.usable and _closes(reading)]
    late = [reading for reading in found if after is None or reading.said.at >= after]
    chosen = late[0] if late else (found[-1] if found else None)
    return dossier.quote(chosen.said) if chosen else None


def _closes(reading: Reading) -> bool:
    for sentence in reading.sentences:
        hit = words.CLOSING.search(sentence)
        if (
            hit
            and not sentence.rstrip().endswith("?")
            and not words.NOT_CLOSING.search(sentence[: hit.start()])
        ):
            return True
    return False
