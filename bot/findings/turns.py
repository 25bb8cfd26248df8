"""When it ended: every sign that it was over or that it was back, and the first end that lasted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.moment import Moment
from bot.findings import words
from bot.findings.clock import Stated
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim, Meaning
from bot.findings.relapse import comes_back, no_better
from bot.findings.signs import calm_since, ends_at, quiet_for_s, quiet_now, quiet_since, works_now

_NEGATED = re.compile(
    r"(?:\b(?:not|never|isn't|aren't|wasn't|until|once|when|if|before|should be|will be|n[aã]o"
    r"|ainda|noch|nicht|no|todav[ií]a)\s+(?:\w+\s+){0,2})$",
    re.IGNORECASE,
)
_DONE = re.compile(r"\W*(?:done|feito|pronto|hecho|listo|erledigt)\b\s*[,:;.–—-]", re.IGNORECASE)

# A quick look for words that figures of calm are told with.
_FIGURES = re.compile(
    r"now|again|back to|normal|usual|baseline|!|wieder|jetzt|agora|ahora|novo|nuevo|novamente|otra vez"
    r"|for (?:me|us|all|every)|fine|ok|\bya\b|\bj[aá]\b|stable|falling|dropping|est[aá]|stabil|f[aä]llt"
    r"|\b0 |\b0[.,]\d|zero|minut|\bmin\b|hour|\bhoras?\b|stunde"
    r"|^\W*(?:all|every|tod|alle)"
)


@dataclass(frozen=True)
class Turn:
    """A sign that it is over, or that it is back.

    `run` is set where a run of the bot is the sign, `told` where a person is: it may be later than `at`.
    `soft` is said of what was tried, so that it counts only where an end is told afterwards.
    """

    at: datetime
    over: bool
    claim: Claim
    run: str = ""
    marked: bool = False
    order: datetime | None = None
    told: datetime | None = None
    soft: bool = False


def turns_of(dossier: Dossier, since: datetime | None) -> tuple[Turn, ...]:
    """Every sign after a moment, in order of time."""
    since = since or dossier.first_sign
    found: list[Turn] = []
    for moment in dossier.case.moments:
        turn = _turn_of(dossier, moment)
        if turn is not None:
            found.append(turn)
    for reading in dossier.readings:
        said_turn = _turn_said(dossier, reading)
        if said_turn is not None:
            found.append(said_turn)
    later = (one for one in found if since is None or one.at > since)
    return tuple(sorted(later, key=lambda one: one.order or one.at))


def mitigation(turns: tuple[Turn, ...]) -> Turn | None:
    """The first sign of recovery after which it did not come back.

    None where it came back and no recovery followed.
    """
    latest = _after_last_return(turns)
    marked = next((one for one in latest if one.marked), None)
    firm = next((one for one in latest if one.run or one.claim.evidence[0].startswith("m")), None)
    return marked or firm or next(iter(latest), None)


def late_runs(dossier: Dossier, turns: tuple[Turn, ...]) -> frozenset[str]:
    """The verified runs that came when people had already said that it was over: no fix is theirs."""
    began = {one.run: one.when for one in dossier.moments("run-started")}
    late: set[str] = set()
    calm: datetime | None = None
    for turn in turns:
        if turn.run:
            if calm is not None and began.get(turn.run, turn.at) > calm:
                late.add(turn.run)
        elif not turn.over:
            calm = None
        elif calm is None and turn.claim.evidence[0].startswith("m"):
            calm = turn.order or turn.at
    return frozenset(late)


def _after_last_return(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    ends = [index for index, one in enumerate(turns) if one.over]
    last = ends[-1] if ends else -1
    back = max(
        (
            index
            for index, one in enumerate(turns)
            if not one.over and not (one.soft and index > last) and not _denied(one, turns)
        ),
        default=-1,
    )
    return tuple(one for one in turns[back + 1 :] if one.over)


def _denied(back: Turn, turns: tuple[Turn, ...]) -> bool:
    """Whether somebody told later that it had been quiet since before: "0 errors since 14:28"."""
    if not back.claim.evidence[0].startswith("m"):
        return False
    return any(one.over and one.told is not None and one.at <= back.at < one.told for one in turns)


def _turn_of(dossier: Dossier, moment: Moment) -> Turn | None:
    claim = Claim(moment.what, dossier.proof(moment), moment.when)
    if moment.kind == "run-verified" and not words.LOOKING_RUN.search(moment.what):
        marked = Meaning.FIXED in dossier.marks(moment)
        return Turn(moment.when, True, replace(claim, deed=True), moment.run or "run", marked)
    if moment.kind == "alert-resolved":
        return Turn(moment.when, True, claim)
    if moment.kind in ("alert-fired", "incident-reopened"):
        return Turn(moment.when, False, claim)
    return None


def _turn_said(dossier: Dossier, reading: Reading) -> Turn | None:
    said = reading.said
    if not reading.usable or dossier.about_another(said.text):
        return None
    told = reading.has(words.STRONG_OVER) or reading.has(words.OVER) or reading.has(words.FIX)
    marked = Meaning.FIXED in said.marks and Meaning.ACTION not in said.marks and told
    strong = reading.plainly(words.STRONG_OVER)
    if not marked and not strong:
        back = comes_back(reading)
        if back or no_better(reading):
            return Turn(said.at, False, dossier.quote(said), soft=not back)
    times = [one for one in dossier.times_in(said) if one.at <= said.at]
    if not told and not times and not _FIGURES.search(reading.lowered):
        return None
    shown = _shown(dossier, reading, times)
    if shown is not None:
        return _turn(dossier, reading, shown, marked)
    sentence = strong or reading.plainly(words.OVER)
    if not marked and not sentence:
        return None
    hit = words.OVER.search(sentence) or words.STRONG_OVER.search(sentence)
    if not marked and (hit is None or _NEGATED.search(sentence[: hit.start()])):
        return None
    leads = hit is not None and hit.start() <= 12
    if not marked and not words.STRONG_OVER.search(sentence) and not (times and leads):
        return None
    recent = times and said.at - times[-1].at <= timedelta(minutes=60)
    return _turn(dossier, reading, times[-1].at if recent else said.at, marked)


def _turn(dossier: Dossier, reading: Reading, at: datetime, marked: bool) -> Turn:
    said = reading.said
    # A time told to the minute lies after what happened within that minute.
    order = min(said.at, at + timedelta(seconds=59)) if at != said.at and at.second == 0 else at
    deed = marked or reading.find(words.FIX) is not None or _DONE.match(said.text) is not None
    return Turn(at, True, replace(dossier.quote(said), at=at, deed=deed), "", marked, order, said.at)


def _shown(dossier: Dossier, reading: Reading, times: Sequence[Stated]) -> datetime | None:
    """The moment from which the figures, or those who tried it, show that it was over."""
    said = reading.said
    for time in times:
        before, behind = said.text[: time.start].lower(), said.text[time.end : time.end + 60].lower()
        if ends_at(before, behind, said.text.lower()):
            return time.at
    for sentence in reading.sentences:
        low = sentence.lower()
        if sentence.rstrip().endswith("?") or words.HEDGE.search(low):
            continue
        own = [
            one.at
            for one in times
            if said.text.find(sentence) <= one.start < said.text.find(sentence) + len(sentence)
        ]
        # "the database is healthy since 14:15" may only answer a guess.
        if own and (quiet_since(low) or (calm_since(low) and not dossier.answers_guess(reading))):
            return own[-1]
        lasting = quiet_for_s(low)
        if lasting is not None:
            return said.at - timedelta(seconds=lasting)
        if quiet_now(low) or works_now(low):
            return own[-1] if own else said.at
    return None
