"""Splitting a plain pg_dump into statements and COPY rows as it streams by.

A plain dump is a program: fed to psql it may run commands on the host. Here it is read as data, and a
psql command in it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from actions.failures import Refused
from actions.tools.dumps.sql_text import Backslash, Incomplete, after_comment, end_of_statement, excerpt

STATEMENT_LIMIT_BYTES = 64 * 1024 * 1024
TRAILER = b"\n-- PostgreSQL database dump complete\n"

_META = re.compile(rb"\\(restrict|unrestrict) ([A-Za-z0-9]{1,128})\s*$")
_BLANK = re.compile(rb"\s*")
_COPY = re.compile(rb"COPY\b", re.IGNORECASE)
_NAME = rb'(?:"(?:[^"]|"")+"|[\w$\x80-\xff]+)'
_TABLE = rb"(?:%b\.)?%b" % (_NAME, _NAME)
_COPY_IN = re.compile(rb"COPY %b (?:\(%b(?:, %b)*\))? ?FROM stdin;\Z" % (_TABLE, _NAME, _NAME))


class Cut(Exception):
    """The text ends in the middle of something: it was truncated."""


@dataclass(frozen=True)
class Statement:
    """One SQL statement, the comments before it left out; `line` is where it began."""

    text: bytes
    line: int


@dataclass(frozen=True)
class CopyRows:
    """Rows of the COPY before it, whole lines; `last` closes it (the `\\.` is left out)."""

    data: bytes
    last: bool


Part = Statement | CopyRows


class Splitter:
    """Feed it bytes in any pieces; it gives back whole statements and COPY rows in order.

    Of the backslash commands only a matching pair of `\\restrict KEY` and `\\unrestrict KEY` is passed
    over; any other is Refused, as is a COPY that is not from the dump's own rows.
    """

    def __init__(self) -> None:
        self._held = b""
        self._at = 0  # what is before it was given away; cut off once for each piece that is fed
        self._wanted = 0  # do not read a long statement again before it has doubled
        self._copying = False
        self._line = 1
        self._restricted: bytes | None = None
        self._tail = b""

    @property
    def complete(self) -> bool:
        """Whether pg_dump's last line was seen at the end of what was fed."""
        return TRAILER in self._tail

    def feed(self, data: bytes) -> Iterator[Part]:
        """The parts that `data` completes."""
        self._tail = (self._tail + data)[-1024:]
        self._held += data
        yield from self._parts(final=False)

    def finish(self) -> Iterator[Part]:
        """What is left. Raises Cut where the text ends inside something."""
        yield from self._parts(final=True)
        if self._copying:
            raise Cut(f"it ends inside the rows of a table, at line {self._line}")
        if self._held[self._at :].strip():
            raise Cut(f"it ends inside a statement, at line {self._line}")

    def _parts(self, final: bool) -> Iterator[Part]:
        while True:
            part = self._copy_rows() if self._copying else self._statement(final)
            if part is None:
                self._held, self._at = self._held[self._at :], 0
                return
            yield part

    @property
    def _left_bytes(self) -> int:
        return len(self._held) - self._at

    def _copy_rows(self) -> CopyRows | None:
        """Rows up to the line `\\.`, or as many whole lines as are here."""
        if self._held.startswith(b"\\.\n", self._at):
            end, last = self._at, True
        else:
            found = self._held.find(b"\n\\.\n", self._at)
            end = (found if found >= 0 else self._held.rfind(b"\n", self._at)) + 1
            last = found >= 0
        if not last and end == 0:
            if self._left_bytes > STATEMENT_LIMIT_BYTES:
                raise Refused(
                    f"line {self._line} of the dump is longer than can be right; nothing was kept of it"
                )
            return None
        data, self._at = self._held[self._at : end], end + (3 if last else 0)
        self._line += data.count(b"\n") + (1 if last else 0)
        self._copying = not last
        return CopyRows(data, last)

    def _statement(self, final: bool) -> Statement | None:
        """The next whole statement, or None while there is none."""
        if self._left_bytes < self._wanted and not final:
            return None
        try:
            self._skip_between(final)
            if not self._left_bytes:
                return None
            end = end_of_statement(self._held, final, self._at)
            begins_copy = _COPY.match(self._held, self._at)
            rest = self._held.find(b"\n", end) + 1 if begins_copy else end
            if rest == 0:
                raise Incomplete
        except Incomplete:
            self._wait()
            return None
        except Backslash as found:
            raise self._told(
                self._held[found.at : found.at + 200], self._held.count(b"\n", self._at, found.at)
            ) from None
        statement = Statement(self._held[self._at : end], self._line)
        if begins_copy:
            self._check_copy(statement, self._held[end:rest])
            self._copying = True
        self._advance(rest)
        self._wanted = 0
        return statement

    def _wait(self) -> None:
        if self._left_bytes > STATEMENT_LIMIT_BYTES:
            raise Refused(f"the statement at line {self._line} of the dump is longer than can be right")
        self._wanted = 2 * self._left_bytes if self._left_bytes > 1_000_000 else 0

    def _check_copy(self, statement: Statement, behind: bytes) -> None:
        if not _COPY_IN.match(statement.text) or behind.strip():
            raise Refused(
                f"line {statement.line} of the dump holds a COPY that no pg_dump writes:"
                f" {excerpt(statement.text)}. It was not run."
            )

    def _skip_between(self, final: bool) -> None:
        """Drop blank space, comments and the restrict pair in front of the next statement."""
        while True:
            self._advance(_after_blank(self._held, self._at))
            if self._held.startswith((b"--", b"\\"), self._at):
                newline = self._held.find(b"\n", self._at)
                command = self._held.startswith(b"\\", self._at)
                if newline < 0 and (not final or command):
                    raise Incomplete  # at the very end: cut inside the restrict line
                end = len(self._held) if newline < 0 else newline
                if command:
                    self._meta(self._held[self._at : end])
                self._advance(end)
            elif self._held.startswith(b"/*", self._at):
                self._advance(after_comment(self._held, self._at + 2))
            else:
                return

    def _advance(self, to: int) -> None:
        self._line += self._held.count(b"\n", self._at, to)
        self._at = to

    def _meta(self, line: bytes) -> None:
        found = _META.match(line)
        if found and found[1] == b"restrict" and self._restricted is None:
            self._restricted = found[2]
        elif found and found[1] == b"unrestrict" and self._restricted == found[2]:
            self._restricted = None
        else:
            raise self._told(line)

    def _told(self, text: bytes, lines_on: int = 0) -> Refused:
        return Refused(
            f"line {self._line + lines_on} of the dump holds a psql command: {excerpt(text)}. No pg_dump"
            " writes that: it was not run, and the backup may have been tampered with."
        )


def _after_blank(text: bytes, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def split(chunks: Iterable[bytes]) -> Iterator[Part]:
    """The parts of a whole dump. Raises Refused, or Cut where it ends inside something."""
    splitter = Splitter()
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.finish()
