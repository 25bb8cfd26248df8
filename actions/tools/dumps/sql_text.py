"""Where a SQL statement ends, read as psql reads it: quotes, dollar quotes, comments, brackets, bodies."""

from __future__ import annotations

import re

# What can matter outside of quotes: quotes, comments, dollar tags, parentheses, ends, words, backslashes.
_TOKEN = re.compile(
    rb"'|\"|--[^\n]*(?:\n|\Z)|/\*|\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$|[();\\]"
    rb"|[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*|[0-9][0-9A-Za-z_.$]*"
)
_QUOTED = re.compile(rb"[^']*'")
_ESCAPED = re.compile(rb"(?:[^'\\]+|\\.|'')*+'(?!')", re.DOTALL)
_NAMED = re.compile(rb"[^\"]*\"")
_COMMENT = re.compile(rb"/\*|\*/")


class Incomplete(Exception):
    """More bytes are needed to tell."""


class Backslash(Exception):
    """A psql command stands outside of quotes, at byte `at`."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class _Depth:
    """How deep inside parentheses and BEGIN ATOMIC bodies the reading is, counted as psql does."""

    def __init__(self) -> None:
        self.parentheses = 0
        self.bodies = 0
        self.words: list[bytes] = []

    def word(self, word: bytes) -> None:
        if len(self.words) < 4:
            self.words.append(word)
        if self.parentheses or not self.makes_routine:
            return
        if word == b"begin" or (word == b"case" and self.bodies):
            self.bodies += 1
        elif word == b"end" and self.bodies:
            self.bodies -= 1

    @property
    def makes_routine(self) -> bool:
        rest = self.words[3:] if self.words[1:3] == [b"or", b"replace"] else self.words[1:]
        return self.words[:1] == [b"create"] and rest[:1] in ([b"function"], [b"procedure"])

    def bracket(self, token: bytes) -> None:
        self.parentheses = max(0, self.parentheses + (1 if token == b"(" else -1))

    @property
    def outside(self) -> bool:
        return self.parentheses == 0 and self.bodies == 0


def end_of_statement(text: bytes, final: bool, begins: int = 0) -> int:
    """Behind the semicolon that ends the first statement of `text` from byte `begins` on.

    `final` says that no more bytes will come. Raises Incomplete while there is no end, Backslash at a
    psql command.
    """
    at, depth, escapes_at = begins, _Depth(), -1
    while True:
        token = _TOKEN.search(text, at)
        if token is None or (token.end() == len(text) and not final and token[0] != b";"):
            raise Incomplete
        first = token[0][:1]
        at = token.end()
        if token[0] == b";" and depth.outside:
            return at
        if token[0] == b"\\":
            raise Backslash(token.start())
        if token[0] == b"/*":
            at = after_comment(text, at)
        elif first in b"'\"$":
            at = _after_quote(text, token, escapes=token.start() == escapes_at)
        elif token[0] in b"()":
            depth.bracket(token[0])
        elif first.isalpha() or first == b"_":
            depth.word(token[0].lower())
            escapes_at = at if token[0] in (b"E", b"e") else -1


def after_comment(text: bytes, at: int) -> int:
    """Behind the end of a comment block whose `/*` ends at `at`; they nest. Raises Incomplete."""
    depth = 1
    while depth:
        found = _COMMENT.search(text, at)
        if found is None:
            raise Incomplete
        depth += 1 if found[0] == b"/*" else -1
        at = found.end()
    return at


def _after_quote(text: bytes, token: re.Match[bytes], escapes: bool) -> int:
    """Behind the literal, quoted name or dollar quote that `token` opens."""
    if token[0] in (b"'", b'"'):
        pattern = _NAMED if token[0] == b'"' else _ESCAPED if escapes else _QUOTED
        found = pattern.match(text, token.end())
        if found is None:
            raise Incomplete
        return found.end()
    end = text.find(token[0], token.end())
    if end < 0:
        raise Incomplete
    return end + len(token[0])


def excerpt(text: bytes, limit: int = 120) -> str:
    """The first words of a statement on one line, for a sentence."""
    words = " ".join(text[: 4 * limit].decode(errors="replace").split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
