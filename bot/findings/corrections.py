"""People correct themselves: the later number takes the earlier one's place, and both are told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.findings import words
from bot.findings.reading import Reading, same_number
from bot.findings.records import Said

_NUM = r"(?:\d{1,2}:\d\d|\d+(?:[.,]\d+)*)"
_NEW_NOT_OLD = re.compile(
    rf"(?P<new>{_NUM})%?(?:\s*[a-zA-ZÀ-ÿ]+){{0,3}}[,;]?\s+(?:and |e |y |und )?(?:not|n[aã]o|no"
    rf"|nicht|instead of|em vez de|statt|rather than)\s+(?:at |from )?(?P<old>{_NUM})",
    re.IGNORECASE,
)
_NOT_OLD_NEW = re.compile(
    rf"(?:not|n[aã]o(?: eram?| foram)?|no(?: eran?| fueron)?|nicht)\s+(?P<old>{_NUM})%?"
    rf"(?:\s*[a-zA-ZÀ-ÿ]+){{0,2}}[,;.]?\s+(?:but|it's|it is|it was|rather|mas|sim|sino|sondern"
    rf"|s[ãa]o|eram|foram)?\s*(?P<new>{_NUM})",
    re.IGNORECASE,
)
# What both of these need: the quick look at a text in lower case.
_AFTER_NOT = re.compile(
    r"(?:not|n[aã]o|no|nicht|eram?|foram|eran?|fueron|of|de|statt|than)\s+(?:at |from )?\d"
)
_ARROW = re.compile(rf"(?P<old>{_NUM})\s*(?:->|→|=>)\s*(?P<new>{_NUM})")
_STAR = re.compile(rf"^\s*(?:\*\s*(?P<new>{_NUM})|(?P<new2>{_NUM})\s*\*)")
_WORDS = re.compile(
    r"(?P<new>[\w./-]+(?: [\w./-]+)?),? (?:not|n[aã]o|nicht) (?:the |o |a |el |la |der |die "
    r"|das )?(?P<old>[\w./-]{3,})",
    re.IGNORECASE,
)
# "56, two were the same man": a number at the head, and why the one before was miscounted.
_RECOUNT = re.compile(
    r"\W*(?P<new>\d[\d.,]*\d|\d)\s*[,;:–—-]\s.*\b(?:twice|double[- ]?count\w*|duplicat\w*|the same|misread"
    r"|typo|miscount\w*|wrong (?:row|column|tab|line)|duas vezes|duplicad\w*"
    r"|repetid\w*|dos veces|doppelt\w*)\b",
    re.IGNORECASE,
)
_BACK_MESSAGES = 150
_BACK = timedelta(hours=4)
_OWN_BACK = timedelta(minutes=40)


@dataclass(frozen=True)
class Correction:
    """`old` in the message `of` became `new` by the message `by`."""

    of: str
    old: str
    new: str
    by: Said


def corrections(readings: Sequence[Reading]) -> tuple[Correction, ...]:
    """Every correction that can be tied to the words it corrects."""
    found: list[Correction] = []
    for index, reading in enumerate(readings):
        if not _may_correct(reading):
            continue
        earlier = [
            other
            for other in reversed(readings[max(0, index - _BACK_MESSAGES) : index])
            if reading.said.at - other.said.at <= _BACK and not other.said.by_bot
        ]
        found.extend(_explicit(reading, earlier) or _implicit(reading, earlier))
    texts = {reading.said.ref: reading.said.text for reading in readings} if found else {}
    return tuple(one for one in found if _replaced(texts[one.of], [one]) != texts[one.of])


def _may_correct(reading: Reading) -> bool:
    """The quick look: a number or a correcting word, and a form that could correct."""
    clear = reading.has(words.CLEAR_CORRECTION)
    if not clear and not reading.numbers:
        return False
    heads = _STAR.match(reading.prose) or _RECOUNT.match(reading.prose)
    return bool(clear or heads or _replaces(reading)) and reading.usable


def _replaces(reading: Reading) -> bool:
    """ "15, not 14", "not 14 but 15"."""
    if not _AFTER_NOT.search(reading.lowered):
        return False
    return reading.has(_NEW_NOT_OLD) or reading.has(_NOT_OLD_NEW)


def apply(said: Sequence[Said], found: Sequence[Correction]) -> tuple[Said, ...]:
    """The messages with corrected numbers in the place of the wrong ones."""
    by_ref: dict[str, list[Correction]] = {}
    for one in found:
        by_ref.setdefault(one.of, []).append(one)
    return tuple(
        replace(one, text=_replaced(one.text, by_ref[one.ref])) if one.ref in by_ref else one for one in said
    )


def by_message(found: Sequence[Correction]) -> Mapping[str, tuple[Correction, ...]]:
    """The corrections of each message, by its label."""
    result: dict[str, tuple[Correction, ...]] = {}
    for one in found:
        result[one.of] = (*result.get(one.of, ()), one)
    return result


def _replaced(text: str, found: Sequence[Correction]) -> str:
    for one in found:
        text = re.sub(
            rf"(?<![\w.,:]){re.escape(one.old)}(?![\w:]|[.,]\d)", one.new.replace("\\", r"\\"), text
        )
    return text


def _explicit(reading: Reading, earlier: Sequence[Reading]) -> list[Correction]:
    clear = reading.find(words.CLEAR_CORRECTION) is not None
    for form in (_NEW_NOT_OLD, _NOT_OLD_NEW, *((_ARROW,) if clear else ())):
        hit = form.search(reading.prose)
        if hit is None or same_number(hit["old"], hit["new"]):
            continue
        return _tied(reading, earlier, hit["old"], hit["new"])
    hit = _WORDS.search(reading.prose) if clear else None
    if hit is not None and not hit["old"].isdigit() and _names(hit["new"]) and _names(hit["old"]):
        own = [other for other in earlier if other.said.author == reading.said.author]
        for other in own[:10]:
            if re.search(rf"(?<!\w){re.escape(hit['old'])}(?!\w)", other.said.text, re.IGNORECASE):
                return [Correction(other.said.ref, hit["old"], hit["new"], reading.said)]
    return []


def _names(text: str) -> bool:
    """Whether it names something: "it was" in "it was not the backfill" does not."""
    return any(word not in words.STOP for word in text.lower().split())


def _tied(reading: Reading, earlier: Sequence[Reading], old: str, new: str) -> list[Correction]:
    """The correction for each earlier message that says the old number: one's own, or plainly corrected."""
    clear = reading.has(words.CLEAR_CORRECTION)
    found = []
    for other in earlier:
        if not other.numbers:
            continue
        written = next((number for number in other.numbers if same_number(number, old)), None)
        if written is None or any(same_number(number, new) for number in other.numbers):
            continue
        own = other.said.author == reading.said.author
        if own or (clear and reading.keywords & other.keywords):
            found.append(Correction(other.said.ref, written, new, reading.said))
    return found[:5]


def _implicit(reading: Reading, earlier: Sequence[Reading]) -> list[Correction]:
    """ "sorry 241, I read the wrong row": the one number takes the place of the likest one said before."""
    star, recount = _STAR.match(reading.prose), _RECOUNT.match(reading.prose)
    if star is None and recount is None and not reading.find(words.CLEAR_CORRECTION):
        return []
    numbers = [star["new"] or star["new2"]] if star else list(reading.numbers)
    numbers = [recount["new"]] if recount else numbers
    if len(numbers) != 1 or reading.asking:
        return []
    new = numbers[0]
    for other in earlier[:40]:
        if other.said.author != reading.said.author or reading.said.at - other.said.at > _OWN_BACK:
            continue
        likest = _likest(new, [number for number in other.numbers if not same_number(number, new)])
        if likest is not None:
            return [Correction(other.said.ref, likest, new, reading.said)]
        return []
    return []


def _likest(new: str, olds: Sequence[str]) -> str | None:
    """The old number that the new one replaces: of the same digits, else the same form, else the only one."""
    alike = [old for old in olds if (":" in old) == (":" in new)]
    digits = sorted(filter(str.isdigit, new))
    anagrams = [old for old in alike if sorted(filter(str.isdigit, old)) == digits]
    if anagrams:
        return anagrams[-1]
    lengthy = [old for old in alike if len(old) == len(new)]
    if len(lengthy) == 1:
        return lengthy[0]
    return alike[0] if len(alike) == 1 else None
