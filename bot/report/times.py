"""When it began, was noticed, taken, eased and closed: from the bot's entries first, then from what people said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.report import words
from bot.report.bench import Bench
from bot.report.clock import Stated, ago, stated_times
from bot.report.reading import Reading
from bot.report.records import Claim, Meaning, Times
from bot.timeline import Moment

_BEFORE_ALERT = timedelta(minutes=45)
_LONGEST_LEAD = timedelta(hours=30)
_RANGE = re.compile(r"^\s*(?:-|–|to|until|till|até|a|bis|hasta)\s*(?:as |às |las |a las )?$", re.IGNORECASE)
_STAGING = re.compile(r"\b(?:staging|dev|sandbox|homolog\w*|test (?:env\w*|system))\b", re.IGNORECASE)
_NEGATED = re.compile(r"(?:\b(?:not|never|isn't|aren't|wasn't|until|once|when|if|before|should be|will be|n[aã]o|ainda|noch|nicht|no|todav[ií]a)\s+(?:\w+\s+){0,2})$", re.IGNORECASE)


@dataclass(frozen=True)
class Turn:
    """A sign that it is over, or that it is back. `run` is set where a run of the bot is the sign."""

    at: datetime
    over: bool
    claim: Claim
    run: str = ""
    marked: bool = False


def read_times(bench: Bench, identified: Claim | None) -> Times:
    """Every time that the record gives; what nobody said stays None."""
    detected = _detected(bench)
    turns = tuple(_turns(bench, detected))
    mitigated = _mitigated(turns)
    resolved = _resolved(bench, turns, mitigated)
    return Times(
        started=_started(bench, detected),
        detected=detected,
        acknowledged=_acknowledged(bench, detected),
        identified=identified,
        mitigated=mitigated.claim if mitigated else None,
        restored=_restored(bench, turns, mitigated, resolved),
        resolved=resolved,
    )


def fixing_runs(bench: Bench) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The verified runs that may be credited with the recovery, and those that came after it was over."""
    turns = tuple(_turns(bench, _detected(bench)))
    credited, late = [], []
    calm = False
    for turn in turns:
        if turn.run:
            (late if calm else credited).append(turn.run)
        elif turn.over:
            calm = calm or not turn.run and turn.claim.evidence[0].startswith("m") and not credited
        else:
            calm = False
            credited.clear()
    return tuple(credited), tuple(late)


def _detected(bench: Bench) -> Claim | None:
    alerts = [one for one in bench.case.moments if one.kind in ("alert-fired", "incident-opened", "incident-declared")]
    first = min(alerts, key=lambda one: one.at) if alerts else None
    limit = first.when if first else None
    for reading in bench.readings:
        said = reading.said
        if limit is not None and (said.at >= limit or limit - said.at > _BEFORE_ALERT):
            continue
        if reading.usable and _is_symptom(reading):
            return replace(bench.quote(said, "reported by "), at=said.at)
    if first is not None:
        return Claim(first.what, bench.proof(first), first.when)
    told = next((one.said for one in bench.readings if one.said.by_bot), None)
    return bench.quote(told) if told else None


def _is_symptom(reading: Reading) -> bool:
    prose = reading.prose
    return bool(words.SYMPTOM.search(prose) and words.SERVICE.search(prose) and not _STAGING.search(prose))


def _acknowledged(bench: Bench, detected: Claim | None) -> Claim | None:
    taken = bench.moments("incident-acknowledged")
    if taken:
        return Claim(taken[0].what, bench.proof(taken[0]), taken[0].when)
    for reading in bench.readings:
        if detected and detected.at and reading.said.at <= detected.at:
            continue
        if reading.usable and len(reading.prose) < 120 and reading.plainly(words.TAKING):
            return bench.quote(reading.said)
    return None


def _started(bench: Bench, detected: Claim | None) -> Claim | None:
    if detected is None or detected.at is None:
        return None
    weights: dict[datetime, float] = {}
    best: dict[datetime, tuple[float, Stated, Reading]] = {}
    for order, reading in enumerate(bench.readings):
        for weight, stated in _start_hints(bench, reading, detected.at):
            minute = stated.at.replace(second=0, microsecond=0)
            weights[minute] = weights.get(minute, 0.0) + weight
            rank = weight + (2.0 if stated.exact else 0.0) + order * 1e-6
            if minute not in best or rank > best[minute][0]:
                best[minute] = (rank, stated, reading)
    if not weights:
        return None
    minute = max(weights, key=lambda one: (weights[one], -one.timestamp()))
    _, stated, reading = best[minute]
    return replace(bench.quote(reading.said), at=stated.at)


def _start_hints(bench: Bench, reading: Reading, detected: datetime) -> Iterator[tuple[float, Stated]]:
    said = reading.said
    if not reading.usable or (reading.asking and reading.hedged):
        return
    marked = 1.5 if said.marks else 0.0
    doubt = 0.3 if reading.hedged else 1.0
    times = stated_times(said.text, said.at, bench.watch(said.author))
    for index, stated in enumerate(times):
        if not detected - _LONGEST_LEAD <= stated.at <= detected + timedelta(seconds=90):
            continue
        before = said.text[max(0, stated.start - 40) : stated.start]
        cue = _last(words.BEGIN, before)
        between = said.text[stated.end : times[index + 1].start] if index + 1 < len(times) else ""
        opens_range = _RANGE.match(between) is not None
        if cue is not None and len(before[cue.end() :].strip()) <= 14:
            first = 2.0 if re.match(r"first|primeir|primer|erst|start|beg|come|empez|comenz|onset", cue[0], re.I) else 1.0
            yield (1.0 + first + marked) * doubt, stated
        elif opens_range:
            yield (1.5 + marked) * doubt, stated
        elif stated.exact and words.BROKE.search(said.text) and re.search(r"expired|crash|died|stopp|fail", said.text, re.I):
            yield 1.0 + marked, stated
    if not times and words.BROKE.search(reading.prose) or words.SYMPTOM.search(reading.prose):
        stated_ago = ago(reading.prose, said.at)
        if stated_ago and detected - _LONGEST_LEAD <= stated_ago.at <= detected + timedelta(seconds=90):
            yield 0.4 + marked / 10, stated_ago


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found


def _turns(bench: Bench, detected: Claim | None) -> list[Turn]:
    since = detected.at if detected and detected.at else bench.first_sign
    found: list[Turn] = []
    for moment in bench.case.moments:
        turn = _turn_of(bench, moment)
        if turn is not None:
            found.append(turn)
    for reading in bench.readings:
        said_turn = _turn_said(bench, reading)
        if said_turn is not None:
            found.append(said_turn)
    return sorted((one for one in found if since is None or one.at > since), key=lambda one: one.at)


def _turn_of(bench: Bench, moment: Moment) -> Turn | None:
    claim = Claim(moment.what, bench.proof(moment), moment.when)
    if moment.kind == "run-verified" and not words.LOOKING_RUN.search(moment.what):
        marked = Meaning.FIXED in bench.marks(moment)
        return Turn(moment.when, True, replace(claim, deed=True), moment.run or "run", marked)
    if moment.kind == "alert-resolved":
        return Turn(moment.when, True, claim)
    if moment.kind in ("alert-fired", "incident-reopened"):
        return Turn(moment.when, False, claim)
    return None


def _turn_said(bench: Bench, reading: Reading) -> Turn | None:
    said = reading.said
    if not reading.usable:
        return None
    marked = Meaning.FIXED in said.marks
    again = reading.plainly(words.AGAIN)
    if again and not marked:
        return Turn(said.at, False, bench.quote(said))
    sentence = reading.plainly(words.STRONG_OVER) or reading.plainly(words.OVER)
    if not marked and not sentence:
        return None
    times = [one.at for one in stated_times(said.text, said.at, bench.watch(said.author)) if one.at <= said.at]
    hit = words.OVER.search(sentence) or words.STRONG_OVER.search(sentence)
    strong = words.STRONG_OVER.search(sentence) is not None
    if not marked and (hit is None or _NEGATED.search(sentence[: hit.start()])):
        return None
    leads = hit is not None and hit.start() <= 12
    if not marked and not strong and not (times and leads):
        return None
    at = times[-1] if times and said.at - times[-1] <= timedelta(minutes=60) else said.at
    deed = marked or words.FIX.search(reading.prose) is not None
    return Turn(at, True, replace(bench.quote(said), at=at, deed=deed), marked=marked)


def _mitigated(turns: tuple[Turn, ...]) -> Turn | None:
    """The first sign of recovery after which it did not come back."""
    latest = _after_last_return(turns) or tuple(one for one in turns if one.over)[-1:]
    marked = next((one for one in latest if one.marked), None)
    firm = next((one for one in latest if one.run or one.claim.evidence[0].startswith("m")), None)
    return marked or firm or next(iter(latest), None)


def _after_last_return(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    back = max((index for index, one in enumerate(turns) if not one.over), default=-1)
    return tuple(one for one in turns[back + 1 :] if one.over)


def _restored(bench: Bench, turns: tuple[Turn, ...], mitigated: Turn | None, resolved: Claim | None) -> Claim | None:
    """The last run that mended something, where the alert went quiet only after it; else the mitigation."""
    if mitigated is None:
        return None
    quiet = [one.when for one in bench.moments("alert-resolved")]
    until = max(quiet) if quiet else None
    end = resolved.at if resolved else None
    later = [
        one
        for one in turns
        if one.run and mitigated.run and one.at > mitigated.at
        and (until is None or one.at < until) and (end is None or one.at <= end)
    ]  # fmt: skip
    return later[-1].claim if later and until is not None else mitigated.claim


def _resolved(bench: Bench, turns: tuple[Turn, ...], mitigated: Turn | None) -> Claim | None:
    ended = bench.moments("incident-resolved")
    reopened = bench.moments("incident-reopened")
    if ended and not (reopened and reopened[-1].at > ended[-1].at):
        return Claim(ended[-1].what, bench.proof(ended[-1]), ended[-1].when)
    back = [one.at for one in turns if not one.over]
    after = max([*back, *([mitigated.at] if mitigated else [])], default=None)
    found = [reading for reading in bench.readings if reading.usable and _closes(reading)]
    late = [reading for reading in found if after is None or reading.said.at >= after]
    chosen = late[0] if late else (found[-1] if found else None)
    return bench.quote(chosen.said) if chosen else None


def _closes(reading: Reading) -> bool:
    for sentence in reading.sentences:
        hit = words.CLOSING.search(sentence)
        if hit and not sentence.rstrip().endswith("?") and not words.NOT_CLOSING.search(sentence[: hit.start()]):
            return True
    return False
