"""What a verb takes behind its name, read from its usage, so that help and grammar cannot disagree."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bot.commands.grammar import Words
from bot.commands.verbs import ANY, Verb

# Words of a usage that stand for a person's own words, and for names of several words.
_TEXTS = frozenset({"TEXT", "REASON", "TITLE"})
_NAMES = frozenset({"NAME", "PERSON", "VERB", "DAY"})
_OPTION = re.compile(r"([a-z_]+)=(.*)")
_REF = re.compile(r"\b(INC|AI|RUN|RB|PUB|DRILL)-[0-9]+")
_GIVEN_REF = re.compile(r"(?i)(INC|AI|RUN|RB|PUB|DRILL)?-?([0-9]{1,9})")
_ALIKE = 0.8
SHORTEST = 3


@dataclass(frozen=True)
class Shape:
    """`words`: plain words at most, None where a name may have several. `text_at`: after how many of them
    free text begins, None where there is none. `options`: their names with the example of the usage.
    `ends_in_options`: they are read behind the text, too. `open`: an action looks at the options itself.
    """

    words: int | None
    text_at: int | None
    options: Mapping[str, str]
    ends_in_options: bool
    open: bool


@cache
def shape_of(verb: Verb) -> Shape:
    """What the verb's usage says that it takes."""
    options: dict[str, str] = {}
    words, text_at, many, ends_in_options = 0, None, False, False
    for token in _tokens(verb):
        option = _OPTION.fullmatch(token)
        parts = set(token.split("|"))
        if option:
            options[option[1]] = option[2]
            ends_in_options = ends_in_options or text_at is not None
        elif parts & _TEXTS:
            text_at = words
        else:
            words += 1
            many = many or bool(parts & _NAMES)
    options |= {name: "" for name in verb.also if name not in options}
    unbounded = many or text_at is not None
    return Shape(None if unbounded else words, text_at, options, ends_in_options, verb.also == ANY)


def _tokens(verb: Verb) -> Sequence[str]:
    """`INC-7`, `PERSON`, `vacant=yes`: the usage without its name, brackets and dots."""
    rest = verb.usage.removeprefix(verb.name).replace(" | ", "|")
    return [one for one in re.sub(r"[\[\]]", " ", rest).split() if one != "…"]


def to_say(verb: Verb, words: Words) -> str:
    """The usage with the number that was given; else with one that nobody can send as an order."""
    usage = _REF.sub(lambda found: f"{found[1]}-…", verb.usage)
    given = words.plain[len(verb.name.split()) :]
    read = _GIVEN_REF.fullmatch(given[0]) if given else None
    first = next(iter(_tokens(verb)), "")
    if read is None or not (wanted := _REF.match(first)) or (read[1] or wanted[1]).upper() not in first:
        return usage
    kind = (read[1] or wanted[1]).upper()
    return usage.replace(f"{kind}-…", f"{kind}-{read[2]}", 1)


def misspelt(name: str, known: Sequence[str]) -> str:
    """The option that somebody probably meant by `name`; '' for a word of its own."""
    for one in known:
        begins = min(len(name), len(one)) >= SHORTEST and (name.startswith(one) or one.startswith(name))
        alike = difflib.SequenceMatcher(None, name, one).ratio() >= _ALIKE
        if name != one and (sorted(name) == sorted(one) or alike or begins):
            return one
    return ""
