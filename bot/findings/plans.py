"""Which messages hold action items: promised, asked for, or agreed, for a time after the incident."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from bot.findings import words
from bot.findings.collecting import agreed_proposal, collected
from bot.findings.dates import NAMES_A_DAY
from bot.findings.dossier import Dossier
from bot.findings.item_parts import is_list
from bot.findings.owners import People
from bot.findings.pledges import Sentence, Today, delivers, put_off, scheduled, sentences_of, today_of
from bot.findings.reading import Reading
from bot.findings.records import Meaning, Times
from bot.findings.zones import zone_of

_REF = re.compile(r"\b[A-Z]{2,5}-(\d+)\b")
_LEADING_REF = re.compile(r"^\W*(?:[A-Z]{2,5}-)?(\d{2,7})\s*[:,]")
_LABELS = re.compile(r"^\W*\w+(?: \w+)?:", re.MULTILINE)
_TODO = re.compile(
    r"(?:^|[.!?\n:]\s*|\bmy )(?:TODO\b|(?i:to-?do|action(?: item)?|follow[- ]?up)(?: (?:on|for) (?:me"
    r"|\w+))?\s*:)"
)
_GERUND = re.compile(r"\b\w{2,}ing\b|\b\w+[aei]ndo\b", re.IGNORECASE)
_POINTING = re.compile(
    r"\b(?:it|that|this|them|both|isso|isto|nisso|os dois|as duas|eso|esto|los dos|das|beides?)\b",
    re.IGNORECASE,
)
_POINTS_BACK = timedelta(minutes=2)
_FEW = 4
_LEAST = 3
_NEAR = timedelta(minutes=6)


@dataclass(frozen=True)
class Plans:
    """The rules with what they look at. `wrapped` is when people began to collect what is to be done."""

    dossier: Dossier
    people: People
    eased: datetime | None
    wrapped: datetime | None
    others: frozenset[str]

    def today(self, reading: Reading) -> Today:
        zones = self.dossier.watch(reading.said.author).zones
        name = zones[0] if zones else ""
        return today_of(reading.said.at, zone_of(name) if name else None, name)

    def sentences(self, reading: Reading) -> tuple[Sentence, ...]:
        return sentences_of(reading.prose, self.today(reading))

    def calm(self, at: datetime) -> bool:
        return (self.eased is not None and at > self.eased) or self.wrapping(at)

    def wrapping(self, at: datetime) -> bool:
        return self.wrapped is not None and at > self.wrapped

    @cached_property
    def own_numbers(self) -> frozenset[str]:
        return frozenset(_REF.findall(self.dossier.case.ref))

    def elsewhere(self, reading: Reading) -> bool:
        """Whether it is about another incident: "209: …", or INC-209 alone."""
        told = set(_REF.findall(reading.said.text)) & self.others
        lead = _LEADING_REF.match(reading.prose)
        return bool(told and not self.own_numbers & set(_REF.findall(reading.said.text))) or bool(
            lead and lead[1] in self.others
        )

    def worth_reading(self, index: int) -> bool:
        """The quick look: a mark, a list, a day, a habit, a wish, or a secret that was just spoken of."""
        reading = self.dossier.readings[index]
        if Meaning.ACTION in reading.said.marks or self.calm(reading.said.at) or "\n" in reading.prose:
            return True
        if reading.said.mentions or NAMES_A_DAY.search(reading.lowered) or reading.has(words.WORTH):
            return True
        return any(one.has(words.SECRET_DEED) for one in self.dossier.readings[max(0, index - 3) : index + 1])

    def holds_item(self, index: int) -> bool:
        """Whether this message promises, asks for or notes something to be done later."""
        reading = self.dossier.readings[index]
        said = reading.said
        if said.by_bot or reading.injected:
            return False
        if Meaning.ACTION in said.marks:
            return True
        if not reading.usable or self.elsewhere(reading) or len(reading.prose.split()) < _LEAST:
            return False
        if words.EXPLICIT_ACTION.match(reading.prose) or _TODO.search(reading.prose):
            return True
        if is_list(reading) and words.WRAP_UP.search(reading.prose.split("\n")[0]):
            return True
        sentences = self.sentences(reading)
        calm = self.calm(said.at)
        return (
            any(put_off(one, calm) or _shared(one) for one in sentences)
            or any(self._asked_for_later(one, calm) for one in sentences)
            or (
                any(one.has(words.SOMEBODY) for one in sentences)
                and any(_wanted(one, calm or self.points_to_lasting(index)) for one in sentences)
            )
            or any(delivers(one) for one in sentences)
            or any(self._answered_with_day(index, one) for one in sentences)
            or self._makes_worthless(index, sentences)
            or (calm and agreed_proposal(self.dossier.readings, index))
            or (self.wrapping(said.at) and collected(reading, sentences, self.people))
        )

    def pointed_at(self, index: int) -> Reading | None:
        """The message that one without a thing of its own points back to ("someone should add that")."""
        reading = self.dossier.readings[index]
        if len(reading.keywords) > _FEW or not _POINTING.search(reading.prose):
            return None
        for other in reversed(self.dossier.readings[max(0, index - 2) : index]):
            near = reading.said.at - other.said.at <= _POINTS_BACK
            if near and not other.said.by_bot and other.usable and other.said.author != reading.said.author:
                return other
        return None

    def points_to_lasting(self, index: int) -> bool:
        before = self.pointed_at(index)
        return before is not None and before.has(words.LASTING)

    def _asked_for_later(self, sentence: Sentence, calm: bool) -> bool:
        """ "Ravi: please add an alert by friday"; "Bia will fix the dashboard tomorrow"."""
        if sentence.ahead is None or (sentence.ahead == timedelta(0) and not calm):
            return False
        if words.UNDONE.search(sentence.text) or words.PRESENCE.search(sentence.text):
            return False
        return self.people.asked(sentence.text) is not None or self.people.doer(sentence.text) is not None

    def _answered_with_day(self, index: int, sentence: Sentence) -> bool:
        """ "Hans, can you look at the cost?", and Hans: "sure, by thursday"."""
        asked = self.people.asked(sentence.text)
        if asked is None:
            return False
        for later in self.dossier.readings[index + 1 : index + 4]:
            if later.said.author == asked.id and words.AGREED.match(later.prose):
                return any(one.ahead for one in self.sentences(later))
        return False

    def _makes_worthless(self, index: int, sentences: Sequence[Sentence]) -> bool:
        """A secret got about and somebody promises to change it, not at once: it must not be forgotten."""
        reading = self.dossier.readings[index]
        before = [
            other
            for other in self.dossier.readings[max(0, index - 3) : index]
            if other.said.author != reading.said.author and reading.said.at - other.said.at <= _NEAR
        ]
        asked = any(other.has(words.SECRET_DEED) and other.has(words.SECRET) for other in before)
        return any(
            one.own
            and one.firm
            and not one.at_once
            and not _GERUND.search(one.text)
            and (asked or one.has(words.SECRET_DEED))
            for one in sentences
        )


def plans_of(dossier: Dossier, times: Times) -> Plans:
    """The rules for one case."""
    eased = times.mitigated or times.restored
    closed = times.resolved.at if times.resolved else None
    called = _called_for(dossier, eased.at if eased else None)
    ends = [one for one in (closed, called) if one is not None]
    refs = {number for reading in dossier.readings for number in _REF.findall(reading.said.text)}
    own = set(_REF.findall(dossier.case.ref))
    return Plans(
        dossier,
        People(dossier.case.humans),
        eased.at if eased else None,
        min(ends) if ends else None,
        frozenset(refs - own),
    )


def _called_for(dossier: Dossier, eased: datetime | None) -> datetime | None:
    """When somebody asks what is to be done; before the trouble eases that asks for the mending."""
    third = len(dossier.readings) // 3
    for index, reading in enumerate(dossier.readings):
        early = reading.said.at <= eased if eased is not None else index < third
        if early or not reading.usable or not reading.has(words.WRAP_UP):
            continue
        if len(_LABELS.findall(reading.prose)) < 2 or is_list(reading):
            return reading.said.at - timedelta(microseconds=1)
    return None


def _shared(sentence: Sentence) -> bool:
    """ "we'll clean that up on thursday": planned for a day to come, and nobody is named."""
    shared = sentence.has(words.SHARED_PLAN) and sentence.firm
    return shared and bool(sentence.ahead) and not scheduled(sentence)


def _wanted(sentence: Sentence, calm: bool) -> bool:
    """ "someone should add an alert": nobody's, and no step of the mending."""
    if not sentence.has(words.SOMEBODY) or words.CONDITIONAL.match(sentence.text) or sentence.at_once:
        return False
    return (
        calm or sentence.has(words.LASTING) or (sentence.ahead is not None and sentence.ahead > timedelta(0))
    )
