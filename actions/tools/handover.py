"""Handing a shadow over: what it holds to the target's owner, and to it the settings of the target."""

from __future__ import annotations

from psycopg import sql

from actions.tools.postgres import Postgres, Session, identifiers
from actions.tools.shadow import Names

_LIST_SETTINGS = {
    "search_path", "session_preload_libraries", "local_preload_libraries", "temp_tablespaces",
    "shared_preload_libraries", "unix_socket_directories",
}  # fmt: skip


def hand_over(server: Postgres, session: Session, names: Names, owner: str) -> None:
    """Give everything in the shadow to the target's owner, and the shadow the target's settings."""
    with server.session(names.run, names.shadow, statement_timeout_s=300.0) as inside:
        present = inside.execute("SELECT FROM pg_roles WHERE rolname = %s", [names.role]).fetchone()
        if present is not None:
            role, new_owner = identifiers(names.role, owner)
            inside.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(role, new_owner))
            inside.execute(sql.SQL("DROP OWNED BY {}").format(role))
    session.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(sql.Identifier(names.shadow)))
    session.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*identifiers(names.shadow, owner)))
    session.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(names.role)))
    _copy_settings(session, names)


def _copy_settings(session: Session, names: Names) -> None:
    """ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET of the target, which no dump holds."""
    rows = session.execute(
        "SELECT coalesce(r.rolname, ''), split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)"
        " FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
        " LEFT JOIN pg_roles r ON r.oid = s.setrole CROSS JOIN unnest(s.setconfig) AS c WHERE d.datname = %s",
        [names.database],
    ).fetchall()
    for role, name, value in rows:
        where = (
            sql.SQL("ALTER ROLE {} IN DATABASE {}").format(*identifiers(str(role), names.shadow))
            if role
            else sql.SQL("ALTER DATABASE {}").format(sql.Identifier(names.shadow))
        )
        setting = sql.SQL(".").join(identifiers(*str(name).split(".")))
        if name in _LIST_SETTINGS:
            with session.transaction():  # a list cannot be written as one literal: let the server copy it
                session.execute("SELECT set_config(%s, %s, true)", [name, value])
                session.execute(sql.SQL("{} SET {} FROM CURRENT").format(where, setting))
        else:
            session.execute(sql.SQL("{} SET {} TO {}").format(where, setting, sql.Literal(str(value))))
