"""Locks as a tree: real sessions that wait behind each other, and trees that only a test can draw."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.database.locks import look_at_locks, tree
from actions.plan import Evidence, Refused
from actions.tools.postgres.locks import Holder, Waiter, Waits
from tests.actions.conftest import World
from tests.actions.crowd import Crowd
from tests.actions.running import planned, run
from tests.real.postgres import PASSWORD
from tests.real.processes import wait_for


def look(world: World) -> Evidence:
    _, plan = planned(look_at_locks, world.tools, environment="staging")
    return run(plan, world.tools, 3)[0]


def waiting(world: World, number: int) -> None:
    with world.pg.connect() as session:
        wait_for(
            f"{number} who wait",
            lambda: (
                session.execute(
                    "select count(*) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'",
                    [world.staging.database],
                ).fetchone()
                == (number,)
            ),
        )


def test_nobody_waits(world: World, crowd: Crowd) -> None:
    crowd.join("holder", idle=True)
    assert look(world) == Evidence("nobody waited for a lock", light="green")


def test_the_root_stands_first_and_the_rest_behind_it(world: World, crowd: Crowd) -> None:
    crowd.join("holder", idle=True)
    crowd.session("holder").execute("update usuarios set id = 77 where id = 1")
    crowd.join("writer", query="update usuarios set id = 4242 where id = 1")
    waiting(world, 1)
    crowd.join("definer", application="migration", query="alter table usuarios add column x int")
    waiting(world, 2)
    crowd.join("reader", query="select * from usuarios where id = 31337")
    waiting(world, 3)

    found = look(world)

    root = found.values["1"]
    assert root.startswith(f"pid {crowd.pid('holder')} (belezza, api), idle in transaction for ")
    assert "blocks 3: update usuarios set id = ? where id = ?" in root
    assert "end-idle-in-transaction would end it" in root
    lines = {line.split()[1]: (place, line) for place, line in found.values.items()}
    place, line = lines[str(crowd.pid("definer"))]
    assert place.startswith("1.")
    assert "for AccessExclusiveLock on public.usuarios" in line
    place, line = lines[str(crowd.pid("reader"))]
    assert place.startswith("1.")
    assert f"behind {crowd.pid('definer')}" in line, "who only stands in the queue is in the way, too"
    assert found.said.startswith("3 sessions waited for a lock, the longest for ")
    assert f"pid {crowd.pid('holder')}" in found.said
    assert not {"77", "4242", "31337"} & set(" ".join([found.said, *found.values.values()]).split())


def test_a_superuser_in_the_way_is_not_drbots_to_end(world: World, crowd: Crowd) -> None:
    crowd.join("holder", user="postgres", idle=True)
    crowd.session("holder").execute("lock table usuarios in access exclusive mode")
    crowd.join("reader", query="select count(*) from usuarios")
    waiting(world, 1)
    assert "not drbot's to end" in look(world).values["1"]


def test_a_prepared_transaction_in_the_way_is_named(world: World, crowd: Crowd) -> None:
    with world.pg.connect(world.staging.database, "belezza") as session:
        session.execute("begin")
        session.execute("lock table usuarios in access exclusive mode")
        session.execute("prepare transaction 'half-done'")
    try:
        crowd.join("reader", query="select count(*) from usuarios")
        waiting(world, 1)
        said = look(world).values["1"]
    finally:
        with world.pg.connect(world.staging.database) as session:
            session.execute("rollback prepared 'half-done'")
    assert "a prepared transaction (half-done) blocks 1" in said


def test_a_ring_is_told_while_it_lasts(world: World) -> None:
    def attempt(session: psycopg.Connection, key: int) -> None:
        with contextlib.suppress(psycopg.Error):
            session.execute("select pg_advisory_lock(%s)", [key])

    database = world.staging.database
    options = "-c deadlock_timeout=20s"
    with contextlib.ExitStack() as stack:
        pair = [
            stack.enter_context(psycopg.connect(world.pg.url(database), autocommit=True, options=options))
            for _ in range(2)
        ]
        for key, session in enumerate(pair):
            session.execute("select pg_advisory_lock(%s)", [key])
        workers = [
            threading.Thread(target=attempt, args=(session, 1 - key)) for key, session in enumerate(pair)
        ]
        for worker in workers:
            worker.start()
        try:
            waiting(world, 2)
            found = look(world)
        finally:
            with world.pg.connect() as session:
                for held in pair:
                    session.execute("select pg_terminate_backend(%s)", [held.info.backend_pid])
            for worker in workers:
                worker.join(10)
    assert set(found.values) == {"ring 1", "ring 2"}
    assert "they wait for each other in a ring" in found.said


def test_a_login_that_is_refused_is_said(world: World) -> None:
    wrong = replace(world.staging, url=world.staging.url.replace(PASSWORD, "another-password"))
    tools = replace(world.tools, servers={"staging": wrong})
    _, plan = planned(look_at_locks, tools, environment="staging")
    with pytest.raises(Refused, match="password authentication failed"):
        run(plan, tools, 3)


def waiter(pid: int, *before: int) -> Waiter:
    return Waiter(pid, "belezza", "api", float(pid), "select ?", "ShareLock", "relation", "t", before)


@given(st.lists(st.tuples(st.integers(1, 12), st.lists(st.integers(0, 14), max_size=3)), max_size=12))
def test_whatever_waits_for_whatever_each_is_told_once(edges: list[tuple[int, list[int]]]) -> None:
    behind = {pid: waiter(pid, *before) for pid, before in edges if before}
    lines = tree(Waits(tuple(behind.values()), {}, ()))
    told = [int(line.said.split()[1]) for line in lines if "has waited" in line.said]
    assert sorted(told) == sorted(behind)
    assert len({line.number for line in lines}) == len(lines)


def test_the_one_with_the_most_behind_it_comes_first() -> None:
    holder = Holder(50, "belezza", "api", "active", 130.0, 200.0, "select ?", False)
    waits = Waits((waiter(1, 40), waiter(2, 50), waiter(3, 2), waiter(4, 2, 50)), {50: holder}, ())
    lines = {line.number: line.said for line in tree(waits)}
    assert lines["1"].startswith("pid 50 (belezza, api), active for 2 min, its transaction 3 min old,")
    assert "blocks 3: select ?. end-long-queries would cancel it" in lines["1"]
    assert "pid 40 blocks 1; it was gone" in lines["2"]
    assert lines["1.1.1"].startswith("pid 3 ")
    assert lines["1.2"].startswith("pid 4 ")
