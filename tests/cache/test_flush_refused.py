"""What a flush of a real Redis refuses, and the rights it wants, told before anything is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from actions.cache.flush import flush_cache
from actions.plan import Context, NotVerified, Refused
from actions.tools.cache.server import Cache
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.cache.conftest import Place, flush_planned, keys_left
from tests.real.redis import real_redis


@pytest.mark.parametrize(
    "given", [{"database": "-1"}, {"database": "one"}, {"pattern": "**"}, {"pattern": "a\n"}]
)
def test_parameters_that_cannot_be_meant_are_told(given: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        flush_cache.read_params({"environment": "staging", **given})


def test_refused_unless_the_plan_says_ephemeral(place: Place) -> None:
    place.server.fill(1)
    with pytest.raises(Refused, match=r"the plan does not say that .* is ephemeral"):
        flush_planned(place.saying(ephemeral=False))
    _, plan = flush_planned(place)
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
    _, plan = flush_planned(place)
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
        flush_planned(place)
    place.server.fill(3, family="cart")
    with pytest.raises(Refused, match=r"holds no key like session:\*"):
        flush_planned(place, pattern="session:*")


def test_drbots_own_mark_is_not_something_to_flush(place: Place) -> None:
    place.server.fill(3)
    _, plan = flush_planned(place)
    run(plan, place.tools, 7)
    assert place.server.size() == 1
    with pytest.raises(Refused, match="nothing to flush"):
        flush_planned(place)


def test_a_database_emptied_since_is_refused(place: Place) -> None:
    place.server.fill(3)
    _, plan = flush_planned(place)
    with place.server.client() as client:
        client.flushdb()
    with pytest.raises(Refused, match="any more: nothing to flush"):
        plan.before[0].do(Context(place.tools, 7))


@pytest.mark.parametrize("missing", ["flushdb", "set", "multi", "dbsize", "unlink", "get"])
def test_each_missing_right_is_known_before_anything_is_done(place: Place, missing: str) -> None:
    place.server.fill(3)
    someone = place.as_user("+@all", "~*", f"-{missing}")
    with pytest.raises(Refused, match=rf"lacks a right: .*{missing}"):
        flush_planned(someone)
    assert place.server.size() == 3


def test_the_rights_that_the_action_asks_for_are_enough(place: Place) -> None:
    place.server.fill(3)
    rights = "multi exec discard flushdb scan unlink dbsize info ping set get exists"
    someone = place.as_user(*(f"+{name}" for name in rights.split()), "~drbot:*")
    _, plan = flush_planned(someone)
    run(plan, someone.tools, 7)
    assert keys_left(place) == set()


def test_a_right_that_ends_at_some_keys_tells_how_many_went_and_names_none(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.tools.cache.flush.BATCH", 10)
    place.server.fill(60)
    with place.server.client() as client:
        answer: Any = client.scan(0, count=10)
    mine = [key.decode() for key in answer[1]]
    someone = place.as_user("+@all", "~drbot:*", *(f"~{key}" for key in mine))
    _, plan = flush_planned(someone, pattern="session*")
    with pytest.raises(NotVerified, match=f"{len(mine)} keys were unlinked.*lacks a right") as told:
        plan.steps[0].do(Context(someone.tools, 7))
    assert "session:" not in str(told.value)
    assert place.server.size() == 60 - len(mine)
    with pytest.raises(Refused) as again:  # what may go is gone: now nothing was changed by it
        plan.steps[0].do(Context(someone.tools, 7))
    assert "session:" not in str(again.value)


def test_a_restarted_server_is_drift_and_refused(place: Place) -> None:
    place.server.fill(3)
    facts, plan = flush_planned(place)
    place.server.restart()
    place.server.fill(3)
    again, _ = flush_planned(place)
    assert "was restarted" in (flush_cache.drift(facts, again) or "")
    assert flush_cache.drift(facts, replace(facts, keys=1, used_bytes=1)) is None
    assert "not the one that was shown" in (flush_cache.drift(facts, replace(facts, database=3)) or "")
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="was restarted"):
            step.do(Context(place.tools, 7))
    assert place.server.size() == 3
