"""Exchanging two databases by name: both renames in one transaction while another session clears the way.

Old or new, never none: a bot killed anywhere in here leaves the transaction undone or done (decision 0004).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from actions.failures import NotVerified, Transient
from actions.tools.postgres.server import Postgres, Session, databases, identifiers, sentence, whole

CLEAR_EVERY_S = 0.02


@dataclass(frozen=True)
class Exchange:
    """`live` becomes `away`, `coming` becomes `live`; both must still have these oids."""

    live: str
    live_oid: int
    away: str
    coming: str
    coming_oid: int


def exchange(
    server: Postgres, session: Session, run: int, change: Exchange, also: Sequence[sql.Composed]
) -> float:
    """Do it and return how long it took (s), the time in which clients had to wait or come again.

    `also` are statements of the same transaction, after the renames. Raises NotVerified where another
    database is under one of the names (nothing changed), Transient where the way was not clear in 5 s.
    """
    began = time.monotonic()
    with clearing(server, run, (change.live_oid, change.coming_oid)), session.transaction():
        session.execute("SET LOCAL lock_timeout = '5s'")
        session.execute("SET LOCAL statement_timeout = '20s'")
        present = databases(session)
        for name, oid in ((change.live, change.live_oid), (change.coming, change.coming_oid)):
            if name not in present or present[name].oid != oid:
                raise NotVerified(
                    f"{name} is not the database that was planned with any more (another restore?):"
                    " nothing was exchanged"
                )
        for one, other in ((change.live, change.away), (change.coming, change.live)):
            session.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*identifiers(one, other)))
        for statement in also:
            session.execute(statement)
    return time.monotonic() - began


@contextlib.contextmanager
def clearing(server: Postgres, run: int, oids: tuple[int, ...]) -> Iterator[None]:
    """End the sessions of these databases again and again, from a second session, while the block runs."""
    done = threading.Event()
    failed: list[Exception] = []
    with server.admin(run) as second:

        def clear() -> None:
            try:
                while not done.is_set():
                    second.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datid::bigint = ANY(%s) AND pid <> pg_backend_pid()"
                        " AND backend_type <> 'autovacuum worker'",  # not ours to end; the server does
                        [list(oids)],
                    )
                    done.wait(CLEAR_EVERY_S)
            except Exception as error:  # noqa: BLE001  # told below, in the thread that can raise
                failed.append(error)

        worker = threading.Thread(target=clear, daemon=True)
        worker.start()
        try:
            yield
        except psycopg.Error as error:
            if failed:
                raise Transient(
                    f"{sentence(error)}; ending the sessions in the way failed too: {failed[0]}"
                ) from error
            raise
        finally:
            done.set()
            worker.join(30)


def rights_of(session: Session, database: str, new_name: str) -> list[sql.Composed]:
    """Statements that give `new_name` the rights, connection limit and openness that `database` has."""
    rows = session.execute(
        "SELECT d.datconnlimit, coalesce(g.rolname, ''), acl.privilege_type, acl.is_grantable"
        " FROM pg_database d CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS acl"
        " LEFT JOIN pg_roles g ON g.oid = acl.grantee WHERE d.datname = %s AND acl.grantee <> d.datdba",
        [database],
    ).fetchall()
    limit = session.execute("SELECT datconnlimit FROM pg_database WHERE datname = %s", [database]).fetchone()
    made = [
        sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(
            sql.Identifier(new_name), sql.Literal(whole(limit[0]) if limit else -1)
        )
    ]
    for _, grantee, privilege, grantable in rows:
        made.append(
            sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
                sql.SQL({"CREATE": "CREATE", "TEMPORARY": "TEMPORARY"}.get(str(privilege), "CONNECT")),
                sql.Identifier(new_name),
                sql.Identifier(str(grantee)) if grantee else sql.SQL("PUBLIC"),
                sql.SQL(" WITH GRANT OPTION" if grantable else ""),
            )
        )
    return made


def rows_written(session: Session) -> int:
    """Rows inserted, changed and deleted in the session's database since its statistics began."""
    row = session.execute(
        "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables"
    ).fetchone()
    return whole(row[0]) if row else 0
