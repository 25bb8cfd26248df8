"""A role that may read and nothing else, for the plan's queries in a copy that nobody else reaches.

What a query of the plan names may be a view by now, over a function of whoever may make one; it must not run
with drbot's own rights on the database's host.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from psycopg import conninfo, sql

from actions.failures import NotVerified
from actions.tools.postgres.server import Postgres, Session, whole

READ_ALL_SINCE = 140000
OURS = "drbot: reads a recovered copy, and is dropped again"
_FOUND = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s"
_SCHEMAS = "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'"
_SUPERUSER = """
    SELECT rolname::text FROM pg_roles WHERE rolsuper AND rolcanlogin
    ORDER BY rolname <> current_user, oid LIMIT 1
"""


@contextlib.contextmanager
def reading(copy: Postgres, run: int, statement_timeout_s: float) -> Iterator[Session]:
    """A session of it; the role is gone afterwards. Safe to do twice: one that a kill has left is made anew.

    `copy` must let anybody in who reaches its socket. Raises NotVerified where no superuser could make it.
    """
    name = f"dr_proof_{run}"
    with _as(copy, _superuser(copy)).session(run) as session:
        _drop(session, name)
        _make(session, name)
        try:
            with _as(copy, name).session(run, statement_timeout_s=statement_timeout_s) as inside:
                yield inside
        finally:
            _drop(session, name)


def _as(copy: Postgres, role: str) -> Postgres:
    return replace(copy, url=conninfo.make_conninfo(copy.url, user=role))


def _superuser(copy: Postgres) -> str:
    """drbot's own role in the copy where it is one, else another."""
    with copy.session() as session:
        row = session.execute(_SUPERUSER).fetchone()
    if row is None:
        raise NotVerified("no role of the recovered cluster may make one that asks the plan's rules")
    return str(row[0])


def _make(session: Session, name: str) -> None:
    role = sql.Identifier(name)
    with session.transaction():
        session.execute(
            sql.SQL(
                "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS"
            ).format(role)
        )
        session.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(role, sql.Literal(OURS)))
        row = session.execute("SELECT current_setting('server_version_num')::int").fetchone()
        if row and whole(row[0]) >= READ_ALL_SINCE:
            session.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))
            return
        for (schema,) in session.execute(_SCHEMAS).fetchall():
            where = sql.Identifier(str(schema))
            session.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(where, role))
            session.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(where, role))


def _drop(session: Session, name: str) -> None:
    """Drop it where it is there. Raises NotVerified where that one is somebody else's."""
    row = session.execute(_FOUND, [name]).fetchone()
    if row is None:
        return
    if row[0] != OURS:
        raise NotVerified(f"the recovered cluster has a role {name} of its own: it was left alone; ask again")
    with session.transaction():
        session.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        session.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
