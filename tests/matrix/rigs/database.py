"""Rigs for the database: one small server for all, each stage a database and a role of its own on it."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import msgspec
import psycopg
from psycopg import sql

from actions.backup_make import dump_database
from actions.backups import MANIFEST, Manifest
from actions.tools.postgres import Postgres, url_of
from actions.tools.s3 import Bucket
from tests.matrix.holder import Holder
from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.postgres import PASSWORD, RealPostgres, embedded_programs, real_postgres
from tests.real.proxy import Proxy, proxy
from tests.real.s3 import KEYS, RealS3, seaweedfs

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
    with _room(servers) as room:
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": room.plan()},
            variables={URL: room.url},
            effects=lambda: 0,
            worse=room.worse,
            faults=room.faults(
                "alter role {role} password 'another-password'", f"alter role {{role}} password '{PASSWORD}'"
            ),
        )


@contextlib.contextmanager
def _ending(servers: Servers, idle: bool) -> Iterator[Stage]:
    with _room(servers) as room, contextlib.ExitStack() as stack:
        plain = room.pg.url(room.database, "belezza")
        holder = Holder(plain, idle)
        holder.begin()
        stack.callback(holder.leave)
        bystander = stack.enter_context(psycopg.connect(plain, autocommit=True))
        powerful = stack.enter_context(psycopg.connect(room.pg.url(room.database), autocommit=True))
        powerful.execute("begin")
        powerful.execute("select 1")

        def worse() -> str:
            try:
                bystander.execute("select 1")
                powerful.execute("select 1")
            except psycopg.Error:
                return "a session was ended that was none of its own"
            return room.worse()

        holder.aged(1.1)
        rights = ("revoke pg_signal_backend from {role}", "grant pg_signal_backend to {role}")
        yield Stage(
            params={"environment": "staging", "older_than": "1s"},
            environments={"staging": room.plan()},
            variables={URL: room.url},
            effects=lambda: holder.ended,
            worse=worse,
            faults={
                **room.faults(*rights),
                Fault.VANISHED: lambda: _done(holder.leave),
                Fault.CHANGED: lambda: _done(holder.again),
            },
        )


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


@contextlib.contextmanager
def _backed_up(pg: RealPostgres, s3: RealS3) -> Iterator[tuple[Manifest, bytes]]:
    """One backup of the small database, and its bytes."""
    bucket = s3.bucket()
    server = Postgres(pg.url(SMALL), programs=pg.programs)
    made = dump_database(server, bucket, "production", datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC))
    yield made, bucket.read(made.key)


@contextlib.contextmanager
def restore_database(servers: Servers) -> Iterator[Stage]:
    """Staging holds one row more than the backup; what was swapped away is what counts as an effect."""
    with _room(servers) as room:
        s3 = cast(RealS3, servers.keep("seaweedfs", seaweedfs))
        backup = cast("tuple[Manifest, bytes]", servers.keep("small backup", lambda: _backed_up(room.pg, s3)))
        bucket = s3.bucket()
        manifest = replace(backup[0], key=bucket.prefix + backup[0].key.rsplit("/", 1)[-1])
        bucket.put(manifest.key, backup[1])
        bucket.put(manifest.key + MANIFEST, msgspec.json.encode(manifest))
        with room.pg.connect(room.database, "belezza") as session:
            session.execute("insert into usuarios values (1000, 'only in staging')")
        place = {"bucket": bucket.name, "prefix": bucket.prefix, "name": bucket.stem}
        yield Stage(
            params={"environment": "staging"},
            environments={"production": {"backups": place}, "staging": room.plan()},
            variables={
                URL: room.url,
                "AWS_ENDPOINT_URL": s3.endpoint_url,
                "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
                "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
            },
            effects=lambda: _swaps(room),
            worse=room.worse,
            faults={
                **room.faults("alter role {role} nocreatedb", "alter role {role} createdb"),
                Fault.VANISHED: lambda: _deleted(bucket, manifest),
                Fault.CHANGED: lambda: _another(room),
                Fault.UNHEALTHY: lambda: _emptied(room),
            },
        )


def _swaps(room: Room) -> int:
    return sum(name.startswith(f"{room.database}__old_") for name in room.pg.names())


@contextlib.contextmanager
def _deleted(bucket: Bucket, manifest: Manifest) -> Iterator[None]:
    bucket.client.delete_object(Bucket=bucket.name, Key=manifest.key)
    yield


@contextlib.contextmanager
def _another(room: Room) -> Iterator[None]:
    """Another database under the target's name."""
    with room.pg.connect() as session:
        for statement in (
            f"ALTER DATABASE {room.database} RENAME TO {room.database}__moved",
            f"CREATE DATABASE {room.database} OWNER belezza TEMPLATE {SMALL}",
        ):
            session.execute(statement.encode())
    yield


@contextlib.contextmanager
def _emptied(room: Room) -> Iterator[None]:
    """Somebody empties the shadow's first table as soon as it is filled."""
    over = threading.Event()

    def empty() -> None:
        gone = 0  # over all visits: each is short, for whoever stays is in the way when the shadow is dropped
        while gone < 2 * ROWS and not over.wait(0.002):
            shadows = [name for name in room.pg.names() if name.startswith(f"{room.database}__dr_")]
            with contextlib.suppress(psycopg.Error, IndexError), room.pg.connect(shadows[0]) as session:
                for table in ("agendamentos", "usuarios"):
                    with contextlib.suppress(psycopg.errors.UndefinedTable):
                        gone += session.execute(f"delete from {table}".encode()).rowcount

    thread = threading.Thread(target=empty, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


RIGS: Mapping[str, Rig] = {
    "look-at-activity": _look,
    "look-at-database": _look,
    "look-at-locks": _look,
    "look-at-vacuum": _look,
    "end-long-queries": end_long_queries,
    "end-idle-in-transaction": end_idle_in_transaction,
    "restore-database": restore_database,
}
