"""What is wrong in a database itself: constraints and indexes that are not valid, sequences behind."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import sql

from actions.tools.postgres.server import Session, whole

TOLD = 1000
_CONSTRAINTS = """
    SELECT conname, CASE WHEN conrelid <> 0 THEN conrelid::regclass::text ELSE contypid::regtype::text END
    FROM pg_constraint WHERE NOT convalidated ORDER BY 2, 1 LIMIT %s
"""
# An index that was never finished is not in a dump, except where it is one of a partitioned table.
_INDEXES = """
    SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indexrelid
    WHERE NOT indisvalid AND c.relkind = 'I' ORDER BY 1 LIMIT %s
"""
_OWNED_SEQUENCES = """
    SELECT n.nspname, c.relname, tn.nspname, t.relname, a.attname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p') AND t.relpersistence <> 't'
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    JOIN pg_sequence s ON s.seqrelid = c.oid
    WHERE c.relkind = 'S' AND s.seqincrement > 0 AND NOT s.seqcycle
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
                      AND e.deptype = 'e')
    ORDER BY 1, 2
"""


def read_faults(session: Session) -> Mapping[str, str]:
    """Sentences by what each is about; at most a thousand of a kind.

    One that the original has too is no fault of what was restored: the name that a sentence goes by is the
    same in both, its numbers need not be. Of sequences only those are asked whose column is a whole number.
    """
    said = {
        f"constraint {row[0]} of {row[1]}": f"constraint {row[0]} of {row[1]} is not validated"
        for row in session.execute(_CONSTRAINTS, [TOLD])
    }
    said |= {f"index {row[0]}": f"index {row[0]} is not valid" for row in session.execute(_INDEXES, [TOLD])}
    for schema, name, table_schema, table, column in session.execute(_OWNED_SEQUENCES).fetchall():
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
            said[f"sequence {schema}.{name}"] = (
                f"sequence {schema}.{name} is at {row[0]}, but {table}.{column} already holds {row[1]}"
            )
    return dict(list(said.items())[:TOLD])
