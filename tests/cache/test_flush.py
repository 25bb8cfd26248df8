"""Flushing a real Redis: only what was shown, once, and never where it might lose data."""

from __future__ import annotations

from typing import Any

import pytest

from actions.plan import Context, Evidence, NotVerified, Plan, Refused, Transient
from actions.tools.cache.flush import MARKER
from tests.actions.running import run
from tests.cache.conftest import Place, flush_planned, keys_left


def _checks(place: Place, plan: Plan) -> list[Evidence]:
    return [check.do(Context(place.tools, 7)) for check in plan.after]


def test_one_database_is_emptied_and_the_others_stay(place: Place) -> None:
    place.server.fill(500)
    place.server.fill(4, database=1)
    facts, plan = flush_planned(place)
    assert (facts.keys, facts.expiring, facts.database) == (500, 500, 0)
    assert any("left alone" in warning and "database 1 (4 keys)" in warning for warning in plan.warnings)
    assert any("slower first requests" in warning for warning in plan.warnings)
    done = run(plan, place.tools, 7)
    assert done[1].said.startswith("flushed 500 keys of database 0")
    assert keys_left(place) == set()
    assert place.server.size(1) == 4
    assert plan.undo == ()


def test_every_step_twice_flushes_once_and_spares_what_came_between(place: Place) -> None:
    place.server.fill(10)
    _, plan = flush_planned(place)
    context = Context(place.tools, 7)
    plan.before[0].do(context)
    plan.steps[0].do(context)
    place.server.fill(3, family="fresh")
    assert "already" in plan.steps[0].do(context).said
    assert len(keys_left(place)) == 3
    assert place.server.calls("flushdb") == 1
    for check in plan.after:
        check.do(context)
        check.do(context)
    assert len(keys_left(place)) == 3


def test_an_answer_that_was_lost_is_not_made_up_for_by_a_second_flush(place: Place) -> None:
    place.server.fill(10)
    _, plan = flush_planned(place)
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
    assert len(keys_left(place)) == 2


def test_another_run_flushes_again(place: Place) -> None:
    place.server.fill(10)
    _, plan = flush_planned(place)
    run(plan, place.tools, 7)
    place.server.fill(10)
    _, plan = flush_planned(place)
    run(plan, place.tools, 8)
    assert place.server.calls("flushdb") == 2


def test_the_rehearsal_of_the_survey_and_the_guard_changes_nothing(place: Place) -> None:
    place.server.fill(10)
    _, plan = flush_planned(place)
    plan.before[0].do(Context(place.tools, 7))
    assert place.server.calls("flushdb") == place.server.calls("set|x") == 0
    assert place.server.size() == 10


def test_by_a_pattern_only_those_keys_go(place: Place) -> None:
    place.server.fill(2500)
    place.server.fill(20, family="cart")
    facts, plan = flush_planned(place, pattern="session:*")
    assert (facts.keys, facts.all_keys, facts.at_least) == (2500, 2520, False)
    told: list[str] = []
    done = run(plan, place.tools, 7, tell=told.append)
    assert "unlinked 2,500 keys like session:*" in done[1].said
    assert told[-1] == "2,500 keys unlinked"
    assert keys_left(place) == {f"cart:{number}" for number in range(20)}
    place.server.fill(3)
    assert "already" in plan.steps[0].do(Context(place.tools, 7)).said
    assert len(keys_left(place)) == 23
    assert place.server.calls("flushdb") == 0


def test_a_pattern_broken_off_goes_on_where_it_is(place: Place) -> None:
    place.server.fill(5000)
    _, plan = flush_planned(place, pattern="session:*")

    class Killed(BaseException):
        pass

    def die(said: str) -> None:
        if not said.startswith("0 "):
            raise Killed

    with pytest.raises(Killed):
        plan.steps[0].do(Context(place.tools, 7, die))
    assert 0 < place.server.size() < 5000
    plan.steps[0].do(Context(place.tools, 7))
    assert keys_left(place) == set()


def test_a_flush_that_did_not_happen_is_not_verified(place: Place) -> None:
    place.server.fill(3)
    _, plan = flush_planned(place)
    with pytest.raises(NotVerified, match="not fewer than before"):
        _checks(place, plan)


def test_a_cache_that_customers_filled_again_at_once_is_verified(place: Place) -> None:
    place.server.fill(3)
    _, plan = flush_planned(place)
    plan.steps[0].do(Context(place.tools, 7))
    place.server.fill(50)
    assert "put there since" in _checks(place, plan)[1].said


def test_a_server_that_takes_no_writes_or_died_meanwhile_is_not_verified(place: Place) -> None:
    place.server.fill(3)
    _, plan = flush_planned(place)
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
    _, plan = flush_planned(place)
    with place.server.client() as client:
        client.set(f"{MARKER}7", "1")
    with pytest.raises(Refused, match="bears the mark of a RUN-7 already"):
        plan.before[0].do(Context(place.tools, 7))
    run(plan, place.tools, 8)
    assert place.server.calls("flushdb") == 1


def test_the_mark_ends_by_itself(place: Place) -> None:
    place.server.fill(3)
    _, plan = flush_planned(place)
    run(plan, place.tools, 7)
    with place.server.client() as client:
        ttl: Any = client.ttl(f"{MARKER}7")
    assert 0 < ttl <= 24 * 3600
