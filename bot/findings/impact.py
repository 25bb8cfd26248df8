"""What customers felt: marked messages first, then plain statements with numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.figures import MONEY, amount, counts_in, money_in
from bot.findings.harm import MARKED, weight
from bot.findings.reading import Reading
from bot.findings.records import Claim, Meaning, Times

_LINES = 9
_ENOUGH = 4.0
_RESTATED_WITHIN = timedelta(minutes=30)
_NEAR = 4
_FAR = 40
# "it's 1,262", "makes that 40,100": a figure in the place of the one before; of a text in lower case.
_RESTATED = re.compile(
    r"\b(?:it'?s|they'?re|makes? (?:it|that)|(?:that|it) (?:comes to|is|was)|comes to"
    r"|(?:the )?real (?:number|figure) is"
    r"|in fact|s[ãa]o|na verdade|son|en realidad|(?:es )?sind|in wahrheit|eigentlich)\s+"
    r"(?:only |just |more like |about |around |s[oó] |solo |uns |umas |unos |nur |etwa |rund )?"
    r"(?:[a-z]{0,2}[^\w\s.,;:()%-]\s?|eur |usd )?(?P<new>\d[\d.,]{2,})(?![\w%:]|[.,]\d)"
)


def find_impact(dossier: Dossier, times: Times, title: str, cause: Collection[str] = ()) -> tuple[Claim, ...]:
    """How long and whom it hurt, the strongest statements in order of time."""
    weights = {
        index: weight(dossier, reading)
        for index, reading in enumerate(dossier.readings)
        if reading.said.ref not in cause or Meaning.IMPACT in reading.said.marks
    }
    found = {index: one for index, one in weights.items() if one >= _ENOUGH}
    found = _restated(dossier.readings, found)
    found = _latest(dossier.readings, found)
    best = sorted(((one, index) for index, one in found.items()), reverse=True)[:_LINES]
    said = [dossier.quote(dossier.readings[index].said) for _, index in sorted(best, key=lambda one: one[1])]
    window = _window(times, title)
    return ((window,) if window else ()) + tuple(said)


def _restated(readings: Sequence[Reading], found: dict[int, float]) -> dict[int, float]:
    """A figure that somebody set right takes the place of the first one."""
    kept = dict(found)
    last = -_FAR
    for index in range(len(readings)):
        near, last = index - last <= _FAR, index if index in found else last
        reading = readings[index]
        if not near or not reading.numbers or not reading.usable or reading.asking:
            continue
        hit = _RESTATED.search(reading.lowered)
        before = _figure_before(readings, found, index, hit["new"]) if hit else None
        if before is not None:
            if found[before] < MARKED:
                kept.pop(before, None)
            kept[index] = max(kept.get(index, 0.0), min(found[before], MARKED - 1) + 0.5)
    return kept


def _figure_before(
    readings: Sequence[Reading], found: dict[int, float], index: int, figure: str
) -> int | None:
    """The statement that this one sets right: just before it, or by somebody whom it names."""
    reading = readings[index]
    new_is_money = money_in(reading.prose) is not None
    new = amount(figure.rstrip(".,"))
    alike = [
        before
        for before in range(index - 1, max(-1, index - _FAR), -1)
        if before in found
        and reading.said.at - readings[before].said.at <= _RESTATED_WITHIN
        and (MONEY.search(readings[before].prose) is not None) == new_is_money
        and any(_comparable(new, amount(one)) for one in readings[before].numbers if ":" not in one)
    ]
    named = [one for one in alike if readings[one].said.who.split()[0].lower() in reading.lowered]
    near = [one for one in alike if index - one <= _NEAR]
    return next(iter((*named, *near)), None)


def _comparable(one: float, other: float) -> bool:
    """Whether one number can stand in the other's place: a tenth to ten times; "85" may be 85 thousand."""
    return any(other * scale * 0.1 <= one <= other * scale * 10 for scale in (1, 1000)) and other > 0


def _latest(readings: Sequence[Reading], found: dict[int, float]) -> dict[int, float]:
    """Of several counts of the same things the last one; a mark keeps what it marks."""
    last: dict[str, tuple[float, str]] = {}
    kept: dict[int, float] = {}
    for index in sorted(found, reverse=True):
        reading = readings[index]
        counts = [one for one in counts_in(reading.prose) if one.noun]
        outdone = bool(counts) and all(
            one.noun in last
            and (last[one.noun][0] >= amount(one.number) or last[one.noun][1] == reading.said.author)
            for one in counts
        )
        outdone = outdone or _partial(readings, kept, index)
        if found[index] >= MARKED or not outdone or MONEY.search(reading.prose):
            kept[index] = found[index]
        for one in counts:
            last.setdefault(one.noun, (amount(one.number), reading.said.author))
    return kept


def _partial(readings: Sequence[Reading], later: Mapping[int, float], index: int) -> bool:
    """A count on its way up ("…and still rising"), where a later one tells the peak or the total."""
    reading = readings[index]
    if not reading.has(words.GUESSED_NUMBER):
        return False
    ends = (one for one in later if readings[one].has(words.PEAK) or readings[one].has(words.TOTAL))
    return any(readings[one].keywords & reading.keywords for one in ends)


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
