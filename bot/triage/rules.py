"""Reads one rule of the triage file: its lines of phrases, `$group` references and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from yaml.nodes import Node

from bot.triage.vocabulary import (
    IMPACTS,
    PRIORITIES,
    Line,
    Number,
    NumberReading,
    Operator,
    Phrase,
    Rule,
)
from bot.triage.words import KEY_CHARACTERS, plain
from bot.triage.yaml_lines import Faults, mapping, text, texts

_KEYS = ("name", "impact", "because", "when", "unless", "numbers", "claims", "priority")
_NUMBER = re.compile(
    r"^(percent|seconds|ahead|times) *(>=|<=|>|<|=) *(\d+(?:\.\d+)?)$|^(share) *= *(some|most|all|none)$"
)


class RuleReader:
    """Turns rule nodes into rules. `things` and `troubles` are the named words that `$name` stands for.

    A phrase from `troubles` is deniable, one from `things` or written in the rule is not. Equal lines
    share one `Line`, so that each is looked for once an alert.
    """

    def __init__(
        self,
        things: Mapping[str, tuple[str, ...]],
        troubles: Mapping[str, tuple[str, ...]],
        faults: Faults,
    ) -> None:
        self._things = things
        self._troubles = troubles
        self._faults = faults
        self._lines: dict[str, Line] = {}

    def read(self, node: Node) -> Rule:
        """One rule; what is wrong with it becomes faults that name it."""
        parts = mapping(node, self._faults, "a rule", _KEYS)
        self._faults.missing(node, parts, ("name", "impact", "because"))
        name = text(parts.get("name"), self._faults, "a rule's name")
        place = f"rule {name!r}"
        when = self._read_lines(parts.get("when"), f"{place}, when")
        numbers = self._read_numbers(parts.get("numbers"), place)
        claims = frozenset(
            claim.lower() for claim in texts(parts.get("claims"), self._faults, f"{place}, claims")
        )
        if parts and not (when or numbers or claims):
            self._faults.add(node, f"{place} would hold for every alert: give it when, numbers or claims")
        priority = parts.get("priority")
        return Rule(
            name=name,
            impact=self._faults.choice(parts.get("impact"), IMPACTS, "none"),
            because=text(parts.get("because"), self._faults, f"{place}, because"),
            when=when,
            unless=self._read_lines(parts.get("unless"), f"{place}, unless"),
            numbers=numbers,
            claims=claims,
            priority=None if priority is None else self._faults.choice(priority, PRIORITIES, "medium"),
        )

    def _read_lines(self, node: Node | None, place: str) -> tuple[Line, ...]:
        return tuple(self._line(written, node, place) for written in texts(node, self._faults, place))

    def _line(self, written: str, node: Node | None, place: str) -> Line:
        known = self._lines.get(written)
        if known is None:
            phrases = [
                phrase for part in written.split("|") for phrase in self._phrases(part.strip(), node, place)
            ]
            known = self._lines[written] = Line(
                len(self._lines), tuple(phrases), frozenset(phrase.key for phrase in phrases)
            )
        return known

    def _phrases(self, part: str, node: Node | None, place: str) -> list[Phrase]:
        if not part.startswith("$"):
            return [self._phrase(part, False, node, place)]
        group = part[1:]
        deniable = group in self._troubles
        words = self._troubles.get(group) or self._things.get(group)
        if words is None:
            self._faults.add(node, f"{place}: {part} is no group of things or troubles")
            return []
        return [self._phrase(word, deniable, node, f"{place}, {part}") for word in words]

    def _phrase(self, written: str, deniable: bool, node: Node | None, place: str) -> Phrase:
        words = plain(written.replace("*", " ")).rstrip(" .")
        if not words or "*" in written.rstrip("*"):
            self._faults.add(
                node, f"{place}: {written!r} is no phrase: write words, with * at most at the end"
            )
            return Phrase(written, "\0", deniable, "\0")
        first = words.split()[0]
        if written.endswith("*") and len(first) < KEY_CHARACTERS and first == words:
            self._faults.add(
                node, f"{place}: {written!r} is too short: give at least {KEY_CHARACTERS} letters before *"
            )
        needle = f" {words}" + ("" if written.endswith("*") else " ")
        return Phrase(written, needle, deniable, first[:KEY_CHARACTERS])

    def _read_numbers(self, node: Node | None, place: str) -> tuple[Number, ...]:
        numbers = []
        for written in texts(node, self._faults, f"{place}, numbers"):
            found = _NUMBER.match(written)
            if found is None:
                wish = "write percent >= 90, seconds >= 2, ahead <= 6, times >= 10 or share = some"
                self._faults.add(node, f"{place}: {written!r} is no number condition: {wish}")
            elif found[4]:
                numbers.append(Number("share", "=", 0.0, found[5]))
            else:
                reading = cast(NumberReading, found[1])
                numbers.append(Number(reading, cast(Operator, found[2]), float(found[3])))
        return tuple(numbers)
