"""How tables and functions of a database are defined, as short hashes by which two can be compared."""

from __future__ import annotations

from collections.abc import Mapping

from actions.tools.postgres.server import Session

MOST = 20_000
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
# What a dump repeats to the letter. The words of views, defaults, checks and indexes are left out: the server
# writes them anew from what it understood, and may write them otherwise once they were read back.
_COLUMNS = f"""
    SELECT 'table ' || n.nspname || '.' || c.relname, left(md5(coalesce(string_agg(concat_ws(' ', a.attname,
        format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
        CASE WHEN a.atthasdef THEN 'default' END, a.attidentity::text, a.attgenerated::text),
        E'\\n' ORDER BY a.attname::text COLLATE "C"), '')), 16)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {_OURS}
    GROUP BY n.nspname, c.relname ORDER BY 1 LIMIT {MOST}
"""  # noqa: S608  # constants above
_FUNCTIONS = f"""
    SELECT 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid)
        || ')', left(md5(concat_ws(E'\\n', p.prosrc, l.lanname, pg_get_function_result(p.oid), p.prosecdef,
        p.provolatile, p.proisstrict, p.proparallel, p.proleakproof, array_to_string(p.proconfig, ','))), 16)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE p.prokind <> 'a' AND {_OURS} AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    ORDER BY 1 LIMIT {MOST}
"""  # noqa: S608  # constants above


def read_definitions(session: Session) -> dict[str, str]:
    """A hash of each table's columns (names, types, what they must have) and of each function's own words.

    No code of the database's users is run for it.
    """
    return {
        str(name): str(digest)
        for query in (_COLUMNS, _FUNCTIONS)
        for name, digest in session.execute(query.encode()).fetchall()
    }


def redefined(promised: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, ...]:
    """Sentences for what is defined otherwise than promised, or not there; none where nothing was."""
    said = [f"{name} is missing" for name in promised if promised and name not in found]
    said += [
        f"{name} is defined otherwise" for name in promised if name in found and found[name] != promised[name]
    ]
    return tuple(said)
