"""The shadow beside a database: made for one run, owned by a role of its own, handed over or dropped."""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from actions.failures import Refused
from actions.tools.postgres.server import Postgres, Session, databases, identifiers, whole

NAME_LIMIT_BYTES = 63


@dataclass(frozen=True)
class Names:
    """What belongs to one run beside its target: the same however often a step is repeated.

    A rehearsal never touches the target, so it holds a lock of its own. `bot` is whose run it is, where that
    is known: two bots with memories of their own may both have a run of this number.
    """

    database: str
    run: int
    rehearsal: bool = False
    bot: str = ""

    def __post_init__(self) -> None:
        if len(self.undone.encode()) > NAME_LIMIT_BYTES:
            raise Refused(f"the name {self.database} is too long to put a run's number behind it")

    @property
    def lock(self) -> str:
        return f"rehearsal:{self.database}" if self.rehearsal else self.database

    @property
    def shadow(self) -> str:
        return f"{self.database}__dr_{self.run}"

    @property
    def old(self) -> str:
        return f"{self.database}__old_{self.run}"

    @property
    def undone(self) -> str:
        return f"{self.database}__undone_{self.run}"

    @property
    def role(self) -> str:
        return f"dr_restore_{self.run}"


@contextlib.contextmanager
def restore_lock(server: Postgres, names: Names, statement_timeout_s: float = 60.0) -> Iterator[Session]:
    """An admin session that holds the target's restore lock: it ends with the session, so with the bot.

    Sessions that a killed bot left behind for the same run are ended. Raises Refused while another run
    holds it, naming it.
    """
    with server.admin(names.run, statement_timeout_s) as session:
        deadline = time.monotonic() + 5.0
        while not _try_lock(session, names.lock):
            holder = _holder(session, names.lock)
            if holder is not None and holder[1] == server.called(names.run):
                session.execute("SELECT pg_terminate_backend(%s)", [holder[0]])
            elif holder is not None and time.monotonic() > deadline - 4.0:
                what = "rehearsal beside" if names.rehearsal else "restore into"
                raise Refused(
                    f"another {what} {names.database} is running: {holder[1]}, since {holder[2]}."
                    " Nothing was changed; wait for it, or cancel it."
                )
            if time.monotonic() > deadline:
                raise Refused(
                    f"the restore lock of {names.database} was not free within 5 s; nothing was changed"
                )
            time.sleep(0.05)
        yield session


def _try_lock(session: Session, lock: str) -> bool:
    row = session.execute(
        "SELECT pg_try_advisory_lock(hashtext('drbot:restore'), hashtext(%s))", [lock]
    ).fetchone()
    return bool(row and row[0])


def _holder(session: Session, lock: str) -> tuple[int, str, str] | None:
    row = session.execute(
        "SELECT a.pid, a.application_name, a.backend_start::timestamptz(0)::text FROM pg_locks l"
        " JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
        " AND l.classid = (hashtext('drbot:restore')::bigint & 4294967295)::oid"
        " AND l.objid = (hashtext(%s)::bigint & 4294967295)::oid AND l.database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())",
        [lock],
    ).fetchone()
    return None if row is None else (whole(row[0]), str(row[1]), str(row[2]))


def make_shadow(
    server: Postgres, session: Session, names: Names, locale: tuple[str, str] = ("", "")
) -> Postgres:
    """A fresh, empty shadow with the target's encoding, and the way in as its owner.

    Its locale (collation, ctype) is the target's unless given.

    What was there under the run's names is dropped first, so it is safe to do twice. The owner is a role
    without any power, its password is random and thrown away with it.
    """
    drop_shadow(session, names)
    password = secrets.token_urlsafe(32)
    role, shadow = identifiers(names.role, names.shadow)
    verifier = session.pgconn.encrypt_password(password.encode(), names.role.encode(), b"scram-sha-256")
    session.execute(
        sql.SQL(
            "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
            " CONNECTION LIMIT 4 PASSWORD {}"
        ).format(role, sql.Literal(verifier.decode()))
    )
    session.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    row = session.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s",
        [names.database],
    ).fetchone()
    if row is None:
        raise Refused(f"there is no database {names.database} any more: nothing was changed")
    session.execute(
        sql.SQL(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}"
            " CONNECTION LIMIT 4"
        ).format(
            shadow,
            role,
            sql.Literal(str(row[0])),
            sql.Literal(locale[0] or str(row[1])),
            sql.Literal(locale[1] or str(row[2])),
        )
    )
    session.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(shadow))
    return server.login(names.role, password, names.shadow)


def reopen(server: Postgres, session: Session, names: Names) -> Postgres:
    """The way in as the shadow's owner again, with a new password. Raises Refused where it is gone."""
    password = secrets.token_urlsafe(32)
    verifier = session.pgconn.encrypt_password(password.encode(), names.role.encode(), b"scram-sha-256")
    if names.shadow not in databases(session):
        raise Refused(f"the shadow {names.shadow} is gone: the target was not touched; ask for a new restore")
    session.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(names.role), sql.Literal(verifier.decode())
        )
    )
    return server.login(names.role, password, names.shadow)


def drop_shadow(session: Session, names: Names) -> bool:
    """Drop the run's shadow and its role, if they are there; says whether a shadow was. Safe to do twice.

    Raises Refused where it is another bot's.
    """
    require_ours(session, names)
    was_there = names.shadow in databases(session)
    session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(names.shadow)))
    session.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(names.role)))
    return was_there


def seal(session: Session, database: str, words: str) -> None:
    """Write on a database what is true of it (its comment): the next step reads it."""
    session.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(words))
    )


def made_by(names: Names) -> str:
    """Whose run a shadow is of, as it stands on it."""
    return f"drbot run {names.run}{f' of {names.bot}' if names.bot else ''}"


def other_bot(session: Session, names: Names) -> str:
    """The bot whose run of the same number has a shadow under this name; '' where it is none or our own."""
    found = re.match(rf"drbot run {names.run} of (\w+),", seal_of(session, names.shadow))
    return found[1] if found and names.bot and found[1] != names.bot else ""


def require_ours(session: Session, names: Names) -> None:
    """Raises Refused where another bot's run of the same number has a shadow under this name."""
    if other := other_bot(session, names):
        raise Refused(
            f"{names.shadow} is of another bot's run of the same number ({other}): it was left alone. Ask"
            " again: the next run has a number of its own. Nothing was changed."
        )


def seal_of(session: Session, database: str) -> str:
    """What was written on a database, or nothing."""
    row = session.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    return str(row[0]) if row and row[0] is not None else ""
