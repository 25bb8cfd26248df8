"""What a role without power could not make again: said when a backup is made, not when it is needed."""

from __future__ import annotations

from actions.tools.postgres.server import Session

NAMED = 6
_MINE = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{catalog}'::regclass AND d.objid = {oid}
                    AND d.deptype = 'e')
"""
_FUNCTION = "p.oid::regprocedure::text"
_FUNCTIONS = f"""FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_language l ON l.oid = p.prolang
    WHERE p.prokind <> 'a' AND {_MINE.format(catalog="pg_proc", oid="p.oid")}"""
_BY_CATALOG = {
    "in a language that only a superuser may use": f"SELECT {_FUNCTION} {_FUNCTIONS} AND NOT l.lanpltrusted",
    "marked LEAKPROOF, as only a superuser may": f"SELECT {_FUNCTION} {_FUNCTIONS} AND p.proleakproof"
    " AND l.lanpltrusted",
    "with a setting that only a superuser may set": f"""SELECT {_FUNCTION} {_FUNCTIONS} AND EXISTS (
        SELECT FROM unnest(p.proconfig) set JOIN pg_settings s ON s.name = split_part(set, '=', 1)
        WHERE s.context <> 'user')""",  # noqa: S608
    "an operator class or family, which only a superuser may make": f"""
        SELECT f.opfname FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace
        WHERE {_MINE.format(catalog="pg_opfamily", oid="f.oid")}""",  # noqa: S608
    "a part of text search that only a superuser may make": f"""
        SELECT t.tmplname FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
        WHERE {_MINE.format(catalog="pg_ts_template", oid="t.oid")}
        UNION ALL SELECT t.prsname FROM pg_ts_parser t JOIN pg_namespace n ON n.oid = t.prsnamespace
        WHERE {_MINE.format(catalog="pg_ts_parser", oid="t.oid")}""",  # noqa: S608
    "a cast that only a superuser may make": """
        SELECT format('%s to %s', castsource::regtype, casttarget::regtype) FROM pg_cast c
        JOIN pg_type s ON s.oid = castsource JOIN pg_type t ON t.oid = casttarget
        WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass
                                             AND d.objid = c.oid AND d.deptype = 'e')
          AND (castmethod = 'b' OR (s.oid < 16384 AND t.oid < 16384))""",
    "with row-level security FORCED on its owner, from whom a restore hides what it loads": f"""
        SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
          AND {_MINE.format(catalog="pg_class", oid="c.oid")}""",  # noqa: S608
}


def read_obstacles(session: Session) -> tuple[str, ...]:
    """Sentences for what a restore, which never is a superuser, could not make; none where all is well."""
    said = []
    for why, query in _BY_CATALOG.items():
        names = [str(row[0]) for row in session.execute(f"{query} ORDER BY 1 LIMIT {NAMED}".encode())]
        if names:
            said.append(f"{', '.join(names)}: {why}")
    return tuple(said)
