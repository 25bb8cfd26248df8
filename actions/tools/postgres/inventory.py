"""What a database is made of, for the manifest of its backup: kinds of objects, roles, newest rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from actions.tools.postgres.server import Session, whole

_MINE = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{catalog}'::regclass AND d.objid = {oid}
                    AND d.deptype = 'e')
"""
_OF_RELATIONS = f"""
    SELECT CASE c.relkind WHEN 'v' THEN 'views' WHEN 'm' THEN 'materialized views' WHEN 'i' THEN 'indexes'
             WHEN 'I' THEN 'indexes' WHEN 'p' THEN 'partitioned tables' END, count(*)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm', 'i', 'I', 'p') AND c.relpersistence <> 't'
      AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indexrelid = c.oid AND NOT x.indisvalid
                      AND c.relkind = 'i')
      AND {_MINE.format(catalog="pg_class", oid="c.oid")} GROUP BY 1
"""  # noqa: S608  # both parts are constants above
_OTHERS = {
    "functions": f"""SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {_MINE.format(catalog="pg_proc", oid="p.oid")}""",  # noqa: S608
    "enums and domains": f"""SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('e', 'd', 'r') AND {_MINE.format(catalog="pg_type", oid="t.oid")}""",  # noqa: S608
    "triggers": """SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relpersistence <> 't'""",
    "policies": "SELECT count(*) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
    " WHERE c.relpersistence <> 't'",
    "foreign keys": """SELECT count(*) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.contype = 'f' AND c.relpersistence <> 't'""",
    "empty materialized views": f"""SELECT count(*) FROM pg_class c JOIN pg_namespace n
        ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND NOT c.relispopulated
        AND {_MINE.format(catalog="pg_class", oid="c.oid")}""",  # noqa: S608
}
_ABOUT = """
    SELECT pg_encoding_to_char(encoding), datcollate, datctype, pg_database_size(oid),
           to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text
    FROM pg_database WHERE datname = current_database()
"""
_EXTENSIONS = "SELECT extname, extversion FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
_GRANTED = """
    SELECT DISTINCT pg_get_userbyid(named.role) FROM (
        SELECT acl.grantee AS role
        FROM (SELECT relacl AS rights, relowner AS owner, relnamespace AS within FROM pg_class
              UNION ALL SELECT nspacl, nspowner, oid FROM pg_namespace
              UNION ALL SELECT proacl, proowner, pronamespace FROM pg_proc
              UNION ALL SELECT typacl, typowner, typnamespace FROM pg_type
              UNION ALL SELECT attacl, relowner, relnamespace FROM pg_attribute
                        JOIN pg_class c ON c.oid = attrelid
              UNION ALL SELECT lomacl, lomowner, 0 FROM pg_largeobject_metadata) AS given,
             LATERAL aclexplode(given.rights) AS acl
        WHERE acl.grantee <> given.owner
          AND given.within NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        UNION ALL SELECT unnest(polroles) FROM pg_policy) AS named
    WHERE named.role <> 0 AND pg_get_userbyid(named.role) !~ '^pg_' ORDER BY 1
"""
_UNREADABLE = f"""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'S') AND c.relpersistence <> 't'
      AND {_MINE.format(catalog="pg_class", oid="c.oid")}
      AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
    ORDER BY 1 LIMIT 6
"""  # noqa: S608  # both parts are constants above
_TIME_COLUMN = """
    SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname = %s AND c.relname = %s AND a.attname = %s AND NOT a.attisdropped
      AND c.relkind IN ('r', 'p', 'm') AND t.typcategory = 'D'
"""


@dataclass(frozen=True)
class About:
    """A database in the session's snapshot. `started_at` is that snapshot's time (ISO 8601 UTC)."""

    encoding: str
    collation: str
    ctype: str
    size_bytes: int
    started_at: str
    lsn: str
    extensions: tuple[tuple[str, str], ...]
    granted_roles: tuple[str, ...]


def read_about(session: Session) -> About:
    """Encoding, locale, size, place in the WAL, extensions and the roles that rights are granted to."""
    row = session.execute(_ABOUT).fetchone() or ("", "", "", 0, "", "")
    return About(
        str(row[0]), str(row[1]), str(row[2]), whole(row[3]), str(row[4]), str(row[5] or ""),
        tuple((str(one[0]), str(one[1])) for one in session.execute(_EXTENSIONS)),
        tuple(str(one[0]) for one in session.execute(_GRANTED)),
    )  # fmt: skip


def read_inventory(session: Session) -> dict[str, int]:
    """How many of each kind there are: views, functions, indexes, triggers, …; none of an extension's."""
    read = {str(row[0]): whole(row[1]) for row in session.execute(_OF_RELATIONS.encode())}
    for what, query in _OTHERS.items():
        row = session.execute(query.encode()).fetchone()
        read[what] = whole(row[0]) if row else 0
    return {what: number for what, number in sorted(read.items()) if number}


def read_newest(session: Session, names: Iterable[str]) -> dict[str, str]:
    """When the newest row was written, by each `table.column` (ISO 8601 UTC).

    What is not there, holds no time, or has no row is left out.
    """
    read: dict[str, str] = {}
    for name in names:
        parts = name.split(".")
        schema, table, column = parts if len(parts) == 3 else ("public", parts[0], parts[-1])
        if session.execute(_TIME_COLUMN, [schema, table, column]).fetchone() is None:
            continue
        row = session.execute(
            sql.SQL(
                """SELECT to_char(max({})::timestamptz AT TIME ZONE 'UTC',"""
                """ 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM {}"""
            ).format(sql.Identifier(column), sql.Identifier(schema, table))
        ).fetchone()
        if row and row[0] is not None:
            read[name] = str(row[0])
    return read


def read_unreadable(session: Session) -> tuple[str, ...]:
    """Tables and sequences that this role may not read, at most six: a dump would fail on them."""
    return tuple(str(row[0]) for row in session.execute(_UNREADABLE.encode()))


def clock(session: Session) -> str:
    """Now, by the database's clock (ISO 8601 UTC)."""
    row = session.execute(
        """SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    ).fetchone()
    return str(row[0]) if row else ""
