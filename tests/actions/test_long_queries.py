"""Ending long queries: exactly the right ones of a set of real sessions."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from actions.database.activity import look_at_activity
from actions.database.long_queries import end_long_queries
from actions.plan import Context, NotVerified, Refused
from tests.actions.conftest import World
from tests.actions.crowd import Crowd
from tests.actions.running import planned, run
from tests.real.postgres import PASSWORD
from tests.real.processes import wait_for


def test_only_the_right_ones_are_ended(world: World, crowd: Crowd) -> None:
    with world.pg.connect() as session:
        session.execute(
            "do $$ begin if not exists (select from pg_roles where rolname = 'copia') then"
            f" create role copia login replication password '{PASSWORD}'; end if; end $$".encode()
        )
    crowd.join("hog")
    crowd.join("idler", idle=True)
    crowd.join("superuser", user="postgres")
    crowd.join("replication", user="copia")
    crowd.join("backup", application="pg_dump")
    crowd.join("drbot", application="drbot:99")
    crowd.settled(1.0)

    facts, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    crowd.join("fresh")
    done = run(plan, world.tools, 5, times=2)

    assert {target.pid for target in facts.targets} == {crowd.pid("hog"), crowd.pid("idler")}
    assert crowd.doing("hog") == "idle", "a cancelled query leaves its connection to the pool"
    assert crowd.doing("idler") is None, "an idle transaction cannot be cancelled, so its connection is ended"
    spared = ("superuser", "replication", "backup", "drbot", "fresh")
    assert [crowd.doing(name) for name in spared] == ["active"] * len(spared)
    assert "a new connection succeeded" in done[-1].said
    assert dict(facts.spared) == {"superuser": 1, "replication": 1, "backup": 1, "drbot itself": 1}


def test_the_plan_shows_the_exact_list_without_what_was_in_the_queries(world: World, crowd: Crowd) -> None:
    crowd.join("hog")
    crowd.settled(1.0)
    facts, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    shown = " ".join(f"{name} {value}" for name, value in plan.facts)
    assert f"pid {crowd.pid('hog')}" in shown
    assert "select pg_sleep(?), ?, ?" in shown
    assert b"segredo" not in msgspec.json.encode(facts)


def test_no_more_than_asked_for_are_ended_and_the_rest_is_told(world: World, crowd: Crowd) -> None:
    for number in range(4):
        crowd.join(f"hog {number}")
    crowd.settled(1.0)
    facts, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s", at_most=2)
    run(plan, world.tools, 6)
    assert facts.more == 2
    assert any("2 more are as old" in warning for warning in plan.warnings)
    states = sorted(str(crowd.doing(f"hog {number}")) for number in range(4))
    assert states == ["active", "active", "idle", "idle"]


def test_a_session_that_went_on_to_other_work_is_left_alone(world: World, crowd: Crowd) -> None:
    crowd.join("busy", idle=True)
    crowd.join("hog")
    crowd.settled(1.0)
    _, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    crowd.session("busy").execute("select 1")  # a new query in the same session: no longer the one shown
    run(plan, world.tools, 7)
    assert crowd.doing("busy") == "idle in transaction"
    assert crowd.doing("hog") == "idle"


def test_where_none_is_at_it_any_more_it_is_refused(world: World, crowd: Crowd) -> None:
    crowd.join("busy", idle=True)
    crowd.settled(1.0)
    _, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    crowd.session("busy").execute("select 1")
    with pytest.raises(Refused, match="none of the session shown is at it any more"):
        run(plan, world.tools, 7)
    assert crowd.doing("busy") == "idle in transaction"


def test_without_the_right_to_end_others_the_guard_refuses(world: World, crowd: Crowd) -> None:
    crowd.join("hog")
    crowd.settled(1.0)
    _, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    few = replace(world.staging, url=world.pg.url(world.staging.database, "belezza"))
    with pytest.raises(Refused, match="GRANT pg_signal_backend"):
        run(plan, replace(world.tools, servers={"staging": few}), 8)
    assert crowd.doing("hog") == "active"


def test_another_server_than_the_one_shown_is_refused(world: World, crowd: Crowd) -> None:
    crowd.join("hog")
    crowd.settled(1.0)
    facts, _ = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    params = end_long_queries.read_params({"environment": "staging", "older_than": "1s"})
    elsewhere = end_long_queries.plan(params, replace(facts, system_identifier="1"))
    with pytest.raises(Refused, match="another server"):
        run(elsewhere, world.tools, 9)
    assert crowd.doing("hog") == "active"


def test_what_runs_is_cancelled_before_a_connection_is_ended(world: World, crowd: Crowd) -> None:
    crowd.join("hog")
    crowd.settled(1.0)
    _, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    cancelled, ended = (step.do(Context(world.tools, 4)) for step in plan.steps)
    assert cancelled.said.startswith("cancelled 1 queries; 1 let go")
    assert ended.said == "no connection had to be ended"


def test_a_client_that_swallows_the_cancel_loses_its_connection(world: World, crowd: Crowd) -> None:
    swallow = "begin perform pg_sleep(60); exception when query_canceled then null; end"
    stubborn = f"do $$ begin loop {swallow}; end loop; end $$"
    crowd.join("stubborn", query=stubborn)
    crowd.settled(1.0)
    _, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    done = run(plan, world.tools, 8)
    assert crowd.doing("stubborn") is None
    assert any(evidence.said == "ended 1 connections" for evidence in done)


def test_nothing_old_is_refused_with_what_there_is(world: World) -> None:
    with pytest.raises(Refused, match=r"older than 10m.*connections in use"):
        planned(end_long_queries, world.tools, environment="staging")


def test_a_check_fails_while_one_is_still_at_it(world: World, crowd: Crowd) -> None:
    crowd.join("hog")
    crowd.settled(1.0)
    _, plan = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    with pytest.raises(NotVerified, match="still at it"):
        plan.after[0].do(Context(world.tools, 1))


@pytest.mark.parametrize(
    "given", [{"older_than": "soon"}, {"older_than": "0m"}, {"at_most": 0}, {"at_most": "101"}]
)
def test_strange_parameters_are_told_by_name(given: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        end_long_queries.read_params({"environment": "staging", **given})


def test_drift_is_what_matters_only(world: World, crowd: Crowd) -> None:
    crowd.join("one")
    crowd.join("two")
    crowd.settled(1.0)
    before, _ = planned(end_long_queries, world.tools, environment="staging", older_than="1s")
    one, two = before.targets
    assert end_long_queries.drift(before, before) is None
    assert end_long_queries.drift(before, replace(before, targets=(two,))) is None, (
        "one ended by itself: harmless"
    )
    assert "another server" in str(end_long_queries.drift(before, replace(before, system_identifier="1")))
    others = replace(before, targets=(replace(one, pid=1),))
    assert "none of the 2" in str(end_long_queries.drift(before, others))


def test_looking_tells_states_the_oldest_and_who_waits(world: World, crowd: Crowd) -> None:
    crowd.join("holder", idle=True)
    crowd.session("holder").execute("lock table usuarios in access exclusive mode")
    crowd.join("waiter", query="select * from usuarios where email = 'ana@exemplo.com.br'")
    with world.pg.connect() as session:
        wait_for(
            "a waiter",
            lambda: session.execute("select 1 from pg_locks where not granted").fetchone() is not None,
        )
    _, plan = planned(look_at_activity, world.tools, environment="staging")
    pool, oldest, waits = run(plan, world.tools, 3)
    assert "connections in use" in pool.said
    assert pool.values["active"] == "1"
    assert "2 sessions" in oldest.said
    assert "1 session waited" in waits.said
    assert "email = ?" in waits.values["1"]
    assert "exemplo" not in str(waits.values) + str(oldest.values)
