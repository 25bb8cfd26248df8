"""Rigs for the database: one small server for all, each stage a database and a role of its own on it."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import psycopg
from psycopg import sql

from actions.tools.postgres.server import url_of
from tests.matrix.holder import Holder
from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.postgres import PASSWORD, RealPostgres, embedded_programs, real_postgres
from tests.real.proxy import Proxy, proxy

SMALL = "small"
ROWS = 20
URL = "DR_STAGING_DATABASE_URL"
_numbers = itertools.count(1)


@contextlib.contextmanager
def _server() -> Iterator[RealPostgres]:
    """The server with a database of two small tables to copy."""
    with real_postgres(embedded_programs()) as server:
        with server.connect() as session:
            session.execute(f"CREATE DATABASE {SMALL} OWNER belezza TEMPLATE template0".encode())
        with server.connect(SMALL, "belezza") as session:
            session.execute(
                "create table usuarios (id int primary key, nome text);"
                "create table agendamentos (id int primary key, usuario int references usuarios);"
                f"insert into usuarios select n, 'n' || n from generate_series(1, {ROWS}) n;"
                f"insert into agendamentos select n, n from generate_series(1, {ROWS}) n".encode()
            )
        yield server


@dataclass(frozen=True)
class Room:
    """A stage's database on the real server, the proxy on the bot's way to it, and the bot's role."""

    pg: RealPostgres
    way: Proxy
    database: str
    role: str

    @property
    def url(self) -> str:
        return url_of("127.0.0.1", self.way.port, self.role, PASSWORD, self.database)

    def plan(self) -> dict[str, object]:
        return {"database": {"name": self.database, "url_env": URL, "smoke_tables": ["usuarios"]}}

    @contextlib.contextmanager
    def while_role(self, taken: str, given: str) -> Iterator[None]:
        """The bot's role without a right for as long as the block lasts."""
        with self.pg.connect() as session:
            session.execute(taken.format(role=self.role).encode())
            try:
                yield
            finally:
                session.execute(given.format(role=self.role).encode())

    def sql(self, statement: str) -> None:
        """As the superuser, beside the bot."""
        with self.pg.connect() as session:
            session.execute(statement.encode())

    def faults(self, taken: str, given: str) -> dict[Fault, Inject]:
        return {
            Fault.GONE: self.way.refuse,
            Fault.TIMEOUT: self.way.hang,
            Fault.DENIED: lambda: self.while_role(taken, given),
        }

    def rows(self) -> int:
        with self.pg.connect(self.database) as session:
            row = session.execute("select count(*) from usuarios").fetchone()
        return int(row[0]) if row else 0

    def worse(self) -> str:
        """How the database is worse off than at the start."""
        try:
            return "" if self.rows() else "usuarios is empty"
        except psycopg.Error as error:
            return f"the database does not answer: {error}"


@contextlib.contextmanager
def _room(servers: Servers) -> Iterator[Room]:
    pg = cast(RealPostgres, servers.keep("small postgres", _server))
    role = f"drbot_{os.getpid()}_{next(_numbers)}"
    with proxy(("127.0.0.1", pg.port)) as way, pg.copy_of(SMALL, "stage") as database:
        with pg.connect() as session:
            session.execute(f"create role {role} login createdb createrole password '{PASSWORD}'".encode())
            session.execute(f"grant belezza, pg_signal_backend, pg_read_all_stats to {role}".encode())
        yield Room(pg, way, database, role)
    _drop_roles(pg, role)


def _drop_roles(pg: RealPostgres, role: str) -> None:
    """The stage's role, and those of shadows that a killed run has left (their databases are dropped)."""
    with pg.connect() as session:
        session.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [role])
        left = session.execute("select rolname from pg_roles where rolname like 'dr_restore_%'").fetchall()
        for name in [*(str(row[0]) for row in left), role]:
            for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
                session.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextlib.contextmanager
def _look(servers: Servers) -> Iterator[Stage]:
    with _room(servers) as here:
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": here.plan()},
            variables={URL: here.url},
            effects=lambda: 0,
            worse=here.worse,
            faults=here.faults(
                "alter role {role} password 'another-password'", f"alter role {{role}} password '{PASSWORD}'"
            ),
        )


@contextlib.contextmanager
def _ending(servers: Servers, idle: bool) -> Iterator[Stage]:
    with _room(servers) as here, contextlib.ExitStack() as stack:
        plain = here.pg.url(here.database, "belezza")
        holder = Holder(plain, idle)
        holder.begin()
        stack.callback(holder.leave)
        bystander = stack.enter_context(psycopg.connect(plain, autocommit=True))
        powerful = stack.enter_context(psycopg.connect(here.pg.url(here.database), autocommit=True))
        powerful.execute("begin")
        powerful.execute("select 1")

        def worse() -> str:
            try:
                bystander.execute("select 1")
                powerful.execute("select 1")
            except psycopg.Error:
                return "a session was ended that was none of its own"
            return here.worse()

        holder.aged(1.1)
        rights = ("revoke pg_signal_backend from {role}", "grant pg_signal_backend to {role}")
        yield Stage(
            params={"environment": "staging", "older_than": "1s"},
            environments={"staging": here.plan()},
            variables={URL: here.url},
            effects=lambda: holder.ended,
            worse=worse,
            faults={
                **here.faults(*rights),
                Fault.VANISHED: lambda: _done(holder.leave),
                Fault.CHANGED: lambda: _done(holder.again),
            },
        )


@contextlib.contextmanager
def _another(here: Room) -> Iterator[None]:
    """Another database under the target's name."""
    with here.pg.connect() as session:
        for statement in (
            f"ALTER DATABASE {here.database} RENAME TO {here.database}__moved",
            f"CREATE DATABASE {here.database} OWNER belezza TEMPLATE {SMALL}",
        ):
            session.execute(statement.encode())
    yield


@contextlib.contextmanager
def _done(work: object) -> Iterator[None]:
    assert callable(work)
    work()
    yield


@contextlib.contextmanager
def end_long_queries(servers: Servers) -> Iterator[Stage]:
    with _ending(servers, idle=False) as stage:
        yield stage


@contextlib.contextmanager
def end_idle_in_transaction(servers: Servers) -> Iterator[Stage]:
    with _ending(servers, idle=True) as stage:
        yield stage


RIGS: Mapping[str, Rig] = {
    "look-at-activity": _look,
    "look-at-database": _look,
    "look-at-locks": _look,
    "look-at-vacuum": _look,
    "end-long-queries": end_long_queries,
    "end-idle-in-transaction": end_idle_in_transaction,
}
