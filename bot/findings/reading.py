"""One message read once: its sentences, what kind of words they hold, its numbers and key words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from bot.findings import words
from bot.findings.phrases import Phrases
from bot.findings.records import Meaning, Said

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_QUOTED = re.compile(r"^(?:>|&gt;).*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_NUMBER = re.compile(r"(?<![+\w])\d{1,2}:\d\d(?::\d\d)?|(?<!\+)\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_][\w-]*", re.UNICODE)
_LIST_NUMBER = re.compile(r"^\W*\d{1,2}[.):]\s+")
_ASKS = re.compile(r"\?(?=[\s\"')?!.]|$)")


@dataclass(frozen=True)
class Reading:
    """A message with everything that the rules ask of it, computed once."""

    said: Said
    _found: dict[int, re.Match[str] | None] = field(default_factory=dict, repr=False, compare=False)

    def find(self, pattern: Phrases | re.Pattern[str]) -> re.Match[str] | None:
        """The hit of a pattern (one of a module's constants) in the prose; searched once."""
        found, key = self._found, id(pattern)
        if key in found:
            return found[key]
        if isinstance(pattern, Phrases):
            hit = pattern.search_lowered(self.lowered)
        else:
            hit = pattern.search(self.prose)
        found[key] = hit
        return hit

    def has(self, pattern: Phrases | re.Pattern[str]) -> bool:
        found, key = self._found, id(pattern)
        return (found[key] if key in found else self.find(pattern)) is not None

    @cached_property
    def prose(self) -> str:
        """The person's own words: without code and without lines they quote."""
        text = self.said.text
        if "`" in text:
            text = _CODE.sub(" ", text)
        if ">" in text or "&gt;" in text:
            text = _QUOTED.sub(" ", text)
        return text.strip()

    @cached_property
    def lowered(self) -> str:
        return self.prose.lower()

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in _SENTENCE.split(self.prose) if part.strip())

    @cached_property
    def usable(self) -> bool:
        """Whether a person said it to people: not the bot, not a joke, not words aimed at the report."""
        return not (self.said.by_bot or self.injected or self.joking or self.off_topic)

    @cached_property
    def injected(self) -> bool:
        return words.INJECTED.search(self.said.text) is not None

    @cached_property
    def joking(self) -> bool:
        marked = Meaning.CAUSE in self.said.marks or Meaning.IMPACT in self.said.marks
        if len(self.prose) > 140 or marked or Meaning.ACTION in self.said.marks:
            return False
        signed = words.JOKE_LETTER.search(self.prose) is not None and self.has(words.JOKE_SIGN)
        # Figures are no joke, even where lunch is spoken of behind them.
        return (signed or self.has(words.JOKE)) and len(self.numbers) < 3

    @cached_property
    def off_topic(self) -> bool:
        return words.OFF_TOPIC.match(self.prose) is not None

    @cached_property
    def asking(self) -> bool:
        return "?" in self.prose and _ASKS.search(self.prose) is not None

    @cached_property
    def hedged(self) -> bool:
        return self.has(words.HEDGE)

    @cached_property
    def denying(self) -> bool:
        return self.has(words.DENIAL)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        return tuple(_NUMBER.findall(_LIST_NUMBER.sub("", self.said.text)))

    @cached_property
    def keywords(self) -> frozenset[str]:
        """Words that carry the matter, lower case, crudely stemmed."""
        return frozenset(
            stem(word) for word in _WORD.findall(self.lowered) if len(word) > 1 and word not in words.STOP
        )

    def says(self, pattern: Phrases, sentence: str) -> bool:
        """Whether this sentence of it matches; the whole is asked first, and only once."""
        return self.has(pattern) and pattern.search(sentence) is not None

    def plainly(self, pattern: Phrases) -> str:
        """The first sentence that matches and is neither a question nor a guess, or nothing."""
        if not self.has(pattern):
            return ""
        for sentence in self.sentences:
            asked = sentence.rstrip().endswith("?")
            if not asked and pattern.search(sentence) and not (self.hedged and words.HEDGE.search(sentence)):
                return sentence
        return ""


def stem(word: str) -> str:
    """Cut the commonest endings, so that "renewed" meets "renew"."""
    for ending in ("ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def same_number(one: str, other: str) -> bool:
    """`1,361`, `1.361` and `1361` are one number."""
    return one == other or number_value(one) == number_value(other)


def number_value(text: str) -> str:
    if text.isdigit() or ":" in text:
        return text
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text):
        return re.sub(r"[.,]", "", text)
    return text.replace(",", ".")
