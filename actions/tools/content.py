"""What a database holds, so that two can be compared: rows and content hash of every table, sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from psycopg import sql

from actions.tools.postgres import Session, whole

Tell = Callable[[str], None]


def untold(said: str) -> None:
    """Progress that nobody listens to."""
    del said


@dataclass(frozen=True)
class TableContent:
    """Rows of a table, and a hash of them that does not depend on their order."""

    rows: int
    hash: str


@dataclass(frozen=True)
class Content:
    """Tables and sequences by `schema.name`; how many views, functions and large objects there are."""

    tables: Mapping[str, TableContent] = field(default_factory=dict)
    sequences: Mapping[str, int] = field(default_factory=dict)
    large_objects: int = 0

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


_OURS = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
"""
_TABLES = f"""
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND {_OURS} ORDER BY 1, 2
"""  # noqa: S608  # both parts are constants above
_SEQUENCES = f"""
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND {_OURS} ORDER BY 1, 2
"""  # noqa: S608  # both parts are constants above
_OWNED_SEQUENCES = f"""
    SELECT n.nspname, c.relname, tn.nspname, t.relname, a.attname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    JOIN pg_sequence s ON s.seqrelid = c.oid
    WHERE c.relkind = 'S' AND s.seqincrement > 0 AND NOT s.seqcycle AND {_OURS} ORDER BY 1, 2
"""  # noqa: S608  # both parts are constants above


def read_tables(session: Session, tell: Tell = untold) -> dict[str, TableContent]:
    """Count and hash every table and materialized view, in the session's snapshot. One scan each."""
    read: dict[str, TableContent] = {}
    for schema, name in session.execute(_TABLES.encode()).fetchall():
        counted = session.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(hashtextextended(x::text, 0)::numeric), 0)::text"
                " FROM ONLY {} x"
            ).format(sql.Identifier(str(schema), str(name)))
        ).fetchone()
        if counted is not None:
            read[f"{schema}.{name}"] = TableContent(whole(counted[0]), str(counted[1]))
            tell(f"read {schema}.{name}: {counted[0]:,} rows")
    return read


def read_sequences(session: Session) -> dict[str, int]:
    """The last value of every sequence (0 for one that was never used); sequences have no snapshot."""
    read: dict[str, int] = {}
    for schema, name in session.execute(_SEQUENCES.encode()).fetchall():
        row = session.execute(
            sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}").format(
                sql.Identifier(str(schema), str(name))
            )
        ).fetchone()
        if row is not None:
            read[f"{schema}.{name}"] = whole(row[0])
    return read


def read_large_objects(session: Session) -> int:
    """How many large objects there are."""
    row = session.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone()
    return whole(row[0]) if row else 0


def read_content(session: Session, tell: Tell = untold) -> Content:
    """All of it."""
    return Content(read_tables(session, tell), read_sequences(session), read_large_objects(session))


def differences(promised: Content, found: Content) -> tuple[str, ...]:
    """Sentences, one for each way in which `found` is not what was promised; the worst first."""
    said = [
        f"{name} has {found.tables[name].rows:,} rows, the manifest says {table.rows:,}"
        for name, table in promised.tables.items()
        if name in found.tables and found.tables[name].rows != table.rows
    ]
    said += [f"table {name} is missing" for name in sorted(set(promised.tables) - set(found.tables))]
    said += [
        f"table {name} is not in the manifest" for name in sorted(set(found.tables) - set(promised.tables))
    ]
    said += [
        f"{name} has the right number of rows but other content"
        for name, table in promised.tables.items()
        if name in found.tables
        and found.tables[name].rows == table.rows
        and found.tables[name].hash != table.hash
    ]
    for name, value in promised.sequences.items():
        if name not in found.sequences:
            said.append(f"sequence {name} is missing")
        elif found.sequences[name] < value:
            said.append(f"sequence {name} is at {found.sequences[name]}, the manifest says {value}")
    if promised.large_objects != found.large_objects:
        said.append(f"{found.large_objects} large objects, the manifest says {promised.large_objects}")
    return tuple(said)


def faults(session: Session) -> tuple[str, ...]:
    """Sentences for what is wrong in itself: constraints not valid, indexes not valid, sequences behind."""
    said = [
        f"constraint {row[0]} of {row[1]} is not validated"
        for row in session.execute(
            "SELECT conname, conrelid::regclass::text FROM pg_constraint WHERE NOT convalidated LIMIT 20"
        )
    ]
    said += [
        f"index {row[0]} is not valid"
        for row in session.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid LIMIT 20"
        )
    ]
    for schema, name, table_schema, table, column in session.execute(_OWNED_SEQUENCES.encode()).fetchall():
        row = session.execute(
            sql.SQL(
                "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {}),"
                " max({}) FROM {}"
            ).format(
                sql.Identifier(str(schema), str(name)),
                sql.Identifier(str(column)),
                sql.Identifier(str(table_schema), str(table)),
            )
        ).fetchone()
        if row and row[1] is not None and whole(row[0]) < whole(row[1]):
            said.append(
                f"sequence {schema}.{name} is at {row[0]}, but {table}.{column} already holds {row[1]}"
            )
    return tuple(said)


def empty_tables(session: Session, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the named tables (`usuarios`, `public.usuarios`) that are missing or hold no row."""
    hollow = []
    for name in names:
        schema, _, table = name.rpartition(".")
        found = session.execute(
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'm')",
            [schema or "public", table],
        ).fetchone()
        if found is None:  # a view is none either: reading one runs whatever functions it names
            hollow.append(f"{name} (missing)")
            continue
        row = session.execute(
            sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(schema or "public", table))
        ).fetchone()
        if row is None or not row[0]:
            hollow.append(f"{name} (empty)")
    return tuple(hollow)
