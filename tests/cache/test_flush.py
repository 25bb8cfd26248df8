"""Flushing a real Redis: only what was shown, once, and never where it might lose data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from actions.cache_flush import flush_cache
from actions.plan import Context, Evidence, NotVerified, Plan, Refused, Transient
from actions.tools.cache import Cache
from actions.tools.cache_flush import MARKER
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.cache.conftest import Place
from tests.real.redis import real_redis


def _planned(place: Place, **given: object) -> tuple[Any, Plan]:
    return planned(flush_cache, place.tools, environment="staging", **given)


def _left(place: Place, database: int = 0) -> set[str]:
    with place.server.client(database) as client:
        found: Any = client.keys()
    return {key.decode() for key in found if not key.decode().startswith("drbot:")}


def test_one_database_is_emptied_and_the_others_stay(place: Place) -> None:
    place.server.fill(500)
    place.server.fill(4, database=1)
    facts, plan = _planned(place)
    assert (facts.keys, facts.expiring, facts.database) == (500, 500, 0)
    assert any("left alone" in warning and "database 1 (4 keys)" in warning for warning in plan.warnings)
    assert any("slower first requests" in warning for warning in plan.warnings)
    done = run(plan, place.tools, 7)
    assert done[1].said.startswith("flushed 500 keys of database 0")
    assert _left(place) == set()
    assert place.server.size(1) == 4
    assert plan.undo == ()


def test_every_step_twice_flushes_once_and_spares_what_came_between(place: Place) -> None:
    place.server.fill(10)
    _, plan = _planned(place)
    context = Context(place.tools, 7)
    plan.before[0].do(context)
    plan.steps[0].do(context)
    place.server.fill(3, family="fresh")
    assert "already" in plan.steps[0].do(context).said
    assert len(_left(place)) == 3
    assert place.server.calls("flushdb") == 1
    for check in plan.after:
        check.do(context)
        check.do(context)
    assert len(_left(place)) == 3


def test_an_answer_that_was_lost_is_not_made_up_for_by_a_second_flush(place: Place) -> None:
    place.server.fill(10)
    _, plan = _planned(place)
    context = Context(place.tools, 7)
    asked = place.way.requests
    plan.steps[0].do(Context(place.tools, 6))
    transaction = place.way.requests - asked  # the last that a flush asks
    place.server.fill(10)
    place.way.at(transaction, lambda: place.way.cut(after_bytes=1))
    with pytest.raises(Transient, match="does not answer"):
        plan.steps[0].do(context)
    place.way.passing()
    assert place.server.calls("flushdb") == 2
    place.server.fill(2, family="fresh")
    assert "already" in plan.steps[0].do(context).said
    assert len(_left(place)) == 2


def test_another_run_flushes_again(place: Place) -> None:
    place.server.fill(10)
    _, plan = _planned(place)
    run(plan, place.tools, 7)
    place.server.fill(10)
    _, plan = _planned(place)
    run(plan, place.tools, 8)
    assert place.server.calls("flushdb") == 2


def test_the_rehearsal_of_the_survey_and_the_guard_changes_nothing(place: Place) -> None:
    place.server.fill(10)
    _, plan = _planned(place)
    plan.before[0].do(Context(place.tools, 7))
    assert place.server.calls("flushdb") == place.server.calls("set|x") == 0
    assert place.server.size() == 10


def test_by_a_pattern_only_those_keys_go(place: Place) -> None:
    place.server.fill(2500)
    place.server.fill(20, family="cart")
    facts, plan = _planned(place, pattern="session:*")
    assert (facts.keys, facts.all_keys, facts.at_least) == (2500, 2520, False)
    told: list[str] = []
    done = run(plan, place.tools, 7, tell=told.append)
    assert "unlinked 2,500 keys like session:*" in done[1].said
    assert told[-1] == "2,500 keys unlinked"
    assert _left(place) == {f"cart:{number}" for number in range(20)}
    place.server.fill(3)
    assert "already" in plan.steps[0].do(Context(place.tools, 7)).said
    assert len(_left(place)) == 23
    assert place.server.calls("flushdb") == 0


def test_a_pattern_broken_off_goes_on_where_it_is(place: Place) -> None:
    place.server.fill(5000)
    _, plan = _planned(place, pattern="session:*")

    class Killed(BaseException):
        pass

    def die(said: str) -> None:
        if not said.startswith("0 "):
            raise Killed

    with pytest.raises(Killed):
        plan.steps[0].do(Context(place.tools, 7, die))
    assert 0 < place.server.size() < 5000
    plan.steps[0].do(Context(place.tools, 7))
    assert _left(place) == set()


@pytest.mark.parametrize(
    "given", [{"database": "-1"}, {"database": "one"}, {"pattern": "**"}, {"pattern": "a\n"}]
)
def test_parameters_that_cannot_be_meant_are_told(given: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        flush_cache.read_params({"environment": "staging", **given})


def test_refused_unless_the_plan_says_ephemeral(place: Place) -> None:
    place.server.fill(1)
    with pytest.raises(Refused, match=r"the plan does not say that .* is ephemeral"):
        _planned(place.saying(ephemeral=False))
    _, plan = _planned(place)
    with pytest.raises(Refused, match="ephemeral"):
        plan.before[0].do(Context(place.saying(ephemeral=False).tools, 7))
    with pytest.raises(Refused, match="ephemeral"):
        plan.steps[0].do(Context(place.saying(ephemeral=False).tools, 7))
    assert place.server.size() == 1


def test_what_is_kept_on_disk_is_named_where_it_forbids_and_warned_of_where_not() -> None:
    with real_redis("--appendonly", "yes", "--save", "3600 1") as server:
        server.fill(5)
        forbidden = FixedToolbox(caches={"staging": Cache(server.url())})
        with pytest.raises(Refused, match=r"It keeps AOF and RDB save points \(3600 1\)"):
            planned(flush_cache, forbidden, environment="staging")
        allowed = FixedToolbox(caches={"staging": Cache(server.url(), ephemeral=True)})
        _, plan = planned(flush_cache, allowed, environment="staging")
        assert any("AOF" in warning for warning in plan.warnings)
        run(plan, allowed, 7)


def test_a_replica_is_refused(place: Place) -> None:
    place.server.fill(3)
    with real_redis("--replicaof", "127.0.0.1", str(place.server.port)) as replica:
        tools = FixedToolbox(caches={"staging": Cache(replica.url(), ephemeral=True)})
        with pytest.raises(Refused, match="is a replica"):
            planned(flush_cache, tools, environment="staging")


def test_a_primary_that_became_a_replica_is_refused(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    with place.server.client() as client:
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(Refused, match="is a replica"):
        plan.steps[0].do(Context(place.tools, 7))


def test_a_cluster_is_refused() -> None:
    with real_redis("--cluster-enabled", "yes") as server:
        tools = FixedToolbox(caches={"staging": Cache(server.url(), ephemeral=True)})
        with pytest.raises(Refused, match="one node of a cluster"):
            planned(flush_cache, tools, environment="staging")


def test_an_empty_database_is_refused(place: Place) -> None:
    with pytest.raises(Refused, match="holds no key: nothing to flush"):
        _planned(place)
    place.server.fill(3, family="cart")
    with pytest.raises(Refused, match=r"holds no key like session:\*"):
        _planned(place, pattern="session:*")


def test_drbots_own_mark_is_not_something_to_flush(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    run(plan, place.tools, 7)
    assert place.server.size() == 1
    with pytest.raises(Refused, match="nothing to flush"):
        _planned(place)


def test_a_database_emptied_since_is_refused(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    with place.server.client() as client:
        client.flushdb()
    with pytest.raises(Refused, match="any more: nothing to flush"):
        plan.before[0].do(Context(place.tools, 7))


@pytest.mark.parametrize("missing", ["flushdb", "set", "multi", "dbsize", "unlink", "get"])
def test_each_missing_right_is_known_before_anything_is_done(place: Place, missing: str) -> None:
    place.server.fill(3)
    someone = place.as_user("+@all", "~*", f"-{missing}")
    with pytest.raises(Refused, match=rf"lacks a right: .*{missing}"):
        _planned(someone)
    assert place.server.size() == 3


def test_the_rights_that_the_action_asks_for_are_enough(place: Place) -> None:
    place.server.fill(3)
    rights = "multi exec discard flushdb scan unlink dbsize info ping set get exists"
    someone = place.as_user(*(f"+{name}" for name in rights.split()), "~drbot:*")
    _, plan = _planned(someone)
    run(plan, someone.tools, 7)
    assert _left(place) == set()


def test_a_right_that_ends_at_some_keys_tells_how_many_went_and_names_none(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.tools.cache_flush.BATCH", 10)
    place.server.fill(60)
    with place.server.client() as client:
        answer: Any = client.scan(0, count=10)
    mine = [key.decode() for key in answer[1]]
    someone = place.as_user("+@all", "~drbot:*", *(f"~{key}" for key in mine))
    _, plan = _planned(someone, pattern="session*")
    with pytest.raises(NotVerified, match=f"{len(mine)} keys were unlinked.*lacks a right") as told:
        plan.steps[0].do(Context(someone.tools, 7))
    assert "session:" not in str(told.value)
    assert place.server.size() == 60 - len(mine)
    with pytest.raises(Refused) as again:  # what may go is gone: now nothing was changed by it
        plan.steps[0].do(Context(someone.tools, 7))
    assert "session:" not in str(again.value)


def test_a_restarted_server_is_drift_and_refused(place: Place) -> None:
    place.server.fill(3)
    facts, plan = _planned(place)
    place.server.restart()
    place.server.fill(3)
    again, _ = _planned(place)
    assert "was restarted" in (flush_cache.drift(facts, again) or "")
    assert flush_cache.drift(facts, replace(facts, keys=1, used_bytes=1)) is None
    assert "not the one that was shown" in (flush_cache.drift(facts, replace(facts, database=3)) or "")
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="was restarted"):
            step.do(Context(place.tools, 7))
    assert place.server.size() == 3


def _checks(place: Place, plan: Plan) -> list[Evidence]:
    return [check.do(Context(place.tools, 7)) for check in plan.after]


def test_a_flush_that_did_not_happen_is_not_verified(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    with pytest.raises(NotVerified, match="not fewer than before"):
        _checks(place, plan)


def test_a_cache_that_customers_filled_again_at_once_is_verified(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    plan.steps[0].do(Context(place.tools, 7))
    place.server.fill(50)
    assert "put there since" in _checks(place, plan)[1].said


def test_a_server_that_takes_no_writes_or_died_meanwhile_is_not_verified(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    plan.steps[0].do(Context(place.tools, 7))
    with place.server.client() as client:
        client.config_set("maxmemory", "1")
        with pytest.raises(Transient, match="maxmemory"):
            _checks(place, plan)
        client.config_set("maxmemory", "0")
    place.server.restart()
    with pytest.raises(NotVerified, match="restarted while it was flushed"):
        plan.after[2].do(Context(place.tools, 7))


def test_the_mark_of_a_drbot_with_another_memory_is_not_taken_for_one_s_own(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    with place.server.client() as client:
        client.set(f"{MARKER}7", "1")
    with pytest.raises(Refused, match="bears the mark of a RUN-7 already"):
        plan.before[0].do(Context(place.tools, 7))
    run(plan, place.tools, 8)
    assert place.server.calls("flushdb") == 1


def test_the_mark_ends_by_itself(place: Place) -> None:
    place.server.fill(3)
    _, plan = _planned(place)
    run(plan, place.tools, 7)
    with place.server.client() as client:
        ttl: Any = client.ttl(f"{MARKER}7")
    assert 0 < ttl <= 24 * 3600
