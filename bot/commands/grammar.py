"""One line of words, as typed in Slack or in a shell, or kept on a button: `restore staging`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.console import Where
from bot.domain.answer import UsageError
from bot.domain.person import Person

LINE_LIMIT = 3_000
YES = frozenset({"yes", "y", "true", "on", "1"})
NO = frozenset({"no", "n", "false", "off", "0"})
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"'})
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_OPTION = re.compile(r'([a-z][a-z_]*)=(?:"([^"]*)"|(\S*))')


@dataclass(frozen=True)
class Mark:
    """Where a `key=value` word stands in the line."""

    name: str
    begin: int


@dataclass(frozen=True)
class Words:
    """A line taken apart. `options` are its `key=value` words; `ends` are where each plain word ended.

    `marks` are the options in the order in which they were written, each time that they were.
    """

    line: str
    plain: tuple[str, ...]
    options: Mapping[str, str]
    ends: tuple[int, ...]
    marks: tuple[Mark, ...] = ()

    def after(self, count: int) -> str:
        """The line's own text behind the first `count` plain words, options and all."""
        return self.line[self.ends[count - 1] :].strip() if 0 < count <= len(self.ends) else ""


@dataclass(frozen=True)
class Said:
    """What a verb is given: who said what, where. `words` no longer holds the verb itself."""

    person: Person
    where: Where
    words: tuple[str, ...]
    options: Mapping[str, str]
    rest: Words
    verb_length: int

    def word(self, position: int, what: str) -> str:
        """The n-th plain word. Raises UsageError asking for it."""
        if position >= len(self.words):
            raise UsageError(f"which {what.removeprefix('the ')}?")
        return self.words[position]

    def text_after(self, count: int) -> str:
        """Free text behind the first `count` words after the verb."""
        return self.rest.after(self.verb_length + count)


def yes_or_no(options: Mapping[str, str], name: str) -> bool:
    """Whether an option says yes; no where it is not there.

    Raises UsageError where it says neither: whoever wrote it meant something, and nobody should guess what.
    """
    if name not in options:
        return False
    word = options[name].strip().lower()
    if word not in YES | NO:
        raise UsageError(f"{name}={word[:20]} says neither yes nor no. Nothing was done")
    return word in YES


def take_apart(line: str) -> Words:
    """Split a line as people and phones write it. Raises UsageError where it is too long."""
    clean = "".join(
        c for c in line.translate(_QUOTES) if c in "\n\t" or unicodedata.category(c)[0] != "C"
    ).strip()
    if len(clean) > LINE_LIMIT:
        raise UsageError(f"that is {len(clean)} characters; a line may have {LINE_LIMIT}. Nothing was done")
    plain: list[str] = []
    ends: list[int] = []
    options: dict[str, str] = {}
    marks: list[Mark] = []
    position = 0
    while position < len(clean):
        if clean[position].isspace():
            position += 1
            continue
        option = _OPTION.match(clean, position)
        if option:
            marks.append(Mark(option[1], position))
            options[option[1]] = option[2] if option[2] is not None else option[3]
            position = option.end()
            continue
        word = _WORD.match(clean, position)
        if word is None:
            break
        plain.append(word[1] if word[1] is not None else word[2])
        position = word.end()
        ends.append(position)
    return Words(clean, tuple(plain), options, tuple(ends), tuple(marks))
