"""The store's whole content as one SQLite file, whichever engine keeps it, and back into either.

A copy is one consistent moment, taken while the bot works and without holding up its writer.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.store.database import Read, Row, StoreDown
from bot.store.schema import TABLES

if TYPE_CHECKING:
    import psycopg

SQLITE = "sqlite:///"
ROWS_AT_ONCE = 2_000
BUSY_TIMEOUT_S = 10.0
_MADE = re.compile(r"\s*CREATE TABLE IF NOT EXISTS (\w+)")


def table_names() -> tuple[str, ...]:
    """Every table of the store, in the schema's order."""
    found = (_MADE.match(table) for table in TABLES)
    return tuple(one[1] for one in found if one)


def is_sqlite(database_url: str) -> bool:
    """Whether the store is a file."""
    return database_url.startswith(SQLITE)


def file_of(database_url: str) -> Path:
    """The file of an SQLite store."""
    return Path(database_url.removeprefix(SQLITE))


def copy_memory(database_url: str, file: Path) -> None:
    """Write the store as it is at one moment into a new file. Raises StoreDown where it cannot be read."""
    try:
        if is_sqlite(database_url):
            _copy_file(file_of(database_url), file)
        else:
            _copy_server(database_url, file)
        with contextlib.closing(sqlite3.connect(file)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
            whole = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except (sqlite3.Error, OSError) as error:
        raise StoreDown(f"the memory could not be copied: {error}") from error
    if whole != "ok":
        raise StoreDown(f"the memory is damaged, and so is its copy: {whole}")


def counts(file: Path) -> dict[str, int]:
    """How many rows each table of a copy has."""
    with contextlib.closing(_read_only(file)) as copy:
        there = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            name: int(copy.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0])  # noqa: S608 - our names
            for name in table_names()
            if name in there
        }


def rows_of(file: Path, table: str) -> tuple[tuple[str, ...], Iterator[list[Row]]]:
    """The columns of a copy's table and its rows, many at once; no columns where it has no such table."""
    with contextlib.closing(_read_only(file)) as copy:
        columns = tuple(row[1] for row in copy.execute(f"PRAGMA table_info({table})"))
    return columns, _pages(file, table, columns)


def close_log(file: Path) -> None:
    """Everything of a store's log into its file, so that nothing beside it belongs to it any more.

    Raises StoreDown where another process has it open; it is as it was then.
    """
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=1.0)) as memory:
            mode = memory.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreDown(f"another process has {file} open ({error}): stop it first") from error
    if mode != "delete":
        raise StoreDown(f"another process has {file} open: stop it first")


def load_file(copy: Path, file: Path) -> None:
    """A new store at `file` with everything of the copy, in the schema of this version.

    Raises StoreDown, and FileExistsError where something is there: it would be half of the one, half of the
    other.
    """
    file.touch(exist_ok=False)
    try:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as made:
            made.execute("PRAGMA synchronous=FULL")
            made.execute("BEGIN")
            for table in TABLES:
                made.execute(table)
            for name in table_names():
                columns, pages = rows_of(copy, name)
                for page in pages:
                    made.executemany(_insert(name, columns, "?"), page)
            made.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreDown(f"the copy does not fit into this version's memory: {error}") from error


def load_server(copy: Path, database_url: str, aside: str, guard: Callable[[Read], str]) -> None:
    """The copy into a PostgreSQL, in one transaction.

    What was there goes into the schema `aside`, or, where that is '', away. `guard` looks once more, while
    nobody else writes, and says why not ('' where all is well). Raises StoreDown; everything is as it was
    then.
    """
    import psycopg

    from bot.store.postgres import BEGIN, connect

    try:
        with contextlib.closing(connect(database_url)) as session:
            session.execute(BEGIN)
            session.execute("SET LOCAL statement_timeout = 0")
            if why := guard(lambda sql, params: session.execute(sql.encode(), params).fetchall()):
                raise StoreDown(why)
            _make_room(session, aside)
            for table in TABLES:
                session.execute(table.encode())
            for name in table_names():
                columns, pages = rows_of(copy, name)
                with session.cursor() as cursor:
                    for page in pages:
                        cursor.executemany(_insert(name, columns, "%s").encode(), page)
            session.execute("COMMIT")
    except psycopg.Error as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StoreDown(f"the copy could not be loaded: {said}; everything is as it was") from error


def _make_room(session: psycopg.Connection, aside: str) -> None:
    """The store's tables into another schema; their indexes go with them."""
    from psycopg import sql

    found = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    there = {row[0] for row in found}
    if aside:
        session.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(aside)))
    for name in (sql.Identifier(one) for one in table_names() if one in there):
        if aside:
            session.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(name, sql.Identifier(aside)))
        else:
            session.execute(sql.SQL("DROP TABLE {}").format(name))


def _copy_file(source: Path, file: Path) -> None:
    if not source.is_file():
        raise StoreDown(f"there is no memory at {source}: check DR_DATABASE_URL")
    with (
        contextlib.closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT_S)) as memory,
        contextlib.closing(sqlite3.connect(file)) as copy,
    ):
        memory.backup(copy)  # in one go: one moment, and readers do not hold up a writer in WAL mode


def _copy_server(database_url: str, file: Path) -> None:
    import psycopg

    from bot.store.postgres import connect

    try:
        with contextlib.closing(connect(database_url)) as session:
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            session.execute("SET LOCAL statement_timeout = 0")
            with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as copy:
                copy.execute("BEGIN")
                for table in TABLES:
                    copy.execute(table)
                for name in table_names():
                    columns = tuple(row[1] for row in copy.execute(f"PRAGMA table_info({name})"))
                    query = f"SELECT {', '.join(columns)} FROM {name}"  # noqa: S608 - our own names
                    with session.cursor("copying") as rows:
                        rows.itersize = ROWS_AT_ONCE
                        rows.execute(query.encode())
                        copy.executemany(_insert(name, columns, "?"), rows)
                copy.execute("COMMIT")
            session.execute("COMMIT")
    except psycopg.Error as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StoreDown(f"the memory could not be copied: {said}") from error


def _pages(file: Path, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
    if not columns:
        return
    with contextlib.closing(_read_only(file)) as copy:
        rows = copy.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - our own names
        while page := rows.fetchmany(ROWS_AT_ONCE):
            yield page


def _insert(table: str, columns: Sequence[str], mark: str) -> str:
    marks = ", ".join([mark] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)
