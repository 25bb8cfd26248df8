"""Whether two databases belong to the same and let in the same: owners and rights, by object."""

from __future__ import annotations

from actions.tools.postgres.server import Session

MOST = 20_000
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


def _rights(acl: str) -> str:
    return f"(SELECT coalesce(string_agg(x::text, ', ' ORDER BY x::text), '') FROM unnest({acl}) x)"  # noqa: S608  # of constants below


_KIND = """CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char\""""
_RIGHTS = f"""
    SELECT CASE WHEN c.relkind = 'S' THEN 'sequence ' WHEN c.relkind IN ('v', 'm') THEN 'view '
                ELSE 'table ' END || n.nspname || '.' || c.relname, pg_get_userbyid(c.relowner),
           {_rights(f"coalesce(c.relacl, acldefault({_KIND}, c.relowner))")}
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relpersistence <> 't' AND {_OURS}
    UNION ALL SELECT 'function ' || p.oid::regprocedure::text, pg_get_userbyid(p.proowner),
           {_rights("coalesce(p.proacl, acldefault('f', p.proowner))")}
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS}
    UNION ALL SELECT 'schema ' || n.nspname, pg_get_userbyid(n.nspowner),
           {_rights("coalesce(n.nspacl, acldefault('n', n.nspowner))")} FROM pg_namespace n WHERE {_OURS}
    UNION ALL SELECT 'default rights of ' || pg_get_userbyid(d.defaclrole)
           || coalesce(' in ' || n.nspname, '') || ' (' || d.defaclobjtype::text || ')', '',
           {_rights("d.defaclacl")}
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
    UNION ALL SELECT 'publication ' || p.pubname, pg_get_userbyid(p.pubowner), concat_ws(', ', p.puballtables,
           p.pubinsert, p.pubupdate, p.pubdelete, (SELECT string_agg(r.prrelid::regclass::text, ' '
           ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid))
    FROM pg_publication p ORDER BY 1 LIMIT {MOST}
"""  # noqa: S608  # constants above
_ALSO_MISSED = ("default rights of ", "publication ")


def read_rights(session: Session) -> dict[str, tuple[str, str]]:
    """Owner and rights by object (`table public.audit`), of the session's database."""
    return {str(row[0]): (str(row[1]), str(row[2])) for row in session.execute(_RIGHTS.encode()).fetchall()}


def other_rights(before: dict[str, tuple[str, str]], now: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    """Sentences for what belongs to others, or lets others in, than before.

    Objects that are in one of them only are for the manifest to miss; default rights and publications are in
    no manifest, so they are missed here.
    """
    said = []
    for name, (owner, rights) in before.items():
        if name not in now:
            said += [f"{name} is gone"] if name.startswith(_ALSO_MISSED) else []
        elif now[name][0] != owner:
            said.append(f"{name} belongs to {now[name][0]}, before to {owner}")
        elif now[name][1] != rights:
            said.append(f"{name} has the rights {now[name][1] or 'none'}, before {rights or 'none'}")
    return tuple(said)
