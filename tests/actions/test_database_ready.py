"""Whether a database is ready: asked of a server that answers, refuses, hangs, rejects, or is none."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.database.findings import (
    Weight,
    database_findings,
    follower_findings,
    server_findings,
)
from actions.database.ready import look_at_database
from actions.plan import Evidence, Transient
from actions.tools.postgres.greeting import Greeting, read_greeting
from actions.tools.postgres.readiness import DatabaseState, ServerState, Slot, Standby
from actions.tools.postgres.server import Postgres
from actions.tools.postgres.sessions import Pool
from tests.actions.conftest import World
from tests.actions.running import planned, run
from tests.real.postgres import PASSWORD
from tests.real.processes import wait_for
from tests.real.proxy import Proxy, proxy

SERVER = ServerState(
    "16.14", 90_000.0, False, False, None, False, True, "off", False, "", 1_000, "salon", 200_000_000, True
)
DATABASE = DatabaseState(10_000_000, 30_000_000, 10**12, 0, 60.0, 60.0, 4)
STARTING = b"E\x00\x00\x00\x50SFATAL\x00VFATAL\x00C57P03\x00Mo sistema inicia\x00\x00"


def look(world: World, **changed: object) -> Evidence:
    tools = replace(world.tools, servers={"staging": replace(world.staging, **changed)})  # type: ignore[arg-type]
    _, plan = planned(look_at_database, tools, environment="staging")
    return run(plan, tools, 3)[0]


@contextlib.contextmanager
def answering(first: bytes) -> Iterator[int]:
    """A listener that says this to whoever says hello; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(1000)
                client.sendall(first)

        worker = threading.Thread(target=serve, daemon=True)
        worker.start()
        yield listener.getsockname()[1]
        worker.join(10)


def ask_while_it_hangs(server: Postgres, way: Proxy) -> None:
    with server.session() as session:
        way.hang()
        session.execute("select 1")


def test_a_ready_server_tells_all_of_it(world: World) -> None:
    found = look(world)
    assert " is ready" in found.said
    assert found.light == "green"
    about = found.values
    assert about["answer"] == "it accepts connections"
    assert about["server"].startswith("PostgreSQL ")
    assert about["writes"] == "it is the primary and takes writes"
    assert "connections in use" in about["connections"]
    assert "before a forced vacuum" in about["wraparound"]
    assert world.staging.database in about["disk"]
    assert "checksum" in about["checksums"]
    assert {"standbys", "last vacuum", "last analyze"} <= set(about)


def test_a_slot_that_nobody_uses_and_read_only_come_before_what_is_fine(world: World) -> None:
    slot = f"forgotten_{world.staging.database[-6:].replace('-', '_')}"
    with world.pg.connect() as session:
        session.execute("select pg_create_physical_replication_slot(%s, true)", [slot])
        session.execute("alter database postgres set default_transaction_read_only = on")
    try:
        found = look(world)
    finally:
        with world.pg.connect("template1") as session:
            session.execute("alter database postgres reset default_transaction_read_only")
            session.execute("select pg_drop_replication_slot(%s)", [slot])
    first = next(iter(found.values))
    assert first == "writes"
    assert "read only" in found.values["writes"]
    assert "is used by nobody" in found.values[f"slot {slot}"]
    assert list(found.values).index(f"slot {slot}") < list(found.values).index("answer")
    assert "1 bad" in found.said
    assert found.light == "red"


def test_a_server_that_refuses_is_a_finding(world: World) -> None:
    with proxy(("127.0.0.1", world.pg.port)) as way, way.refuse():
        found = look(world, url=world.staging.url.replace(str(world.pg.port), str(way.port)))
    assert " is not ready" in found.said
    assert found.values == {"answer": "it refuses connections: nothing listens there"}


def test_a_server_that_hangs_is_a_finding(world: World) -> None:
    with proxy(("127.0.0.1", world.pg.port)) as way, way.hang():
        url = world.staging.url.replace(str(world.pg.port), str(way.port))
        found = look(world, url=url, connect_timeout_s=1)
    assert found.values == {"answer": "it does not answer within 1 s"}


def test_a_server_that_stops_answering_half_way_is_a_finding(world: World) -> None:
    with proxy(("127.0.0.1", world.pg.port)) as way:
        way.at(2, way.refuse)  # it greets, and takes no login any more
        found = look(world, url=world.staging.url.replace(str(world.pg.port), str(way.port)))
    assert "it accepts connections, but not this one" in found.values["answer"]


def test_a_login_that_is_refused_is_a_finding_without_the_password(world: World) -> None:
    found = look(world, url=world.staging.url.replace(PASSWORD, "another-password"))
    assert "password authentication failed" in found.values["answer"]
    assert "another-password" not in found.said + str(found.values)


def test_a_database_that_is_missing_is_a_finding_beside_the_servers(world: World) -> None:
    found = look(world, url=world.pg.url("nowhere"))
    assert " is not ready" in found.said
    assert "does not exist" in found.values["database"]
    assert found.values["answer"] == "it accepts connections"


def test_a_server_that_is_full_is_a_finding(world: World) -> None:
    plain = world.staging.url.replace("postgres:", "belezza:", 1)
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(psycopg.OperationalError):
            for _ in range(100):
                stack.enter_context(psycopg.connect(plain))
        found = look(world, url=plain)
        full = look(world)
    assert "but not this one" in found.values["answer"]
    assert next(iter(full.values)) == "connections", "drbot's reserved connection still gets in"
    assert "clients are turned away" in full.values["connections"]
    with world.pg.connect() as session:
        wait_for(
            "the crowd to leave",
            lambda: (
                session.execute(
                    "select count(*) < 20 from pg_stat_activity where usename = 'belezza'"
                ).fetchone()
                == (True,)
            ),
        )


def test_a_long_statement_is_waited_for_and_a_server_that_hangs_is_given_up(world: World) -> None:
    with proxy(("127.0.0.1", world.pg.port)) as way:
        url = world.staging.url.replace(str(world.pg.port), str(way.port))
        server = Postgres(url, connect_timeout_s=1, silence_timeout_s=0.3)
        with server.session() as session:
            row = session.execute("select 1 from pg_sleep(1.5)").fetchone()
        assert row == (1,), "silent, and greeted meanwhile: alive"
        with pytest.raises(Transient, match="the server has said nothing for"):
            ask_while_it_hangs(server, way)


@pytest.mark.parametrize(
    ("first", "greeting"),
    [
        (STARTING, Greeting.REJECTING),
        (STARTING.replace(b"57P03", b"28000"), Greeting.ACCEPTING),
        (b"R\x00\x00\x00\x08\x00\x00\x00\x0a", Greeting.ACCEPTING),
        (b"HTTP/1.1 400 Bad Request\r\n", Greeting.STRANGE),
        (b"", Greeting.SILENT),
    ],
)
def test_the_first_answer_is_read_as_pg_isready_does(first: bytes, greeting: Greeting) -> None:
    with answering(first) as port:
        server = Postgres(f"postgresql://nobody@127.0.0.1:{port}/salon", connect_timeout_s=2)
        assert server.greet() is greeting


def test_a_name_that_nobody_has() -> None:
    server = Postgres("postgresql://nobody@db.invalid/salon", connect_timeout_s=2)
    assert server.greet() is Greeting.UNKNOWN


@given(st.binary(max_size=200))
def test_whatever_is_answered_is_some_greeting(first: bytes) -> None:
    assert read_greeting(first) in Greeting


def bad(findings: object) -> list[str]:
    return [f"{one.about}: {one.said}" for one in findings if one.weight is Weight.BAD]  # type: ignore[attr-defined]


def test_a_healthy_server_has_nothing_bad() -> None:
    assert bad(server_findings(SERVER)) == []
    assert bad(follower_findings((Standby("a", "streaming", 0.1, 100),), ())) == []
    assert bad(database_findings("salon", DATABASE, Pool(3, 97, ()), True)) == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (replace(SERVER, read_only=True), "read only"),
        (replace(SERVER, in_recovery=True, replay_paused=True), "replay is paused"),
        (replace(SERVER, archive_mode="on", archive_failing=True), "could not be archived"),
        (replace(SERVER, oldest_age=2**31 - 50_000_000), "takes no writes"),
        (replace(SERVER, autovacuum=False), "autovacuum is off"),
    ],
)
def test_what_is_bad_of_a_server(state: ServerState, said: str) -> None:
    found = bad(server_findings(state))
    assert len(found) == 1
    assert said in found[0]


def test_what_is_bad_of_followers_and_of_a_database() -> None:
    slots = (Slot("gone", False, "lost", 0), Slot("idle", False, "reserved", 2 * 10**9))
    found = bad(follower_findings((Standby("late", "catchup", 600.0, 5),), slots))
    assert [words.split(":")[0] for words in found] == ["slot gone", "slot idle"]
    full = bad(database_findings("salon", replace(DATABASE, checksum_failures=2), Pool(97, 97, ()), True))
    assert "clients are turned away" in full[0]
    assert "2 pages of salon failed" in full[1]
    tight = list(database_findings("salon", replace(DATABASE, free_bytes=1000), Pool(1, 97, ()), False))
    watched = {one.about for one in tight if one.weight is Weight.WATCH}
    assert watched == {"disk", "checksums"}
