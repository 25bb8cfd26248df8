"""Giving a restored database what the one before had of its own; each thing by itself, or it is told."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

from actions.tools.postgres.own_rights import Owned, OwnRights, Publication, Right
from actions.tools.postgres.server import Session, identifiers, sentence

_PRIVILEGES = frozenset(
    {
        "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN", "USAGE",
        "EXECUTE", "CREATE",
    }
)  # fmt: skip
_PLURALS = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS"}
_ITS_OWNER = {
    "TABLE": "SELECT pg_get_userbyid(c.relowner), '' FROM pg_class c JOIN pg_namespace n"
    " ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
    "ROUTINE": "SELECT pg_get_userbyid(proowner), oid::regprocedure::text FROM pg_proc"
    " WHERE %s = '' AND oid = to_regprocedure(%s)",
    "SCHEMA": "SELECT pg_get_userbyid(nspowner), '' FROM pg_namespace WHERE %s = '' AND nspname = %s",
}
# Rights that are named one by one, of what the role made: a dump names a table's owner only where that one
# has not all rights, or where somebody else owned the table.
_NAMED = """
    SELECT kind, name, g.rolname, a.privilege_type, a.is_grantable FROM (
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
               format('%%I.%%I', n.nspname, c.relname) AS name, relowner AS owner, relacl AS acl
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL SELECT 'ROUTINE', oid::regprocedure::text, proowner, proacl FROM pg_proc
        UNION ALL SELECT 'SCHEMA', quote_ident(nspname), nspowner, nspacl FROM pg_namespace
        UNION ALL SELECT 'TYPE', oid::regtype::text, typowner, typacl FROM pg_type
        UNION ALL SELECT 'LARGE OBJECT', oid::text, lomowner, lomacl FROM pg_largeobject_metadata
    ) AS made, LATERAL aclexplode(made.acl) AS a
    JOIN pg_roles g ON g.oid = a.grantee
    WHERE pg_get_userbyid(made.owner) = %s AND a.grantee <> made.owner ORDER BY 1, 2
"""


class NamedRights:
    """The rights that a dump names one by one, read before what it made changes hands.

    A change of hands adds the new owner's to them: one who had given up a right would have it again.
    """

    def __init__(self, session: Session, role: str) -> None:
        self._session = session
        self._by: dict[tuple[str, str], dict[str, list[Right]]] = {}
        for kind, name, to, privilege, grantable in session.execute(_NAMED.encode(), [role]):
            of = self._by.setdefault((str(kind), str(name)), {})
            of.setdefault(str(to), []).append(Right(str(to), str(privilege), bool(grantable)))

    def hold(self, owners: dict[tuple[str, str], str], otherwise: str) -> None:
        """Give each owner (`owners` by kind and name, else `otherwise`) the named rights, and no others."""
        for (kind, name), of in self._by.items():
            owner = owners.get((kind, name), otherwise)
            if owner not in of:
                continue
            what = sql.SQL("{} {}").format(sql.SQL(kind), sql.SQL(name))  # both as the server wrote them
            to = sql.Identifier(owner)
            self._session.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(what, to))
            for right in of[owner]:
                self._session.execute(_grant(right, what))


def _grant(right: Right, on: sql.Composable) -> sql.Composed:
    if right.privilege not in _PRIVILEGES:
        raise ValueError(f"the server names a right that nobody knows: {right.privilege}")
    return sql.SQL("GRANT {} ON {} TO {}{}").format(
        sql.SQL(right.privilege), on,
        sql.Identifier(right.to) if right.to else sql.SQL("PUBLIC"),
        sql.SQL(" WITH GRANT OPTION" if right.grantable else ""),
    )  # fmt: skip


def give_owners(session: Session, own: OwnRights, role: str) -> tuple[dict[tuple[str, str], str], list[str]]:
    """Of what the role made, give those objects to whom they belonged that belonged to somebody of their own.

    Returns whom they belong to now, and sentences for those that could not be given.
    """
    given: dict[tuple[str, str], str] = {}
    lost: list[str] = []
    for one in own.owned:
        found = session.execute(_ITS_OWNER[one.kind], [one.schema, one.name]).fetchone()
        if found is None or found[0] != role:
            continue
        if one.owner in own.powerful:
            lost.append(f"{one} belonged to {one.owner}, to whom nothing of a dump is given")
        elif why := _refused(session, [_alter_owner(one, str(found[1]))]):
            lost.append(f"{one} could not be given to {one.owner}: {why}")
        else:
            given[_key(session, one, str(found[1]))] = one.owner
    return given, lost


def _alter_owner(one: Owned, routine: str) -> sql.Composed:
    what = sql.SQL(routine) if routine else sql.Identifier(*filter(None, (one.schema, one.name)))
    return sql.SQL("ALTER {} {} OWNER TO {}").format(sql.SQL(one.kind), what, sql.Identifier(one.owner))


def _key(session: Session, one: Owned, routine: str) -> tuple[str, str]:
    """The kind and name under which its rights are."""
    if one.kind != "TABLE":
        return one.kind, routine or sql.Identifier(one.name).as_string(session)
    row = session.execute(
        "SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,"
        " format('%%I.%%I', n.nspname, c.relname) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
        [one.schema, one.name],
    ).fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "")


def give_defaults(session: Session, own: OwnRights) -> list[str]:
    """The default rights of things to come. Returns sentences for those that could not be set."""
    lost = []
    for (role, schema, kind), rights in own.defaults.items():
        what, of = (
            sql.SQL(_PLURALS.get(kind, "TABLES")),
            f"default rights of {role}{f' in {schema}' if schema else ''}",
        )
        head = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} {}").format(
            sql.Identifier(role),
            sql.SQL("IN SCHEMA {} ").format(sql.Identifier(schema)) if schema else sql.SQL(""),
        )
        bare = (
            [] if schema else [sql.SQL("REVOKE ALL ON {} FROM {}, PUBLIC").format(what, sql.Identifier(role))]
        )
        statements = [head + one for one in (*bare, *(_grant(right, what) for right in rights))]
        if why := _refused(session, statements):
            lost.append(f"{of}: {why}")
    return lost


def give_publications(session: Session, own: OwnRights) -> list[str]:
    """The publications of whole tables. Returns sentences for those that could not be made."""
    there = {row[0] for row in session.execute("SELECT pubname FROM pg_publication")}
    lost = []
    for one in own.publications:
        if one.name in there:
            continue
        if one.special:
            lost.append(f"publication {one.name} has filters, columns or whole schemas: make it by hand")
        elif why := _refused(session, _publication(one)):
            lost.append(f"publication {one.name}: {why}")
    return lost


def _publication(one: Publication) -> list[sql.Composed]:
    name = sql.Identifier(one.name)
    tables = sql.SQL(", ").join(sql.SQL("ONLY {}").format(sql.Identifier(*pair)) for pair in one.tables)
    of = sql.SQL(" FOR ALL TABLES") if one.all_tables else sql.SQL(" FOR TABLE ") + tables
    return [
        sql.SQL("CREATE PUBLICATION {}{} WITH (publish = {}{})").format(
            name,
            of if one.all_tables or one.tables else sql.SQL(""),
            sql.Literal(one.publish),
            sql.SQL(", publish_via_partition_root = true" if one.by_root else ""),
        ),
        sql.SQL("ALTER PUBLICATION {} OWNER TO {}").format(*identifiers(one.name, one.owner)),
    ]


def _refused(session: Session, statements: Iterable[sql.Composed]) -> str:
    """Run them, all or none; the server's words where it says no. A lost connection is raised."""
    try:
        with session.transaction():
            for statement in statements:
                session.execute(statement)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        return sentence(error)
    return ""
