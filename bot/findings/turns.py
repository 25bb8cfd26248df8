"""When it ended: every sign that it was over or that it was back, and the first end that lasted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.moment import Moment
from bot.findings import words
from bot.findings.clock import stated_times
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim, Meaning

_NEGATED = re.compile(
    r"(?:\b(?:not|never|isn't|aren't|wasn't|until|once|when|if|before|should be|will be|n[aã]o"
    r"|ainda|noch|nicht|no|todav[ií]a)\s+(?:\w+\s+){0,2})$",
    re.IGNORECASE,
)
_DONE = re.compile(r"\W*(?:done|feito|pronto|hecho|listo|erledigt)\b\s*[,:;.–—-]", re.IGNORECASE)


@dataclass(frozen=True)
class Turn:
    """A sign that it is over, or that it is back. `run` is set where a run of the bot is the sign."""

    at: datetime
    over: bool
    claim: Claim
    run: str = ""
    marked: bool = False
    order: datetime | None = None


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
    """The first sign of recovery after which it did not come back."""
    latest = _after_last_return(turns) or tuple(one for one in turns if one.over)[-1:]
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
    back = max((index for index, one in enumerate(turns) if not one.over), default=-1)
    return tuple(one for one in turns[back + 1 :] if one.over)


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
    if not reading.usable:
        return None
    told = reading.has(words.STRONG_OVER) or reading.has(words.OVER) or reading.has(words.FIX)
    marked = Meaning.FIXED in said.marks and Meaning.ACTION not in said.marks and told
    again = reading.plainly(words.AGAIN)
    if again and not marked:
        return Turn(said.at, False, dossier.quote(said))
    sentence = reading.plainly(words.STRONG_OVER) or reading.plainly(words.OVER)
    if not marked and not sentence:
        return None
    times = [
        one.at for one in stated_times(said.text, said.at, dossier.watch(said.author)) if one.at <= said.at
    ]
    hit = words.OVER.search(sentence) or words.STRONG_OVER.search(sentence)
    strong = words.STRONG_OVER.search(sentence) is not None
    if not marked and (hit is None or _NEGATED.search(sentence[: hit.start()])):
        return None
    leads = hit is not None and hit.start() <= 12
    if not marked and not strong and not (times and leads):
        return None
    at, order = said.at, said.at
    if times and said.at - times[-1] <= timedelta(minutes=60):
        # A time told to the minute lies after what happened within that minute.
        at = times[-1]
        order = min(said.at, at + timedelta(seconds=59)) if at.second == 0 else at
    deed = marked or reading.find(words.FIX) is not None or _DONE.match(said.text) is not None
    return Turn(at, True, replace(dossier.quote(said), at=at, deed=deed), marked=marked, order=order)
