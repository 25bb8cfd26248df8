"""Loading a gzipped plain dump into a database through the rules, without psql: hashed as it streams by."""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import psycopg

from actions.failures import Refused, Transient
from actions.tools.content import Tell
from actions.tools.dump_rules import Verdict, extension_named, judge
from actions.tools.dump_split import CopyRows, Cut, Part, Splitter, Statement
from actions.tools.postgres import Session, sentence
from actions.tools.sql_text import excerpt

PIECE_BYTES = 1024 * 1024
TELL_EVERY_S = 2.0
_MADE_FROM = re.compile(rb"^-- Dumped from database version (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Loaded:
    """What was read and run: hash and size of the compressed object, statements, rows of COPY."""

    sha256: str
    size_bytes: int
    statements: int
    left_out: int
    tables: int
    rows: int


class Loader:
    """One load into one session, which belongs to a role that can harm nothing but this database.

    `make_extension(name, schema)` is called for the extensions that the dump wants. Each statement is sent
    alone in the extended protocol, which takes no second one: the server itself holds the splitter to
    account. Raises Refused for anything that is wrong with the dump, Transient where a connection broke.
    """

    def __init__(
        self, session: Session, server_major: int, make_extension: Callable[[str, str], None], tell: Tell
    ) -> None:
        self._cursor = session.cursor()
        self._server_major = server_major
        self._make_extension = make_extension
        self._tell = tell
        self._told_at = time.monotonic()
        self._statements = self._left_out = self._tables = self._rows = self._read_bytes = 0

    def load(self, chunks: Iterable[bytes], size_bytes: int) -> Loaded:
        """Read the compressed chunks to the end and run what they hold."""
        digest = hashlib.sha256()
        splitter = Splitter()
        try:
            parts = self._parts(self._hashed(chunks, digest.update, size_bytes), splitter)
            for part in parts:
                if isinstance(part, CopyRows):
                    raise Refused("the dump holds rows without a COPY")  # the splitter never does this
                self._run(part, parts)
        except Cut as cut:
            raise Refused(f"the backup is cut off: {cut}. It was not used; choose another backup.") from cut
        except zlib.error as error:
            raise Refused(
                f"the backup is damaged: its gzip cannot be read ({error}). Choose another."
            ) from error
        if not splitter.complete:
            raise Refused("the backup is cut off: pg_dump's last line is missing. Choose another backup.")
        return Loaded(
            digest.hexdigest(), self._read_bytes, self._statements, self._left_out, self._tables, self._rows
        )

    def _hashed(
        self, chunks: Iterable[bytes], update: Callable[[bytes], None], size_bytes: int
    ) -> Iterator[bytes]:
        for chunk in chunks:
            update(chunk)
            self._read_bytes += len(chunk)
            if time.monotonic() - self._told_at > TELL_EVERY_S:
                self._told_at = time.monotonic()
                share = 100 * self._read_bytes / max(1, size_bytes)
                self._tell(
                    f"loaded {self._read_bytes / 1e6:.1f} MB of {size_bytes / 1e6:.1f} MB ({share:.0f} %),"
                    f" {self._tables} tables, {self._rows:,} rows"
                )
            yield chunk

    def _parts(self, chunks: Iterator[bytes], splitter: Splitter) -> Iterator[Part]:
        begun = False
        for text in gunzip(chunks):
            if not begun:
                self._check_version(text)
                begun = True
            yield from splitter.feed(text)
        yield from splitter.finish()

    def _check_version(self, text: bytes) -> None:
        found = _MADE_FROM.search(text[:2000])
        if found and int(found[1]) > self._server_major:
            raise Refused(
                f"the backup was made by PostgreSQL {int(found[1])}, the target is {self._server_major}:"
                " a dump cannot go back to an older version. Nothing was changed."
            )

    def _run(self, statement: Statement, parts: Iterator[Part]) -> None:
        verdict = judge(statement)
        if verdict is Verdict.LEAVE_OUT:
            self._left_out += 1
            return
        self._statements += 1
        try:
            if verdict is Verdict.EXTENSION:
                self._make_extension(*extension_named(statement))
            elif statement.text[:5].upper() == b"COPY ":
                self._copy(statement, parts)
            else:
                self._cursor.execute(statement.text, binary=True)
        except psycopg.Error as error:
            raise _told(statement, error) from error

    def _copy(self, statement: Statement, parts: Iterator[Part]) -> None:
        self._tables += 1
        with self._cursor.copy(statement.text) as copy:
            for part in parts:
                if not isinstance(part, CopyRows):
                    raise Refused("the dump holds a statement inside of rows")  # the splitter never does this
                copy.write(part.data)
                self._rows += part.data.count(b"\n")
                if part.last:
                    return
        raise Cut("it ends inside the rows of a table")


def gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text of a gzip stream in pieces of at most 1 MB. Raises Cut if it ends early, zlib.error."""
    unpacker = zlib.decompressobj(31)
    fed = False
    for chunk in chunks:
        data = chunk
        while data:
            if unpacker.eof:
                unpacker = zlib.decompressobj(31)
            fed = True
            piece = unpacker.decompress(data, PIECE_BYTES)
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if piece:
                yield piece
    if not fed or not unpacker.eof:
        raise Cut("the gzip stream has no end")


def _told(statement: Statement, error: psycopg.Error) -> Exception:
    where = f"at line {statement.line} ({excerpt(statement.text, 80)})"
    if isinstance(error, psycopg.errors.DiskFull):
        return Refused(
            f"the server's disk filled up {where}. The shadow is dropped; free space and ask again."
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return Refused(f"the dump asks for a right that a restore never has, {where}: {sentence(error)}.")
    if isinstance(error, psycopg.OperationalError) and not isinstance(
        error, psycopg.errors.ProgramLimitExceeded | psycopg.errors.ConfigurationLimitExceeded
    ):
        return Transient(f"the load broke off {where}: {sentence(error)}")
    return Refused(f"the server did not accept the dump {where}: {sentence(error)}. Choose another backup.")
