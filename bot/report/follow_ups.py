"""Action items: marked, announced, or promised at the end; with the owner and the day that were said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.report import words
from bot.report.bench import Bench, shorten
from bot.report.dates import due_date
from bot.report.reading import Reading
from bot.report.records import FollowUp, Human, Meaning, Times

_LIMIT = 25
_ME = re.compile(
    r"(?:^|[\s,;:(—–-])(?:mine|me|i'?ll|i will|i'?m going to|i can|can i|when i|i take|on me|eu|vou|comigo|minha|meu|fica comigo|yo|voy a|m[ií]o|ich|meins|bei mir)(?=$|[\s,.;:!?)])",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:no ?(?:body|one) (?:owns|has|took)|no owner|owner (?:tbd|unknown|open)|needs an owner|unassigned|sem dono|sem respons[aá]vel|sin due[nñ]o|sin responsable|kein(?:en)? (?:besitzer|verantwortlichen))\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"^\W*(?:no,? (?:don'?t|let'?s not|we (?:won'?t|don'?t))|not doing|skip (?:it|that)|drop (?:it|that)|won'?t do|let'?s not|n[aã]o vamos|melhor n[aã]o|mejor no|lieber nicht)",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"[\s,.;:!?–—-]+$")
_LEADING = re.compile(r"^\W*\(?\d{1,2}[.):]\s*")


def find_follow_ups(bench: Bench, times: Times) -> tuple[FollowUp, ...]:
    """Every agreed action item in order, at most 25; what nobody said about it is left open."""
    closed = times.resolved.at if times.resolved else None
    found: list[FollowUp] = []
    for index, reading in enumerate(bench.readings):
        if len(found) >= _LIMIT:
            break
        if _is_action(reading, closed) and not _refused(bench.readings, index):
            found.extend(_items(bench, reading, index))
    return tuple(found)


def _is_action(reading: Reading, closed: datetime | None) -> bool:
    said = reading.said
    if said.by_bot or reading.injected:
        return False
    if Meaning.ACTION in said.marks or words.EXPLICIT_ACTION.match(reading.prose):
        return True
    if closed is None or said.at <= closed or not reading.usable or len(reading.prose.split()) < 4:
        return False
    if words.NUMBERED.match(reading.prose) or words.IMPERATIVE.match(reading.prose):
        return True
    first = reading.sentences[0] if reading.sentences else ""
    begins = words.PROMISE.search(first[:40])
    return bool(begins) and not first.lower().startswith(("should we", "shall we", "do we"))


def _refused(readings: Sequence[Reading], index: int) -> bool:
    marked = Meaning.ACTION in readings[index].said.marks
    nearby = readings[index + 1 : index + 4]
    return not marked and any(_REFUSED.match(later.prose) and not later.said.by_bot for later in nearby)


def _items(bench: Bench, reading: Reading, index: int) -> list[FollowUp]:
    """One item a message, or one a line where the message is a list."""
    lines = [line.strip() for line in reading.said.text.split("\n") if line.strip()]
    listed = [line for line in lines if re.match(r"^(?:[-*•]|\(?\d{1,2}[.):])\s+\S", line)]
    parts = listed if len(listed) > 1 else [reading.said.text]
    return [_item(bench, reading, index, part) for part in parts]


def _item(bench: Bench, reading: Reading, index: int, text: str) -> FollowUp:
    said = reading.said
    due, due_said = due_date(text, said.at.date())
    owner = _owner(text, said.author, bench.case.humans)
    answer = _answer(bench.readings, index, owner)
    evidence = (said.ref, *(one.by.ref for one in bench.corrected.get(said.ref, ())))
    item = FollowUp(
        text=shorten(_wording(text)), evidence=evidence, proposed_by=said.who, owner=owner, due=due, due_said=due_said
    )
    return replace(item, evidence=(*evidence, answer)) if answer else item


def _owner(text: str, author: str, humans: Mapping[str, Human]) -> str | None:
    if _NOBODY.search(text):
        return None
    own = humans.get(author)
    if _ME.search(text):
        return own.name if own else None
    named: list[tuple[int, str]] = []
    for human in humans.values():
        words_for = sorted({human.name, *human.handles, human.name.split(" ")[0]}, key=len, reverse=True)
        names = "|".join(re.escape(word) for word in words_for if len(word) >= 2)
        form = re.compile(
            rf"(?:(?:owner|dono|respons[aá]vel|assigned to|for|para|f[uü]r|@|\(at\))\s*:?\s*(?:{names})(?!\w)"
            rf"|(?<!\w)(?:{names})(?!\w)(?=\s*(?:$|[,.:;)?!]|to\b|will\b|can\b|by\b|please\b|until\b|vai\b|até\b|va a\b|bis\b|macht\b|takes?\b|owns?\b|does\b|→|-)))",
            re.IGNORECASE,
        )
        hit = form.search(text)
        if hit:
            named.append((hit.start(), human.name))
    return min(named)[1] if named else None


def _answer(readings: Sequence[Reading], index: int, owner: str | None) -> str:
    """The label of the owner's consent, where they gave it right after."""
    author = readings[index].said.author
    for later in readings[index + 1 : index + 3]:
        agreed = re.match(r"^\W*(?:ok|okay|yes|sure|will do|done|pls|please|deal|sim|pode ser|combinado|s[ií]|vale|ja|klar|mach ich)\b", later.prose, re.I)
        if agreed and later.said.author != author and len(later.prose) < 40 and not later.said.by_bot:
            return later.said.ref if owner is None or later.said.who == owner else later.said.ref
    return ""


def _wording(text: str) -> str:
    text = words.EXPLICIT_ACTION.sub("", _LEADING.sub("", text))
    return _TRAILING.sub("", text) or text
