"""Ending sessions idle in a transaction: those and no others, pinned by their last word."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from actions.database.idle_transactions import end_idle_in_transaction
from actions.plan import Context, NotVerified, Refused
from tests.actions.conftest import World
from tests.actions.crowd import Crowd
from tests.actions.running import planned, run
from tests.real.postgres import PASSWORD
from tests.real.processes import wait_for

GIVEN = {"environment": "staging", "older_than": "1s"}


def abort(crowd: Crowd, name: str) -> None:
    """Let its transaction fail, and stay open."""
    with pytest.raises(psycopg.errors.DivisionByZero):
        crowd.session(name).execute("select 1 / 0")


def test_only_idle_transactions_are_ended(world: World, crowd: Crowd) -> None:
    with world.pg.connect() as session:
        session.execute(
            "do $$ begin if not exists (select from pg_roles where rolname = 'copia') then"
            f" create role copia login replication password '{PASSWORD}'; end if; end $$".encode()
        )
    crowd.join("idler", idle=True)
    crowd.join("aborted", idle=True)
    abort(crowd, "aborted")
    crowd.join("worker")
    crowd.join("superuser", user="postgres", idle=True)
    crowd.join("replication", user="copia", idle=False)
    crowd.join("backup", application="pg_dump", idle=True)
    crowd.join("drbot", application="drbot:99", idle=True)
    crowd.settled(1.0)

    facts, plan = planned(end_idle_in_transaction, world.tools, **GIVEN)
    crowd.join("fresh", idle=True)
    done = run(plan, world.tools, 5, times=2)

    assert {one.pid for one in facts.targets} == {crowd.pid("idler"), crowd.pid("aborted")}
    assert crowd.doing("idler") is None
    assert crowd.doing("aborted") is None
    assert crowd.doing("worker") == "active"
    spared = ("superuser", "backup", "drbot", "fresh")
    assert [crowd.doing(name) for name in spared] == ["idle in transaction"] * len(spared)
    assert dict(facts.spared) == {"superuser": 1, "backup": 1, "drbot itself": 1}
    ended = [evidence.said for evidence in done if "connection" in evidence.said]
    assert ended[:2] == ["ended 2 connections", "no connection had to be ended"], "twice is once"


def test_one_that_spoke_again_in_its_transaction_is_left_alone(world: World, crowd: Crowd) -> None:
    crowd.join("busy", idle=True)
    crowd.join("idler", idle=True)
    crowd.settled(1.0)
    _, plan = planned(end_idle_in_transaction, world.tools, **GIVEN)
    crowd.session("busy").execute("select 1")
    run(plan, world.tools, 6)
    assert crowd.doing("busy") == "idle in transaction"
    assert crowd.doing("idler") is None


def test_one_in_another_transaction_is_left_alone_and_alone_it_is_refused(world: World, crowd: Crowd) -> None:
    crowd.join("busy", idle=True)
    crowd.settled(1.0)
    _, plan = planned(end_idle_in_transaction, world.tools, **GIVEN)
    crowd.session("busy").execute("commit")
    crowd.session("busy").execute("begin")
    with pytest.raises(Refused, match="gone on to other work"):
        run(plan, world.tools, 6)
    assert crowd.doing("busy") == "idle in transaction"


def test_a_lock_that_it_held_is_free_afterwards(world: World, crowd: Crowd) -> None:
    crowd.join("holder", idle=True)
    crowd.session("holder").execute("lock table usuarios in access exclusive mode")
    crowd.join("waiter", query="select count(*) from usuarios")
    crowd.settled(1.0)
    _, plan = planned(end_idle_in_transaction, world.tools, **GIVEN)
    run(plan, world.tools, 7)
    wait_for("the one who waited", lambda: crowd.doing("waiter") == "idle")


def test_none_is_refused_with_what_there_is(world: World, crowd: Crowd) -> None:
    crowd.join("worker")
    crowd.join("drbot", application="drbot", idle=True)
    crowd.settled(1.0)
    with pytest.raises(
        Refused, match=r"no session idle in a transaction .* older than 1s; 1 of drbot itself are not drbot's"
    ):
        planned(end_idle_in_transaction, world.tools, **GIVEN)


def test_no_more_than_asked_for(world: World, crowd: Crowd) -> None:
    for number in range(3):
        crowd.join(f"idler {number}", idle=True)
    crowd.settled(1.0)
    facts, plan = planned(end_idle_in_transaction, world.tools, **GIVEN, at_most=2)
    run(plan, world.tools, 8)
    assert facts.more == 1
    assert [crowd.doing(f"idler {number}") for number in range(3)].count(None) == 2


def test_the_check_fails_while_one_is_still_idle(world: World, crowd: Crowd) -> None:
    crowd.join("idler", idle=True)
    crowd.settled(1.0)
    _, plan = planned(end_idle_in_transaction, world.tools, **GIVEN)
    with pytest.raises(NotVerified, match="still at it"):
        plan.after[0].do(Context(world.tools, 1))


def test_without_the_right_it_is_refused(world: World, crowd: Crowd) -> None:
    crowd.join("idler", idle=True)
    crowd.settled(1.0)
    _, plan = planned(end_idle_in_transaction, world.tools, **GIVEN)
    few = replace(world.staging, url=world.pg.url(world.staging.database, "belezza"))
    tools = replace(world.tools, servers={"staging": few})
    with pytest.raises(Refused, match="GRANT pg_signal_backend"):
        run(plan, tools, 9)
    with pytest.raises(Refused, match="GRANT pg_signal_backend"):
        planned(end_idle_in_transaction, tools, **GIVEN)
    assert crowd.doing("idler") == "idle in transaction"


def test_drift_is_another_set_of_sessions_or_another_server(world: World, crowd: Crowd) -> None:
    crowd.join("idler", idle=True)
    crowd.settled(1.0)
    before, _ = planned(end_idle_in_transaction, world.tools, **GIVEN)
    crowd.session("idler").execute("select 1")
    crowd.settled(1.0)
    now, _ = planned(end_idle_in_transaction, world.tools, **GIVEN)
    assert "none of the 1" in str(end_idle_in_transaction.drift(before, now))
    assert end_idle_in_transaction.drift(before, before) is None
    moved = replace(before, system_identifier="1")
    assert "another server" in str(end_idle_in_transaction.drift(before, moved))
