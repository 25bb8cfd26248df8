"""One container replaced on a real engine: what survives, what the new image brings, the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actions.failures import NotVerified, Refused
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.replacement import Replacing, put_back, remove_aside, replace_container
from tests.redeploy.world import UNHEALTHY, World


@pytest.fixture
def engine(place: World) -> Iterator[Engine]:
    with engine_of(place.project()) as opened:
        yield opened


def _replacing(place: World, old: str, reference: str, made: str = "new", **more: object) -> Replacing:
    plan = Replacing(
        run=7,
        made=made,
        pin=old,
        old=old,
        name=f"{place.name}_api_1",
        reference=reference,
        image_id=place.image_id(reference),
        healthy_within_s=15.0,
        grace_s=2.0,
        progress=lambda said: None,
    )
    return Replacing(**{**vars(plan), **more})


def test_everything_of_its_own_survives_and_the_new_image_takes_effect(place: World, engine: Engine) -> None:
    old_image = place.image("1", env={"FROM_IMAGE": "one", "BOTH": "one"}, labels={"version": "one"})
    new_image = place.image(
        "2", env={"FROM_IMAGE": "two", "BOTH": "two"}, labels={"version": "two"}, command="busybox sleep 999"
    )
    place.client.networks.create(f"{place.name}_other", labels={"com.docker.compose.project": place.name})
    old = place.replica(
        1,
        old_image,
        Env=["BOTH=mine", "SECRET=local-token"],
        Labels={"team": "api"},
        Volumes={"/anonymous": {}},
        HostConfig={
            "NetworkMode": place.network,
            "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 4},
            "Memory": 64 * 2**20,
            "Binds": [f"{place.name}_data:/data"],
        },
    )
    place.client.api.connect_container_to_network(old, f"{place.name}_other", aliases=["backend"])
    place.wait_healthy()
    before = place.inspect(1)
    replace_container(engine, _replacing(place, old, new_image))
    now = place.inspect(1)
    env = dict(one.split("=", 1) for one in now["Config"]["Env"])
    assert env["FROM_IMAGE"] == "two"
    assert (env["BOTH"], env["SECRET"], env["REPLICA"]) == ("mine", "local-token", "1")
    assert now["Config"]["Labels"]["version"] == "two"
    assert now["Config"]["Labels"]["team"] == "api"
    assert now["Config"]["Cmd"][-1] == "busybox sleep 999"
    assert now["Config"]["Image"] == new_image
    assert now["Image"] == place.image_id(new_image)
    assert now["HostConfig"]["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 4}
    assert now["HostConfig"]["Memory"] == 64 * 2**20
    mounts = {one["Destination"]: one.get("Name") or one["Source"] for one in before["Mounts"]}
    assert {one["Destination"]: one.get("Name") or one["Source"] for one in now["Mounts"]} == mounts
    networks = now["NetworkSettings"]["Networks"]
    assert set(networks) == {place.network, f"{place.name}_other"}
    assert "api" in networks[place.network]["Aliases"]
    assert "backend" in networks[f"{place.name}_other"]["Aliases"]
    assert old[:12] not in networks[place.network]["Aliases"]
    assert now["Config"]["Hostname"] == now["Id"][:12]
    assert not place.inspect(old)["State"]["Running"]


def test_done_twice_is_done_once(place: World, engine: Engine) -> None:
    old = place.replica(1, place.image("1"))
    plan = _replacing(place, old, place.image("2"))
    first = replace_container(engine, plan)
    assert replace_container(engine, plan) == first
    assert place.names() == ["api_1", "api_1__old_7"]
    assert remove_aside(engine, plan)
    assert not remove_aside(engine, plan)
    assert replace_container(engine, plan).id == first.id
    assert place.names() == ["api_1"]


def test_an_unhealthy_one_leaves_the_old_one_serving_and_is_taken_back(place: World, engine: Engine) -> None:
    old = place.replica(1, place.image("1"))
    place.wait_healthy()
    plan = _replacing(place, old, place.image("2", health=UNHEALTHY), healthy_within_s=1.5)
    started = place.inspect(old)["State"]["StartedAt"]
    with pytest.raises(NotVerified, match=r"was unhealthy|was starting"):
        replace_container(engine, plan)
    assert place.inspect(1)["Id"] == old
    assert put_back(engine, plan, was_running=True, was_good=True)
    assert place.names() == ["api_1"]
    assert place.inspect(1)["State"]["StartedAt"] == started
    assert put_back(engine, plan, was_running=True, was_good=True)


def test_what_cannot_run_twice_is_stopped_first_and_comes_back(place: World, engine: Engine) -> None:
    port = {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "0"}]}}
    old = place.replica(1, place.image("1"), HostConfig=port, ExposedPorts={"80/tcp": {}})
    place.wait_healthy()
    plan = _replacing(place, old, place.image("2", health=UNHEALTHY), healthy_within_s=1.0)
    with pytest.raises(NotVerified):
        replace_container(engine, plan)
    assert not place.inspect(old)["State"]["Running"]
    put_back(engine, plan, was_running=True, was_good=True)
    assert place.inspect(1)["State"]["Health"]["Status"] == "healthy"
    assert place.names() == ["api_1"]


def test_a_stranger_in_its_place_is_left_alone(place: World, engine: Engine) -> None:
    image = place.image("1")
    old = place.replica(1, image)
    place.client.api.remove_container(old, force=True)
    with pytest.raises(Refused, match="removed"):
        replace_container(engine, _replacing(place, old, image))
    assert place.names() == []
