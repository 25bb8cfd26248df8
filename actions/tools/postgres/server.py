"""A PostgreSQL server as the actions use it: short sessions with names, timeouts and sentences for errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import conninfo, sql

from actions.failures import Refused, Transient
from actions.tools.postgres.greeting import APPLICATION, Greeting, greet
from actions.tools.postgres.patience import PatientConnection

Session = psycopg.Connection[tuple[object, ...]]
SILENCE_BEYOND_S = 5.0

_PINNED = (
    "-c search_path=pg_catalog -c datestyle=ISO,MDY -c timezone=UTC -c intervalstyle=postgres"
    " -c extra_float_digits=1 -c bytea_output=hex -c idle_in_transaction_session_timeout=0"
    " -c row_security=off"  # a table is read whole or not at all: a policy is its owner's code
)
_IDLE = {"idle_session_timeout": 140000, "transaction_timeout": 170000}
"""Limits of the server's that a session of ours must outlive, and since which version there are any."""
_NO_PERMISSION = (psycopg.errors.InsufficientPrivilege,)
_FOR_NOW = (
    psycopg.OperationalError,
    psycopg.errors.ObjectInUse,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.TransactionTimeout,
)


@dataclass(frozen=True)
class Identity:
    """Which server this is: the identifier that initdb gave it, and its version (150018 is 15.18)."""

    system_identifier: str
    version: int

    @property
    def major(self) -> int:
        return self.version // 10000


@dataclass(frozen=True)
class DatabaseSeen:
    """One database of the server; `oid` stays the same when it is renamed."""

    name: str
    oid: int
    owner: str
    encoding: str
    connection_limit: int


@dataclass(frozen=True)
class Postgres:
    """One environment's database on its server.

    `url` names that database and holds the password, so it is never shown. Sessions that create, rename
    or drop databases go to `maintenance`. `programs` is where pg_dump is, where it is not on the path.
    `smoke_tables` are the tables that a living database never has empty. `serves_customers`: what the plan
    says of its environment. After `silence_timeout_s` without a word in a session the server is greeted anew.
    `newest` are `table.column` names that say when a row was written; `defuse` is SQL for a restored copy of
    this database, before anybody can connect; `holds` are queries that answer true, by what they prove.
    `bot` is the name of the bot's own memory: what tells its sessions from those of another bot. `health` is
    the URL at which the service that uses this database says whether it is well ('' where the plan has none).
    """

    url: str = field(repr=False)
    maintenance: str = "postgres"
    smoke_tables: tuple[str, ...] = ()
    programs: Path | None = None
    connect_timeout_s: int = 5
    silence_timeout_s: float = 10.0
    serves_customers: bool = False
    newest: tuple[str, ...] = ()
    defuse: tuple[str, ...] = ()
    holds: Mapping[str, str] = field(default_factory=dict)
    bot: str = ""
    health: str = ""

    def called(self, run: int | None) -> str:
        """The name of a session of this run: `drbot:7`, and whose run it is where that is known."""
        whose = f"@{self.bot}" if self.bot else ""
        return f"{APPLICATION}:{run}{whose}" if run is not None else APPLICATION

    @property
    def database(self) -> str:
        return str(self._parts.get("dbname") or "")

    @property
    def host(self) -> str:
        return str(self._parts.get("host") or "local socket")

    @property
    def port(self) -> int:
        """The port; the first where the URL names several servers."""
        return int(str(self._parts.get("port") or 5432).split(",")[0])

    @property
    def user(self) -> str:
        return str(self._parts.get("user") or "")

    @property
    def place(self) -> str:
        """`host:port/database`, without user or password."""
        return f"{self.host}:{self.port}/{self.database}"

    @property
    def _parts(self) -> dict[str, str | int | None]:
        return dict(conninfo.conninfo_to_dict(self.url))

    def login(self, user: str, password: str, database: str) -> Postgres:
        """The same server for another role and database."""
        return replace(
            self, url=conninfo.make_conninfo(self.url, user=user, password=password, dbname=database)
        )

    @contextlib.contextmanager
    def session(
        self, run: int | None = None, database: str | None = None, statement_timeout_s: float = 30.0
    ) -> Iterator[Session]:
        """An autocommit session with a pinned, boring environment, named `drbot:RUN` in pg_stat_activity.

        It may idle: it holds a lock or a snapshot while a dump or a load runs beside it.

        Raises Transient where the server does not answer for now, Refused where it says no (password,
        missing database, missing right). Statements fail alike while the block runs.
        """
        options = f"{_PINNED} -c statement_timeout={int(statement_timeout_s * 1000)} -c lock_timeout=10s"
        with self._told():
            connection = PatientConnection.connect(
                conninfo.make_conninfo(
                    self.url,
                    dbname=database or self.database,
                    connect_timeout=self.connect_timeout_s,
                    application_name=self.called(run),
                    options=options,
                    keepalives_idle=10,
                    keepalives_interval=5,
                    keepalives_count=3,
                ),
                autocommit=True,
            )
            connection.silence_s = statement_timeout_s + SILENCE_BEYOND_S
            connection.ask_after_s = self.silence_timeout_s
            connection.alive = lambda: self.greet() is Greeting.ACCEPTING
            with contextlib.closing(connection):
                _outlive(connection)
                yield connection

    def admin(
        self, run: int | None = None, statement_timeout_s: float = 30.0
    ) -> contextlib.AbstractContextManager[Session]:
        """A session in the maintenance database: there the databases themselves are handled."""
        return self.session(run, self.maintenance, statement_timeout_s)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the driver's errors into sentences that say whether trying again can help."""
        try:
            yield
        except (psycopg.errors.InvalidCatalogName, psycopg.errors.InvalidAuthorizationSpecification) as error:
            raise Refused(f"{self.place} refused the connection: {sentence(error)}") from error
        except _NO_PERMISSION as error:
            raise Refused(f"{self.place}: drbot lacks a right: {sentence(error)}") from error
        except _FOR_NOW as error:
            if _is_final(error):
                raise Refused(f"{self.place} refused the connection: {sentence(error)}") from error
            raise Transient(f"{self.place} did not do it for now: {sentence(error)}") from error

    def greet(self) -> Greeting:
        """How the server takes a new connection, as pg_isready asks it: no login is made."""
        host = "localhost" if self.host == "local socket" else self.host.split(",")[0]
        return greet(host, self.port, self.user, self.database, self.connect_timeout_s)

    def identity(self, session: Session) -> Identity:
        """The server's identity, asked of a session to it."""
        row = session.execute(
            "select system_identifier::text, current_setting('server_version_num')::int"
            " from pg_catalog.pg_control_system()"
        ).fetchone()
        if row is None:
            raise Transient(f"{self.place} did not say who it is")
        return Identity(str(row[0]), whole(row[1]))


def _outlive(session: Session) -> None:
    """Lift the limits that end a session for being idle, as far as the server has them."""
    lifted = [name for name, since in _IDLE.items() if session.info.server_version >= since]
    if lifted:
        session.execute(
            "SELECT set_config(limit_name, '0', false) FROM unnest(%s::text[]) limit_name", [lifted]
        )


def sentence(error: psycopg.Error) -> str:
    """The server's own words on one line, at most 300 characters."""
    said = error.diag.message_primary or str(error)
    detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
    return " ".join(f"{said}{detail}".split())[:300]


def _is_final(error: psycopg.Error) -> bool:
    """A refused login comes without a code before the session stands: its words are all there is."""
    said = str(error)
    return error.sqlstate is None and any(
        words in said
        for words in (
            "password authentication failed",
            "does not exist",
            "no pg_hba.conf entry",
            "no password",
            "is not permitted to log in",
            "permission denied for database",
        )
    )


def whole(value: object) -> int:
    """A column that is a whole number. Raises TypeError where it is not: a fault of ours."""
    if isinstance(value, int):
        return value
    raise TypeError(f"{value!r} is not a whole number")


def databases(session: Session) -> dict[str, DatabaseSeen]:
    """Every database that is not a template, by name."""
    rows = session.execute(
        "select datname, oid::bigint, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datconnlimit"
        " from pg_database where not datistemplate order by datname limit 1000"
    ).fetchall()
    seen = [DatabaseSeen(str(row[0]), whole(row[1]), str(row[2]), str(row[3]), whole(row[4])) for row in rows]
    return {database.name: database for database in seen}


def size_of(session: Session, oid: int) -> int:
    """Bytes of a database; -1 where it is gone, or this role may not know it.

    Known to whoever may connect to it, or is of pg_read_all_stats. Every file of it is asked for: do not ask
    of more databases than needed, and not while somebody waits.
    """
    row = session.execute(
        "SELECT pg_database_size(oid) FROM pg_database WHERE oid = %s::bigint::oid"
        " AND (has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE'))",
        [oid],
    ).fetchone()
    return whole(row[0]) if row and row[0] is not None else -1


def identifiers(*names: str) -> tuple[sql.Identifier, ...]:
    """Names quoted for a statement."""
    return tuple(sql.Identifier(name) for name in names)


def url_of(host: str, port: int, user: str, password: str, database: str) -> str:
    """A connection URL from its parts, each quoted."""
    return (
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}"
        f"/{quote(database, safe='')}"
    )
