"""Which wordings must be judged alike: a storm says one thing in ten thousand numbers.

A rule reads words, and of a number only on which side of the vocabulary's thresholds it lies. So two
wordings whose words are the same but for such numbers, and whose numbers lie on the same sides, hold
under the same rule: it is looked for once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable

from bot.triage.vocabulary import NumberReading, Reading, Rule, Vocabulary, first_rule, reading_by
from bot.triage.words import Wording

LIKENESSES_KEPT = 4_096


class LikeReader:
    """Reads the impact of wordings, remembering the rule by what they have in common. Thread-safe."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._thresholds = _thresholds(vocabulary)
        self._number = _number_that_no_phrase_names(vocabulary)
        self._known: dict[Hashable, Rule | None] = {}

    def read(self, wording: Wording) -> Reading:
        """What `read_impact` says of it."""
        return reading_by(self._vocabulary, wording, self._rule(wording))

    def _rule(self, wording: Wording) -> Rule | None:
        likeness = self._likeness(wording)
        try:
            return self._known[likeness]
        except KeyError:
            rule = first_rule(self._vocabulary, wording)
        if len(self._known) >= LIKENESSES_KEPT:
            self._known.clear()
        self._known[likeness] = rule
        return rule

    def _likeness(self, wording: Wording) -> Hashable:
        sides = tuple(
            frozenset((bisect_left(steps, number), number in steps) for number in wording.numbers[kind])
            for kind, steps in self._thresholds
        )
        return self._number.sub("0", wording.text), wording.claim, wording.share, sides


def _thresholds(vocabulary: Vocabulary) -> tuple[tuple[NumberReading, tuple[float, ...]], ...]:
    kinds: dict[NumberReading, set[float]] = {}
    for rule in vocabulary.rules:
        for number in rule.numbers:
            if number.reading != "share":
                kinds.setdefault(number.reading, set()).add(number.value)
    return tuple((kind, tuple(sorted(values))) for kind, values in sorted(kinds.items()))


def _number_that_no_phrase_names(vocabulary: Vocabulary) -> re.Pattern[str]:
    """Digits that mean only themselves: what begins like a number of a phrase (`5xx`) is left alone."""
    lines = [line for rule in vocabulary.rules for line in (*rule.when, *rule.unless)]
    named = {run for line in lines for phrase in line.phrases for run in re.findall(r"\d+", phrase.needle)}
    spared = f"(?!{'|'.join(sorted(named))})" if named else ""
    return re.compile(rf"(?<![\w.]){spared}\d+(?:\.\d+)?")
