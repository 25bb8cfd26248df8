"""redeploy-service on a real engine and a real registry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.failures import NotVerified, Refused
from actions.plan import Context
from actions.services.redeploy import redeploy_service
from actions.services.redeploy_survey import drift
from tests.actions.running import planned, run, undo
from tests.real.registry import Registry
from tests.redeploy.living import live
from tests.redeploy.world import SECOND_UNHEALTHY, UNHEALTHY, World

GIVEN = {"environment": "staging", "service": "api"}


def _deployed(place: World, shop: Registry, replicas: int = 1) -> str:
    """Version one from the registry, running."""
    reference = place.image("latest", env={"VERSION": "one"}, registry=shop)
    for number in range(1, replicas + 1):
        place.replica(number, reference, Env=["MINE=kept"])
    place.wait_healthy()
    return reference


def test_a_newer_image_is_pulled_and_every_replica_runs_it(place: World, shop: Registry) -> None:
    reference = _deployed(place, shop, replicas=2)
    old = place.image_id(reference)
    place.image("latest", env={"VERSION": "two"}, registry=shop)
    new = place.image_id(reference)
    place.client.api.tag(
        old, reference.rpartition(":")[0], "latest", force=True
    )  # as if pushed from elsewhere
    place.client.images.remove(new)
    facts, plan = planned(redeploy_service, place.tools(), **GIVEN)
    assert facts.newer
    assert (facts.local_id, facts.registry) == (old, "there")
    run(plan, place.tools(), 7)
    for number in (1, 2):
        env = place.inspect(number)["Config"]["Env"]
        assert "VERSION=two" in env
        assert "MINE=kept" in env
        assert place.inspect(number)["Image"] == new
    assert place.names() == ["api_1", "api_2"]
    assert place.image_id(f"drbot-kept/{place.name}-api:run-7") == old

    undo(plan, place.tools(), 7)
    for number in (1, 2):
        assert "VERSION=one" in place.inspect(number)["Config"]["Env"]
        assert "MINE=kept" in place.inspect(number)["Config"]["Env"]
        assert place.inspect(number)["Config"]["Image"] == reference
    assert place.names() == ["api_1", "api_2"]
    assert place.image_id(reference) == old


def test_each_step_twice_and_the_way_back_twice_is_once(place: World, shop: Registry) -> None:
    _deployed(place, shop)
    place.image("latest", env={"VERSION": "two"}, registry=shop)
    _, plan = planned(redeploy_service, place.tools(), **GIVEN)
    context = Context(place.tools(), 7)
    for step in plan.steps:
        step.do(context)
        first = place.names()
        step.do(context)
        assert place.names() == first, step.title
    before = place.inspect(1)["Id"]
    for step in plan.steps:
        step.do(context)
    assert place.inspect(1)["Id"] == before
    undo(plan, place.tools(), 7, times=2)
    assert "VERSION=one" in place.inspect(1)["Config"]["Env"]
    assert place.names() == ["api_1"]


def test_the_same_image_is_a_forced_recreate(place: World, shop: Registry) -> None:
    _deployed(place, shop)
    old = place.inspect(1)["Id"]
    facts, plan = planned(redeploy_service, place.tools(), **GIVEN)
    assert not facts.newer
    assert "forced" in dict(plan.facts)["does"]
    run(plan, place.tools(), 7)
    assert place.inspect(1)["Id"] != old


def test_an_image_of_this_engine_only_needs_no_registry(place: World) -> None:
    place.replica(1, place.image("1"))
    place.wait_healthy()
    facts, plan = planned(redeploy_service, place.tools(), **GIVEN)
    assert facts.registry in ("silent", "absent", "denied")
    assert not [step for step in plan.steps if step.title.startswith("Pull")]
    old = place.inspect(1)["Id"]
    run(plan, place.tools(), 7)
    assert place.inspect(1)["Id"] != old


def test_another_image_of_this_engine_is_shown_as_new_and_who_is_started_by_it(place: World) -> None:
    place.replica(1, place.image("1"))
    place.replica(2, place.image("2"), start=False)
    place.client.api.tag(place.image_id(f"{place.name}:2"), place.name, "1", force=True)
    facts, plan = planned(redeploy_service, place.tools(), **GIVEN, image=f"{place.name}:1")
    assert facts.newer
    assert dict(plan.facts)["does"] == "a new image"
    assert [said for said in plan.warnings if "api_2 does not run" in said]
    assert not [said for said in plan.warnings if "api_1 does not run" in said]


def test_a_name_that_was_not_here_goes_again(place: World, shop: Registry) -> None:
    _deployed(place, shop)
    other = place.image("other", registry=shop)
    place.client.images.remove(other)
    _, plan = planned(redeploy_service, place.tools(), **GIVEN, image=other)
    run(plan, place.tools(), 7)
    assert "named nothing here" in undo(plan, place.tools(), 7)[-2].said
    assert not place.client.images.list(filters={"reference": other})


@pytest.mark.parametrize(("health", "replicas"), [(UNHEALTHY, 1), (SECOND_UNHEALTHY, 3)])
def test_an_unhealthy_one_takes_every_replica_back(
    place: World, shop: Registry, health: str, replicas: int
) -> None:
    _deployed(place, shop, replicas)
    before = {number: place.inspect(number) for number in range(1, replicas + 1)}
    place.image("latest", health=health, env={"VERSION": "two"}, registry=shop)
    tools = place.tools(healthy_within_s=2.5)
    _, plan = planned(redeploy_service, tools, **GIVEN)
    assert live(plan, tools, 7) == "undone"
    for number, was in before.items():
        now = place.inspect(number)
        assert (now["Id"], now["State"]["Running"]) == (was["Id"], True)
        assert now["Config"] == was["Config"]
    assert len(place.names()) == replicas
    place.wait_healthy()


def test_a_replica_that_was_down_before_is_down_after_the_way_back(place: World, shop: Registry) -> None:
    reference = _deployed(place, shop)
    stopped = place.replica(2, reference, start=False)
    place.image("latest", health=UNHEALTHY, registry=shop)
    tools = place.tools(healthy_within_s=1.0)
    _, plan = planned(redeploy_service, tools, **GIVEN)
    assert live(plan, tools, 7) == "undone"
    assert not place.inspect(stopped)["State"]["Running"]


def test_what_changed_since_the_plan_is_refused(place: World, shop: Registry) -> None:
    reference = _deployed(place, shop, 2)
    facts, plan = planned(redeploy_service, place.tools(), **GIVEN)
    place.client.api.restart(place.inspect(1)["Id"], timeout=1)
    with pytest.raises(Refused, match="started again"):
        plan.before[0].do(Context(place.tools(), 7))
    place.client.api.remove_container(place.inspect(1)["Id"], force=True)
    with pytest.raises(Refused, match="removed or made anew"):
        plan.before[0].do(Context(place.tools(), 7))
    place.image("latest", env={"VERSION": "two"}, registry=shop)
    with pytest.raises(Refused, match="gives another"):
        plan.before[1].do(Context(place.tools(), 7))
    now, _ = planned(redeploy_service, place.tools(), **GIVEN, image=reference)
    assert "removed or made anew" in str(drift(facts, now))
    assert drift(facts, facts) is None
    assert "another" in str(drift(facts, replace(facts, remote_digest="sha256:0")))


def test_the_pull_refuses_what_was_pushed_meanwhile(place: World, shop: Registry) -> None:
    _deployed(place, shop)
    place.image("latest", env={"VERSION": "two"}, registry=shop)
    _, plan = planned(redeploy_service, place.tools(), **GIVEN)
    place.image("latest", env={"VERSION": "three"}, registry=shop)
    with pytest.raises(NotVerified, match="another image"):  # a refusal would say that nothing was changed
        plan.steps[0].do(Context(place.tools(), 7))


def test_a_later_redeploy_must_be_taken_back_first(place: World, shop: Registry) -> None:
    _deployed(place, shop)
    _, first = planned(redeploy_service, place.tools(), **GIVEN)
    run(first, place.tools(), 7)
    _, second = planned(redeploy_service, place.tools(), **GIVEN)
    run(second, place.tools(), 8)
    now = place.inspect(1)["Id"]
    with pytest.raises(Refused, match="later change"):
        undo(first, place.tools(), 7)
    assert place.inspect(1)["Id"] == now


def test_nobody_there_is_refused_with_what_is(place: World) -> None:
    place.replica(1, place.image("1"), service="worker")
    with pytest.raises(Refused, match="it has worker"):
        planned(redeploy_service, place.tools(), **GIVEN)


def test_what_an_earlier_run_left_is_shown_to_a_person(place: World) -> None:
    which = place.replica(1, place.image("1"))
    place.client.api.rename(which, f"{place.name}_api_1__old_3")
    with pytest.raises(Refused, match="api_1__old_3"):
        planned(redeploy_service, place.tools(), **GIVEN)
    place.client.api.rename(which, f"my__{place.name}_api_1")  # as Compose names it in a project `my__…`
    planned(redeploy_service, place.tools(), **GIVEN)


def test_an_image_that_is_nowhere_is_refused(place: World, shop: Registry) -> None:
    _deployed(place, shop)
    with pytest.raises(Refused, match="registry has no"):
        planned(redeploy_service, place.tools(), **GIVEN, image=shop.reference(place.name, "none"))


def test_a_container_that_removes_itself_is_left_alone(place: World) -> None:
    host = {"AutoRemove": True, "RestartPolicy": {"Name": "no"}}
    place.replica(1, place.image("1"), HostConfig=host)
    with pytest.raises(Refused, match="--rm"):
        planned(redeploy_service, place.tools(), **GIVEN)


def test_one_whose_network_another_shares_is_left_alone(place: World) -> None:
    shared = place.replica(1, place.image("1"))
    beside = {
        "Image": f"{place.name}:1",
        "HostConfig": {"NetworkMode": f"container:{shared}"},
        "Labels": {
            "com.docker.compose.project": place.name,
            "com.docker.compose.service": "proxy",
            "com.docker.compose.container-number": "1",
        },
    }
    place.client.api.create_container_from_config(beside, f"{place.name}_proxy_1")  # type: ignore[no-untyped-call]
    with pytest.raises(Refused, match="proxy_1 shares the network of"):
        planned(redeploy_service, place.tools(), **GIVEN)


def test_a_check_after_finds_one_that_died(place: World) -> None:
    place.replica(1, place.image("1"))
    place.wait_healthy()
    _, plan = planned(redeploy_service, place.tools(), **GIVEN)
    context = Context(place.tools(healthy_within_s=1.0), 7)
    for step in (*plan.before, *plan.steps):
        step.do(context)
    place.client.api.stop(place.inspect(1)["Id"], timeout=1)
    for step in plan.after:
        with pytest.raises(NotVerified, match="ended"):
            step.do(context)
