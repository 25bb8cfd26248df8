"""What a database has of its own that no dump brings back: owners of objects, default rights, publications.

Read of the database that is replaced, from the catalogs alone: no code of its users is run for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actions.tools.postgres.server import Session

MOST = 5000
_MINE = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = '{0}'::regclass AND d.objid = {1} AND d.deptype = 'e')
"""
_OWNED = f"""
    SELECT 'TABLE', n.nspname, c.relname, pg_get_userbyid(c.relowner) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relpersistence <> 't'
      AND pg_get_userbyid(c.relowner) <> %s AND {_MINE.format("pg_class", "c.oid")}
      AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
               AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0))
    UNION ALL SELECT 'ROUTINE', '', p.oid::regprocedure::text, pg_get_userbyid(p.proowner) FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE pg_get_userbyid(p.proowner) <> %s AND {_MINE.format("pg_proc", "p.oid")}
    UNION ALL SELECT 'SCHEMA', '', n.nspname, pg_get_userbyid(n.nspowner) FROM pg_namespace n
    WHERE n.nspname <> 'public' AND pg_get_userbyid(n.nspowner) <> %s
      AND {_MINE.format("pg_namespace", "n.oid")}
    ORDER BY 1, 2, 3 LIMIT {MOST}
"""  # noqa: S608  # constants above
# Whom what is made of a dump may not belong to: it could act with power over the server through that role.
_POWERFUL = """
    SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY(%s)
      AND (r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls OR EXISTS (
           SELECT FROM pg_roles p WHERE (p.rolsuper OR p.rolname ~ '^pg_')
             AND pg_has_role(r.oid, p.oid, 'MEMBER') AND NOT pg_has_role(%s::name, p.oid, 'MEMBER')))
    UNION SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND rolsuper
"""
_DEFAULTS = """
    SELECT pg_get_userbyid(d.defaclrole), coalesce(n.nspname, ''), d.defaclobjtype::text,
           coalesce(g.rolname, ''), coalesce(a.privilege_type, ''), coalesce(a.is_grantable, false)
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
    LEFT JOIN LATERAL aclexplode(d.defaclacl) a ON true LEFT JOIN pg_roles g ON g.oid = a.grantee
    ORDER BY 1, 2, 3, 4, 5
"""
_PUBLICATIONS = """
    SELECT p.pubname, pg_get_userbyid(p.pubowner), p.puballtables, concat_ws(', ',
        CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
        coalesce((to_jsonb(p) ->> 'pubviaroot')::boolean, false),
        coalesce((SELECT array_agg(ARRAY[n.nspname, c.relname]::text[] ORDER BY n.nspname, c.relname)
            FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.prpubid = p.oid), ARRAY[]::text[]),
        EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid
            AND (to_jsonb(r) ->> 'prqual' IS NOT NULL OR to_jsonb(r) ->> 'prattrs' IS NOT NULL)),
        p.oid::bigint
    FROM pg_publication p ORDER BY 1
"""
_OF_SCHEMAS = "SELECT DISTINCT pnpubid::bigint FROM pg_publication_namespace"


@dataclass(frozen=True)
class Owned:
    """An object that belongs to somebody else than the database does. `kind` as ALTER names it; `name` of a
    routine as the server writes it, with its arguments; `schema` is '' where the name says it all.
    """

    kind: str
    schema: str
    name: str
    owner: str

    def __str__(self) -> str:
        return f"{self.kind.lower()} {self.schema}{'.' if self.schema else ''}{self.name}"


@dataclass(frozen=True)
class Right:
    """A right to one kind of thing; `to` is '' for everybody."""

    to: str
    privilege: str
    grantable: bool = False


@dataclass(frozen=True)
class Publication:
    """`special`: with row filters, lists of columns or whole schemas, which are not made anew."""

    name: str
    owner: str
    all_tables: bool
    publish: str
    by_root: bool
    tables: tuple[tuple[str, str], ...]
    special: bool = False


@dataclass(frozen=True)
class OwnRights:
    """What there is. `powerful` are those among the owners to whom nothing of a dump is given; `defaults` are
    rights by (role, schema or '', kind of object as the catalog has it).
    """

    owned: tuple[Owned, ...] = ()
    powerful: frozenset[str] = frozenset()
    defaults: Mapping[tuple[str, str, str], tuple[Right, ...]] = field(default_factory=dict)
    publications: tuple[Publication, ...] = ()


def read_own_rights(session: Session, owner: str) -> OwnRights:
    """Of the session's database, which belongs to `owner`."""
    owned = tuple(
        Owned(str(row[0]), str(row[1]), str(row[2]), str(row[3]))
        for row in session.execute(_OWNED.encode(), [owner] * 3)
    )
    owners = sorted({one.owner for one in owned})
    powerful = session.execute(_POWERFUL, [owners, owner, owners]).fetchall()
    defaults: dict[tuple[str, str, str], tuple[Right, ...]] = {}
    for role, schema, kind, to, privilege, grantable in session.execute(_DEFAULTS):
        key = (str(role), str(schema), str(kind))
        right = (Right(str(to), str(privilege), bool(grantable)),) if privilege else ()
        defaults[key] = (*defaults.get(key, ()), *right)
    return OwnRights(owned, frozenset(str(row[0]) for row in powerful), defaults, _publications(session))


def _publications(session: Session) -> tuple[Publication, ...]:
    by_schema = session.execute(_OF_SCHEMAS).fetchall() if session.info.server_version >= 150000 else []
    whole_schemas = {row[0] for row in by_schema}
    return tuple(
        Publication(
            str(name), str(owner), bool(everything), str(publish), bool(by_root),
            tuple((str(pair[0]), str(pair[1])) for pair in tables) if isinstance(tables, list) else (),
            bool(special) or oid in whole_schemas,
        )
        for name, owner, everything, publish, by_root, tables, special, oid in session.execute(_PUBLICATIONS)
    )  # fmt: skip


def not_brought_back(own: OwnRights, comes_back: bool) -> tuple[str, ...]:
    """Sentences by kind for what a restore is known not to bring back, before it is tried."""
    said = []
    if not comes_back:
        if own.owned:
            said.append(
                f"owners of {_some([str(one) for one in own.owned])}: a copy is its database's owner's"
            )
        if own.publications:
            said.append(
                f"{_some([one.name for one in own.publications], 'publication')}: a copy publishes nothing"
            )
        return tuple(said)
    kept_from = [f"{one} ({one.owner})" for one in own.owned if one.owner in own.powerful]
    if kept_from:
        said.append(f"the owner of {_some(kept_from)}: nothing of a dump is given to a role with power")
    special = [one.name for one in own.publications if one.special]
    if special:
        said.append(f"{_some(special, 'publication')}: with filters, columns or whole schemas")
    return tuple(said)


def _some(names: list[str], what: str = "object") -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'} ({', '.join(names[:3])}{more})"
