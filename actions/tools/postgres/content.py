"""What a database holds, so that two can be compared: rows and content hash of every table, sequences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from psycopg import sql

from actions.tools.postgres.large_objects import read_large_objects
from actions.tools.postgres.row_hash import HASHED_TYPES, Column, HashedBy, sum_of_hashes
from actions.tools.postgres.server import Session, whole

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
    """Tables and sequences by `schema.name`; how many large objects there are, and a hash of them.

    That hash is '' where nobody has made one (manifests before format 3, which all hashed tables by text).
    """

    tables: Mapping[str, TableContent] = field(default_factory=dict)
    sequences: Mapping[str, int] = field(default_factory=dict)
    large_objects: int = 0
    large_objects_hash: str = ""
    hashed_by: HashedBy = "text"

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


_OURS = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
"""
_TABLES = f"""
    SELECT n.nspname, c.relname, columns.names, columns.taken
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (
        SELECT NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid) AS by_name
    ) AS sorted
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(a.attname::text ORDER BY place.at, a.attnum), '{{}}') AS names,
               coalesce(array_agg(
                   CASE WHEN y.typtype = 'e' THEN 'enum'
                        WHEN y.oid = 'numeric'::regtype THEN 'numeric'
                        WHEN y.typname = ANY (%(hashed)s) AND y.typnamespace = 'pg_catalog'::regnamespace
                             AND coalesce((to_jsonb(k) ->> 'collisdeterministic')::bool, true) THEN 'value'
                        ELSE 'printed' END
                   ORDER BY place.at, a.attnum), '{{}}') AS taken
        FROM pg_attribute a
        JOIN pg_type y ON y.oid = a.atttypid
        LEFT JOIN pg_collation k ON k.oid = a.attcollation
        CROSS JOIN LATERAL (
            SELECT CASE WHEN sorted.by_name THEN a.attname::text END COLLATE "C" AS at) AS place
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS columns
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {_OURS} ORDER BY 1, 2
"""  # noqa: S608  # both parts are constants above
_VIEWS = f"""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'm' AND {_OURS} ORDER BY 1
"""  # noqa: S608  # both parts are constants above
_HASHED_OTHERWISE = f"""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND {_OURS} AND (
        EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attname = 'x' AND a.attnum > 0 AND NOT a.attisdropped)
        OR EXISTS (SELECT FROM pg_cast k WHERE k.castsource = c.reltype AND k.casttarget = 'text'::regtype)
        OR NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid))
    ORDER BY 1
"""  # noqa: S608  # both parts are constants above
_SEQUENCES = f"""
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND {_OURS} ORDER BY 1, 2
"""  # noqa: S608  # both parts are constants above


def read_tables(session: Session, by: HashedBy, tell: Tell = untold) -> dict[str, TableContent]:
    """Count and hash every table, in the session's snapshot. One scan each.

    A materialized view holds what was true when it was last filled; a restore fills it anew, or leaves it as
    empty as it was. So its rows are nobody's promise. A table that inherits has its columns in another order
    once it was restored: they are taken by their names.
    """
    read: dict[str, TableContent] = {}
    for schema, name, names, taken in session.execute(_TABLES, {"hashed": list(HASHED_TYPES)}).fetchall():
        columns = _columns(names, taken)
        counted = session.execute(
            sql.SQL("SELECT count(*), {} FROM ONLY {} x").format(
                sum_of_hashes(columns, by), sql.Identifier(str(schema), str(name))
            )
        ).fetchone()
        if counted is not None:
            read[f"{schema}.{name}"] = TableContent(whole(counted[0]), str(counted[1]))
            tell(f"read {schema}.{name}: {counted[0]:,} rows")
    return read


def _columns(names: object, taken: object) -> tuple[Column, ...]:
    if not isinstance(names, list) or not isinstance(taken, list):
        raise TypeError("the columns of a table did not come as lists")
    return tuple(Column(str(name), how) for name, how in zip(names, taken, strict=True))


def hashed_otherwise(session: Session) -> frozenset[str]:
    """The tables whose hash in a manifest before format 3 says something else than the hash of now.

    Then a column named x was hashed alone, a cast of the table's own row was used, and the columns of a
    table that inherits were taken in its own order.
    """
    return frozenset(str(row[0]) for row in session.execute(_HASHED_OTHERWISE.encode()))


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


def read_views(session: Session) -> tuple[str, ...]:
    """The materialized views, by `schema.name`."""
    return tuple(str(row[0]) for row in session.execute(_VIEWS.encode()))


def read_content(session: Session, by: HashedBy = "text", tell: Tell = untold) -> Content:
    """All of it."""
    tables, sequences = read_tables(session, by, tell), read_sequences(session)
    return Content(tables, sequences, *read_large_objects(session), by)


def differences(promised: Content, found: Content, counted_only: Collection[str] = ()) -> tuple[str, ...]:
    """Sentences, one for each way in which `found` is not what was promised; the worst first.

    Of the tables `counted_only` the hashes say nothing: their rows are only counted.
    """
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
        and name not in counted_only
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
    elif promised.large_objects_hash and promised.large_objects_hash != found.large_objects_hash:
        said.append("the right number of large objects, but other content")
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
