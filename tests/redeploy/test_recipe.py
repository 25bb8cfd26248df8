"""The subtraction of an image's defaults, without an engine."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from actions.tools.containers.recipe import OWN_LABEL, lonely_because, recipe_of, written_own

ID = "0123456789abcdef" * 4
IMAGE: dict[str, Any] = {
    "Config": {
        "Env": ["PATH=/bin", "A=image"],
        "Cmd": ["serve"],
        "Entrypoint": ["/entry"],
        "WorkingDir": "/srv",
        "User": "app",
        "Labels": {"version": "1"},
        "Volumes": {"/data": {}},
        "ExposedPorts": {"80/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 5},
    }
}


def _container(host: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    return {
        "Id": ID,
        "Name": "/api-1",
        "Config": {**IMAGE["Config"], "Hostname": ID[:12], **config},
        "HostConfig": host or {"NetworkMode": "net"},
        "Mounts": [],
        "NetworkSettings": {"Networks": {"net": {"Aliases": ["api", ID[:12]], "IPAddress": "10.0.0.2"}}},
    }


def test_what_is_the_images_is_taken_off_and_the_rest_stays() -> None:
    recipe = recipe_of(
        _container(Env=["PATH=/bin", "A=mine"], Labels={"version": "1", "team": "api", "drbot.run": "3"}),
        IMAGE,
    )
    assert recipe.config["Env"] == ["A=mine"]
    assert recipe.config["Labels"] == {"team": "api"}
    for name in ("Cmd", "Entrypoint", "WorkingDir", "User", "Hostname"):
        assert name not in recipe.config, name
    for name in ("Volumes", "ExposedPorts", "Healthcheck"):
        assert recipe.config[name] is None, name
    assert recipe.networks == {"net": {"Aliases": ["api"]}}
    assert recipe.first_network == "net"


def test_a_command_of_ones_own_keeps_the_images_entrypoint_out() -> None:
    recipe = recipe_of(_container(Cmd=["serve", "--fast"]), IMAGE)
    assert recipe.config["Cmd"] == ["serve", "--fast"]
    assert "Entrypoint" not in recipe.config


def test_an_entrypoint_of_ones_own_keeps_its_command_even_where_it_is_none() -> None:
    recipe = recipe_of(_container(Entrypoint=["/mine"], Cmd=None), IMAGE)
    assert recipe.config["Entrypoint"] == ["/mine"]
    assert recipe.config["Cmd"] is None


def test_a_part_of_a_health_check_stays_apart() -> None:
    recipe = recipe_of(_container(Healthcheck={"Test": ["CMD", "true"], "Interval": 9}), IMAGE)
    assert recipe.config["Healthcheck"] == {"Interval": 9}


def test_unnamed_volumes_come_along_by_the_name_they_have() -> None:
    container = _container({"NetworkMode": "net", "Binds": ["named:/named:rw"]})
    container["Mounts"] = [
        {"Type": "volume", "Name": "f" * 64, "Destination": "/data", "RW": True},
        {"Type": "volume", "Name": "named", "Destination": "/named", "RW": True},
        {"Type": "bind", "Source": "/logs", "Destination": "/log", "RW": True},
    ]
    assert recipe_of(container, IMAGE).host_config["Binds"] == ["named:/named:rw", f"{'f' * 64}:/data"]


def test_a_mount_without_a_source_gets_the_one_it_has() -> None:
    container = _container({"NetworkMode": "net", "Mounts": [{"Type": "volume", "Target": "/data"}]})
    container["Mounts"] = [{"Type": "volume", "Name": "e" * 64, "Destination": "/data", "RW": True}]
    host = recipe_of(container, IMAGE).host_config
    assert host["Mounts"] == [{"Type": "volume", "Target": "/data", "Source": "e" * 64}]
    assert host["Binds"] is None


def test_links_are_given_as_the_engine_wants_them() -> None:
    host = recipe_of(_container({"NetworkMode": "net", "Links": ["/db:/api-1/database"]}), IMAGE).host_config
    assert host["Links"] == ["db:database"]


def test_a_host_name_of_ones_own_stays() -> None:
    assert recipe_of(_container(Hostname="api"), IMAGE).config["Hostname"] == "api"
    shared = _container({"NetworkMode": "container:other"}, Hostname="other")
    assert "Hostname" not in recipe_of(shared, IMAGE).config
    assert recipe_of(shared, IMAGE).networks == {}


def test_a_value_that_the_new_image_has_too_is_still_ones_own_on_the_way_back() -> None:
    """A=mine, then an image whose default is A=mine: the way back must not drop it."""
    first = recipe_of(_container(Env=["PATH=/bin", "A=mine"]), IMAGE)
    newer = {"Config": {**IMAGE["Config"], "Env": ["PATH=/bin", "A=mine"]}}
    then = _container(Env=["PATH=/bin", "A=mine"], Labels={"version": "1", OWN_LABEL: written_own(first)})
    assert recipe_of(then, newer).config["Env"] == ["A=mine"]


def test_the_written_names_hold_no_value() -> None:
    recipe = recipe_of(_container(Env=["PATH=/bin", "SECRET=local-token"]), IMAGE)
    assert "SECRET" in written_own(recipe)
    assert "local-token" not in written_own(recipe)


def test_who_cannot_run_twice() -> None:
    assert lonely_because(_container()) == ""
    ports = {"NetworkMode": "net", "PortBindings": {"80/tcp": [{"HostPort": "80"}]}}
    assert "80/tcp" in lonely_because(_container(ports))
    assert "network" in lonely_because(_container({"NetworkMode": "host"}))
    writes = _container()
    writes["Mounts"] = [{"Type": "volume", "Name": "d", "Destination": "/data", "RW": True}]
    assert "/data" in lonely_because(writes)
    fixed = _container()
    fixed["NetworkSettings"]["Networks"]["net"]["IPAMConfig"] = {"IPv4Address": "10.0.0.9"}
    assert "fixed address" in lonely_because(fixed)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(JSONS, JSONS, JSONS, st.text(max_size=40) | JSONS.map(json.dumps))
def test_nothing_an_engine_could_say_breaks_it(env: Any, mounts: Any, networks: Any, own: str) -> None:
    container = _container({"NetworkMode": "net", "Binds": mounts, "Mounts": mounts}, Env=env)
    container["Config"]["Labels"] = {OWN_LABEL: own}
    container |= {"Mounts": mounts, "NetworkSettings": {"Networks": networks}}
    recipe_of(container, IMAGE)
    lonely_because(container)
