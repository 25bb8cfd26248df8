"""The vocabulary of impact: named words, rules made of them, and how a rule holds for an alert's wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.domain.severity import Severity
from bot.triage.words import Wording

Impact = Literal["outage", "partial", "imminent", "single-feature", "minor", "none"]
Priority = Literal["critical", "high", "medium", "low"]
NumberReading = Literal["percent", "seconds", "ahead", "times", "share"]
Operator = Literal[">=", "<=", ">", "<", "="]
IMPACTS: tuple[Impact, ...] = ("outage", "partial", "imminent", "single-feature", "minor", "none")
PRIORITIES: tuple[Priority, ...] = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other. `needle` has a space before it, and behind it unless it ends in `*`.

    A `deniable` phrase does not count where one of the vocabulary's negations stands just before it.
    `key` is how its first word begins, to pass over what cannot hit.
    """

    written: str
    needle: str
    deniable: bool
    key: str


@dataclass(frozen=True)
class Number:
    """A reading that must hold: any one of the numbers read of that kind, or the share."""

    reading: NumberReading
    operator: Operator
    value: float
    share: str = ""

    def holds(self, wording: Wording) -> bool:
        if self.reading == "share":
            return wording.share == self.share
        return any(self._compare(number) for number in wording.numbers[self.reading])

    def _compare(self, number: float) -> bool:
        if self.operator in (">=", "<="):
            return number >= self.value if self.operator == ">=" else number <= self.value
        if self.operator == "=":
            return number == self.value
        return number > self.value if self.operator == ">" else number < self.value

    def __str__(self) -> str:
        return f"{self.reading} {self.operator} {self.share or f'{self.value:g}'}"


@dataclass(frozen=True)
class Line:
    """One line of a rule's `when`: it hits where any of its phrases stands. `id` tells equal lines apart."""

    id: int
    phrases: tuple[Phrase, ...]
    keys: frozenset[str]

    @cached_property
    def by_key(self) -> Mapping[str, tuple[Phrase, ...]]:
        """The phrases by how their first word begins."""
        return {key: tuple(one for one in self.phrases if one.key == key) for key in self.keys}


@dataclass(frozen=True)
class Rule:
    """It holds where every line of `when` hits, every number holds, and no line of `unless` hits.

    `claims` are the alert's own severity labels that it asks for (empty: any). `priority` stands in for
    the component's where the words themselves say what is hit. `because` is shown to people.
    """

    name: str
    impact: Impact
    because: str
    when: tuple[Line, ...]
    unless: tuple[Line, ...]
    numbers: tuple[Number, ...] = ()
    claims: frozenset[str] = frozenset()
    priority: Priority | None = None

    @cached_property
    def needs(self) -> frozenset[int]:
        """The ids of the lines that must all hit."""
        return frozenset(line.id for line in self.when)


@dataclass(frozen=True)
class Vocabulary:
    """Everything `data/triage.yaml` says.

    `severities` is the table impact × priority, `without_customers` the one for environments that serve
    none; `unknown` is the impact where no rule holds, by the alert's own severity label ("" for any other).
    A negation denies the word behind it, a wide one the two words behind it. Rules are tried in the file's
    order: the first that holds decides.
    """

    rules: tuple[Rule, ...]
    severities: Mapping[Impact, Mapping[Priority, Severity]]
    without_customers: Mapping[Impact, Severity]
    unknown: Mapping[str, Impact]
    unknown_priority: Priority
    negations: frozenset[str]
    wide_negations: frozenset[str]

    @cached_property
    def lines_by_key(self) -> Mapping[str, frozenset[int]]:
        """Which lines could hit where a word begins like this: most rules are passed over by it."""
        lines: dict[str, set[int]] = {}
        for rule in self.rules:
            for line in rule.when:
                for key in line.keys:
                    lines.setdefault(key, set()).add(line.id)
        return {key: frozenset(ids) for key, ids in lines.items()}


@dataclass(frozen=True)
class Reading:
    """The impact read from a wording: the rule (None: no rule held) and the words that made it hold."""

    impact: Impact
    rule: Rule | None
    hits: tuple[str, ...]


def read_impact(vocabulary: Vocabulary, wording: Wording) -> Reading:
    """The first rule that holds, or the stated default for this alert's own severity label."""
    return reading_by(vocabulary, wording, first_rule(vocabulary, wording))


def reading_by(vocabulary: Vocabulary, wording: Wording, rule: Rule | None) -> Reading:
    """The reading where this rule is the first that holds (None: none does)."""
    if rule is None:
        return Reading(vocabulary.unknown.get(wording.claim, vocabulary.unknown[""]), None, ())
    return Reading(rule.impact, rule, _hits(vocabulary, rule, wording))


def first_rule(vocabulary: Vocabulary, wording: Wording) -> Rule | None:
    """The first rule that holds, or None."""
    found: dict[int, int] = {}
    by_key = vocabulary.lines_by_key
    possible = frozenset().union(*[by_key[key] for key in wording.keys if key in by_key])
    for rule in vocabulary.rules:
        if not rule.needs <= possible or (rule.claims and wording.claim not in rule.claims):
            continue
        if not all(_place(vocabulary, line, wording, found) >= 0 for line in rule.when):
            continue
        if not all(number.holds(wording) for number in rule.numbers):
            continue
        if any(_place(vocabulary, line, wording, found) >= 0 for line in rule.unless):
            continue
        return rule
    return None


def _place(vocabulary: Vocabulary, line: Line, wording: Wording, found: dict[int, int]) -> int:
    """Where a line hits (-1: nowhere); each line is looked for once an alert."""
    known = found.get(line.id)
    if known is None:
        known = found[line.id] = _search(vocabulary, line, wording)
    return known


def _search(vocabulary: Vocabulary, line: Line, wording: Wording) -> int:
    for key in line.keys & wording.keys:
        for phrase in line.by_key[key]:
            at = _at(vocabulary, phrase, wording.text)
            if at >= 0:
                return at
    return -1


def _at(vocabulary: Vocabulary, phrase: Phrase, text: str) -> int:
    at = text.find(phrase.needle)
    if at < 0 or not phrase.deniable:
        return at
    while at >= 0 and _denied(vocabulary, text, at):
        at = text.find(phrase.needle, at + 1)
    return at


def _denied(vocabulary: Vocabulary, text: str, at: int) -> bool:
    """Whether the words before say no: `not failing`, `no data loss`, `without customer errors`."""
    before = text[max(0, at - 40) : at].split()[-2:]
    if not before or before[-1] == ".":
        return False
    return before[-1] in vocabulary.negations or not vocabulary.wide_negations.isdisjoint(before)


def _hits(vocabulary: Vocabulary, rule: Rule, wording: Wording) -> tuple[str, ...]:
    words = [f"its own severity label “{wording.claim}”"] if rule.claims else []
    for line in rule.when:
        for phrase in line.phrases:
            at = _at(vocabulary, phrase, wording.text)
            if at >= 0:
                words.append(f"“{_said(phrase, wording.text, at)}” ({wording.field_of(at)})")
                break
    return (*words, *(str(number) for number in rule.numbers))


def _said(phrase: Phrase, text: str, at: int) -> str:
    """The phrase as the vocabulary writes it, or the whole word that a `*` stood for (bounded)."""
    if not phrase.written.endswith("*"):
        return phrase.written
    end = text.find(" ", at + len(phrase.needle))
    return text[at : min(end, at + len(phrase.needle) + 30)].strip()
