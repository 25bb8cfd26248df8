"""Loading the SQL of a dump through the rules, without psql, over several sessions side by side.

Rows of one COPY go to the sessions in turn; indexes and keys of different tables are built at once. Each
statement is sent alone in the extended protocol, which takes no second one: the server itself holds the
splitter to account.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import psycopg

from actions.failures import Refused, Transient
from actions.tools.dumps.apart import Apart, Bundle, apart
from actions.tools.dumps.copy_rows import Rows
from actions.tools.dumps.lanes import Lane, settle
from actions.tools.dumps.left_out import kind_of_statement
from actions.tools.dumps.load_pace import Pace
from actions.tools.dumps.rules import Verdict, extension_named, judge
from actions.tools.dumps.split import CopyRows, Cut, Part, Splitter, Statement
from actions.tools.dumps.sql_text import excerpt
from actions.tools.postgres.server import sentence

BUNDLED = 4096
_MADE_FROM = re.compile(rb"^-- Dumped from database version (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Loaded:
    """What was run: statements, those left out (`kinds`: those that a person may miss), tables, rows."""

    statements: int = 0
    left_out: int = 0
    tables: int = 0
    rows: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)


class Loader:
    """One load into sessions of a role that can harm nothing but this database.

    `make_extension(name, schema)` is called for the extensions that the dump wants. Raises Refused for
    anything that is wrong with the dump, Transient where a connection broke.
    """

    def __init__(
        self, lanes: Sequence[Lane], server_major: int, make_extension: Callable[[str, str], None], pace: Pace
    ) -> None:
        self._lanes = lanes
        self._server_major = server_major
        self._make_extension = make_extension
        self._pace = pace
        self._bundle: list[Apart] = []
        self._partitioned = False
        self._statements = self._left_out = self._rows = 0
        self._kinds: Counter[str] = Counter()

    def load(self, texts: Iterator[bytes]) -> Loaded:
        """Run what the text holds, to its last line."""
        splitter = Splitter()
        try:
            parts = self._parts(texts, splitter)
            for part in parts:
                if isinstance(part, CopyRows):
                    raise Refused("the dump holds rows without a COPY")  # the splitter never does this
                self._take(part, parts)
            self._run_bundle()
        except Cut as cut:
            raise Refused(f"the backup is cut off: {cut}. It was not used; choose another backup.") from cut
        if not splitter.complete:
            raise Refused("the backup is cut off: pg_dump's last line is missing. Choose another backup.")
        self._settle()
        return Loaded(self._statements, self._left_out, self._pace.tables, self._rows, dict(self._kinds))

    def _parts(self, texts: Iterable[bytes], splitter: Splitter) -> Iterator[Part]:
        begun = False
        for text in texts:
            if not begun:
                self._check_version(text)
                begun = True
            self._pace.look()
            yield from splitter.feed(text)
        yield from splitter.finish()

    def _check_version(self, text: bytes) -> None:
        found = _MADE_FROM.search(text[:2000])
        if found and int(found[1]) > self._server_major:
            raise Refused(
                f"the backup was made by PostgreSQL {int(found[1])}, the target is {self._server_major}:"
                " a dump cannot go back to an older version. Nothing was changed."
            )

    def _take(self, statement: Statement, parts: Iterator[Part]) -> None:
        verdict = judge(statement)
        if verdict is Verdict.LEAVE_OUT:
            self._left_out += 1
            if kind := kind_of_statement(statement.text):
                self._kinds[kind] += 1
            return
        self._statements += 1
        self._partitioned |= b"ATTACH PARTITION" in statement.text
        beside = apart(statement)
        if beside is not None and (beside.group == "index" or not self._partitioned):
            self._collect(beside)
            return
        self._run_bundle()
        if statement.text[:5].upper() == b"COPY ":
            self._copy(statement, parts)
            return
        self._settle()
        if verdict is Verdict.EXTENSION:
            self._make_extension(*extension_named(statement))
        else:
            for lane in self._lanes if verdict is Verdict.SETTING else self._lanes[:1]:
                lane.do(partial(_execute, statement))
            self._settle()

    def _collect(self, beside: Apart) -> None:
        if self._bundle and (self._bundle[0].group != beside.group or len(self._bundle) >= BUNDLED):
            self._run_bundle()
        self._bundle.append(beside)
        self._pace.builds += 1

    def _run_bundle(self) -> None:
        """Run what was collected, on all lanes at once."""
        if not self._bundle:
            return
        self._settle()
        bundle, self._bundle = Bundle(self._bundle), []
        try:
            for lane in self._lanes:
                lane.do(lambda lane: bundle.work(partial(self._build, lane)))
            self._settle()
        finally:
            bundle.cancel()

    def _build(self, lane: Lane, statement: Statement) -> None:
        _execute(statement, lane)
        self._pace.builds_done += 1

    def _copy(self, statement: Statement, parts: Iterator[Part]) -> None:
        rows = Rows(self._lanes, statement.text, partial(_told, statement))
        for part in parts:
            if not isinstance(part, CopyRows):
                raise Refused("the dump holds a statement inside of rows")  # the splitter never does this
            rows.give(part.data)
            self._rows += part.data.count(b"\n")
            if part.last:
                rows.end()
                self._pace.tables += 1
                return
        raise Cut("it ends inside the rows of a table")

    def _settle(self) -> None:
        settle(self._lanes, self._pace.look)


def _execute(statement: Statement, lane: Lane) -> None:
    try:
        lane.session.execute(statement.text, binary=True)
    except psycopg.Error as error:
        raise _told(statement, error) from error


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
