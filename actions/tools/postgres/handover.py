"""Handing a shadow over: what it holds to the target's owner, and to it the settings of the target."""

from __future__ import annotations

from psycopg import sql

from actions.failures import Refused, Transient
from actions.tools.postgres.own_rights import OwnRights, read_own_rights
from actions.tools.postgres.own_rights_given import NamedRights, give_defaults, give_owners, give_publications
from actions.tools.postgres.server import Postgres, Session, identifiers
from actions.tools.postgres.shadow import Names

_LIST_SETTINGS = {
    "search_path", "session_preload_libraries", "local_preload_libraries", "temp_tablespaces",
    "shared_preload_libraries", "unix_socket_directories",
}  # fmt: skip


def hand_over(
    server: Postgres, session: Session, names: Names, owner: str, comes_back: bool = False
) -> tuple[str, ...]:
    """Give everything in the shadow to the target's owner, and the shadow the target's settings.

    Where the database `comes_back` to its own environment, single objects go to whom they belong in the
    target now, and the target's publications are made anew; its default rights in any case. Returns
    sentences for what of that could not be brought back. Done in one transaction: safe to do twice.
    """
    own, lost = _own_rights(server, names, owner)
    with server.session(names.run, names.shadow, statement_timeout_s=300.0) as inside:
        present = inside.execute("SELECT FROM pg_roles WHERE rolname = %s", [names.role]).fetchone()
        if present is not None:
            with inside.transaction():
                lost += _change_hands(inside, names.role, owner, own if comes_back else OwnRights())
                lost += give_defaults(inside, own)
                if comes_back:
                    lost += give_publications(inside, own)
    session.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(sql.Identifier(names.shadow)))
    session.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*identifiers(names.shadow, owner)))
    session.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(names.role)))
    _copy_settings(session, names)
    return tuple(lost)


def _own_rights(server: Postgres, names: Names, owner: str) -> tuple[OwnRights, list[str]]:
    """What the target has of its own; nothing, and why, where it cannot be asked."""
    try:
        with server.session(names.run, names.database) as live:
            return read_own_rights(live, owner), []
    except (Refused, Transient) as error:
        return OwnRights(), [f"what {names.database} has of its own could not be read: {error}"]


def _change_hands(inside: Session, role: str, owner: str, own: OwnRights) -> list[str]:
    """All that the role made goes to others, with exactly the rights that the dump names."""
    rights = NamedRights(inside, role)
    given, lost = give_owners(inside, own, role)
    inside.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(*identifiers(role, owner)))
    inside.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
    rights.hold(given, owner)
    return lost


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
