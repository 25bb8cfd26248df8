"""scale-service on a real engine."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from actions.failures import NotVerified, Refused
from actions.plan import Context
from actions.services.scale import scale_service
from actions.tools.containers.engine_calls import Engine
from tests.actions.running import planned, run, undo
from tests.redeploy.living import live
from tests.redeploy.world import World

FIXED = {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18099"}]}}


def _given(replicas: int) -> dict[str, object]:
    return {"environment": "staging", "service": "api", "replicas": replicas}


def _running(place: World, replicas: int = 1) -> str:
    image = place.image("1")
    for number in range(1, replicas + 1):
        place.replica(number, image, Env=["MINE=kept"], Volumes={"/anonymous": {}})
    place.wait_healthy()
    return image


def test_more_are_like_the_first_and_go_again(place: World) -> None:
    _running(place)
    _, plan = planned(scale_service, place.tools(), **_given(3))
    run(plan, place.tools(), 7, times=2)
    assert place.names() == ["api_1", "api_2", "api_3"]
    first, third = place.inspect(1), place.inspect(3)
    assert "MINE=kept" in third["Config"]["Env"]
    assert third["Config"]["Labels"]["com.docker.compose.container-number"] == "3"
    assert third["HostConfig"]["RestartPolicy"] == first["HostConfig"]["RestartPolicy"]
    assert "api" in third["NetworkSettings"]["Networks"][place.network]["Aliases"]
    assert third["Mounts"][0]["Name"] != first["Mounts"][0]["Name"]
    assert third["Image"] == first["Image"]
    undo(plan, place.tools(), 7, times=2)
    assert place.names() == ["api_1"]
    assert place.inspect(1)["Id"] == first["Id"]


def test_fewer_take_the_highest_numbers_and_come_back(place: World) -> None:
    _running(place, 3)
    _, plan = planned(scale_service, place.tools(), **_given(1))
    run(plan, place.tools(), 7)
    assert place.names() == ["api_1"]
    undo(plan, place.tools(), 7, times=2)
    assert place.names() == ["api_1", "api_2", "api_3"]
    place.wait_healthy()


def test_a_gap_in_the_numbers_is_filled(place: World) -> None:
    image = _running(place)
    place.replica(3, image)
    place.wait_healthy()
    facts, _ = planned(scale_service, place.tools(), **_given(3))
    assert [new.number for new in facts.adds] == [2]


def test_one_that_does_not_get_healthy_takes_all_new_ones_away(place: World) -> None:
    _running(place)
    tools = place.tools(healthy_within_s=4.0)
    _, plan = planned(scale_service, tools, **_given(3))

    def end_it(context: Context) -> None:
        plan.steps[0].do(context)
        place.client.api.stop(f"{place.name}_api_2", timeout=1)

    end_it(Context(tools, 7))
    with pytest.raises(NotVerified, match="replicas, not 3"):
        plan.after[0].do(Context(tools, 7))
    undo(plan, tools, 7)
    assert place.names() == ["api_1"]


def test_two_steps_done_and_a_third_refused_is_taken_back(place: World) -> None:
    _running(place)
    _, plan = planned(scale_service, place.tools(), **_given(3))
    stranger = place.replica(3, place.image("2"), service="other")
    place.client.api.rename(stranger, f"{place.name}_api_3")
    assert live(plan, place.tools(), 7) == "undone"
    assert place.names() == ["api_1", "api_3"]
    assert place.inspect(3)["Id"] == stranger


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"HostConfig": FIXED}, "fixed port"),
        ({"HostConfig": {"NetworkMode": "host"}}, "no network of its own"),
    ],
)
def test_what_can_be_there_once_only_is_refused(place: World, config: dict[str, Any], why: str) -> None:
    place.replica(1, place.image("1"), start=False, **config)
    with pytest.raises(Refused, match=why):
        planned(scale_service, place.tools(), **_given(2))


def test_written_data_a_store_and_a_fixed_name_are_refused(place: World) -> None:
    data = {"Binds": [f"{place.name}_data:/data"]}
    place.replica(1, place.image("1"), start=False, HostConfig=data)
    with pytest.raises(Refused, match="writes to the volume"):
        planned(scale_service, place.tools(), **_given(2))
    place.client.api.tag(place.image("1"), f"{place.name}/redis", "7")
    place.replica(1, f"{place.name}/redis:7", "cache", start=False)
    with pytest.raises(Refused, match="data store"):
        planned(scale_service, place.tools(), environment="staging", service="cache", replicas=2)
    named = place.replica(1, place.image("1"), "worker", start=False)
    place.client.api.rename(named, f"{place.name}-worker-prod")
    with pytest.raises(Refused, match="container_name"):
        planned(scale_service, place.tools(), environment="staging", service="worker", replicas=2)


def test_a_store_is_not_made_fewer(place: World) -> None:
    place.client.api.tag(place.image("1"), f"{place.name}/redis", "7")
    for number in (1, 2):
        place.replica(number, f"{place.name}/redis:7", "cache")
    place.wait_healthy("cache")
    with pytest.raises(Refused, match="data store"):  # the data of the one that goes would go out of reach
        planned(scale_service, place.tools(), environment="staging", service="cache", replicas=1)


def test_a_refusal_once_the_first_was_made_is_no_refusal_of_the_run(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _running(place)
    _, plan = planned(scale_service, place.tools(), **_given(2))

    def denied(engine: Engine, which: str) -> None:
        raise Refused("the container engine does not permit drbot to start a container")

    monkeypatch.setattr(Engine, "start", denied)
    with pytest.raises(NotVerified, match=r"was made, but .* does not permit"):
        plan.steps[0].do(Context(place.tools(), 7))
    undo(plan, place.tools(), 7)
    assert place.names() == ["api_1"]


def test_limits_are_refused(place: World) -> None:
    image = _running(place)
    with pytest.raises(msgspec.ValidationError, match="1 or more"):
        planned(scale_service, place.tools(), **_given(0))
    with pytest.raises(Refused, match="more than the plan allows"):
        planned(scale_service, place.tools(replicas_at_most=2), **_given(3))
    with pytest.raises(Refused, match="already"):
        planned(scale_service, place.tools(), **_given(1))
    place.replica(2, image, start=False)
    with pytest.raises(Refused, match="is created"):
        planned(scale_service, place.tools(), **_given(3))
    place.image("1")
    place.client.api.remove_container(place.inspect(2)["Id"])
    with pytest.raises(Refused, match="redeploy the service first"):
        planned(scale_service, place.tools(), **_given(2))


def test_replicas_that_changed_since_are_refused(place: World) -> None:
    _running(place, 2)
    facts, plan = planned(scale_service, place.tools(), **_given(1))
    place.client.api.restart(place.inspect(1)["Id"], timeout=1)
    with pytest.raises(Refused, match="started again"):
        plan.before[0].do(Context(place.tools(), 7))
    place.client.api.stop(place.inspect(1)["Id"], timeout=1)
    with pytest.raises(NotVerified, match="no more is taken away"):
        plan.steps[0].do(Context(place.tools(), 7))
    assert place.inspect(2)["State"]["Running"]
    assert facts.removes == (place.inspect(2)["Id"],)
