"""Rigs for redeploying, scaling, images and the start: busybox replicas, a registry, a proxied engine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import requests

from actions.tools.containers.engine_calls import split
from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.proxy import Proxy
from tests.real.registry import Registry, registry
from tests.redeploy.scene import HEALTH, NUMBER, SERVICE, Scene
from tests.redeploy.scene import scene as opened
from tests.redeploy.world import world

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
COMPOSE = """\
version: "2.4"
services:
  db: {{image: "{image}", volumes: ["{switch}:/switch:ro"]}}
  api: {{image: "{image}", env_file: api.env, volumes: ["{switch}:/switch:ro"], depends_on: [db]}}
"""


def _stage(
    scene: Scene,
    way: Proxy,
    params: Mapping[str, str],
    effects: Callable[[], int],
    worse: Callable[[], str],
    faults: Mapping[Fault, Inject],
    **place: object,
) -> Stage:
    services = {"project": scene.made.name, "healthy_within": "5s", "stop_within": "2s", **place}
    return Stage(
        params={"environment": "staging", **params},
        environments={"staging": {"services": services}},
        variables={"DOCKER_HOST": f"tcp://127.0.0.1:{way.port}"},
        effects=effects,
        worse=worse,
        faults={
            Fault.GONE: way.refuse,
            Fault.TIMEOUT: way.hang,
            Fault.DENIED: lambda: way.answer(403, b'{"message": "forbidden"}'),
            **faults,
        },
    )


def _newer(scene: Scene, shop: Registry, reference: str) -> str:
    """Another image in the registry, not on the engine, which keeps the one it has; its id."""
    api, (repository, tag) = scene.made.client.api, split(reference)
    old = scene.made.image_id(reference)
    scene.made.image(tag, HEALTH, registry=shop, name=repository.partition("/")[2])
    new = scene.made.image_id(reference)
    api.tag(old, repository, tag, force=True)
    api.remove_image(new)
    return new


@dataclass(frozen=True)
class Pushed:
    """A name under which the registry has another image than the engine."""

    reference: str
    image_id: str


@contextlib.contextmanager
def _pushed(shop: Registry) -> Iterator[Pushed]:
    with world() as made:
        reference = made.image("latest", HEALTH, registry=shop)
        old = made.image_id(reference)
        made.client.api.tag(old, made.name, "kept")
        made.image("latest", HEALTH, registry=shop)
        yield Pushed(reference, old)


def _older(scene: Scene, pushed: Pushed) -> str:
    """The name, meaning the older image on the engine again."""
    repository, tag = split(pushed.reference)
    scene.made.client.api.tag(pushed.image_id, repository, tag, force=True)
    return pushed.reference


def _shared(servers: Servers) -> Pushed:
    shop = cast(Registry, servers.keep("registry", registry))
    return cast(Pushed, servers.keep("redeploy-images", lambda: _pushed(shop)))


@contextlib.contextmanager
def redeploy_service(servers: Servers) -> Iterator[Stage]:
    pushed = _shared(servers)
    with opened() as (scene, way):
        scene.replicas(3, _older(scene, pushed))
        faults: dict[Fault, Inject] = {
            Fault.VANISHED: scene.removed,
            Fault.CHANGED: scene.restarted,
            Fault.UNHEALTHY: scene.sickening,
            Fault.PARTIAL: lambda: scene.sickening(NUMBER, "2"),
        }
        yield _stage(scene, way, {"service": "api"}, scene.redeployed, lambda: scene.worse(3), faults)


@contextlib.contextmanager
def scale_service(servers: Servers) -> Iterator[Stage]:
    pushed = _shared(servers)
    with opened() as (scene, way):
        scene.replicas(1, _older(scene, pushed))
        faults: dict[Fault, Inject] = {
            Fault.VANISHED: scene.removed,
            Fault.CHANGED: scene.restarted,
            Fault.UNHEALTHY: scene.sickening,
            Fault.PARTIAL: lambda: scene.sickening(NUMBER, "3"),
        }
        params = {"service": "api", "replicas": "3"}
        yield _stage(scene, way, params, scene.scaled, lambda: scene.worse(1), faults)


@contextlib.contextmanager
def look_at_images(servers: Servers) -> Iterator[Stage]:
    pushed = _shared(servers)
    with opened() as (scene, way):
        scene.replicas(1, _older(scene, pushed))
        yield _stage(scene, way, {}, lambda: 0, lambda: scene.worse(1), {})


@contextlib.contextmanager
def _withdrawn(shop: Registry, reference: str) -> Iterator[None]:
    """The registry has the image no more."""
    repository, tag = split(reference)
    url = f"http://{shop.host}/v2/{repository.partition('/')[2]}/manifests"
    found = requests.get(f"{url}/{tag}", headers={"Accept": MANIFEST}, timeout=5)
    gone = requests.delete(f"{url}/{found.headers['Docker-Content-Digest']}", timeout=5)
    assert gone.status_code == 202, gone.text
    yield


@contextlib.contextmanager
def pull_images(servers: Servers) -> Iterator[Stage]:
    shop = cast(Registry, servers.keep("registry", registry))
    with opened() as (scene, way):
        made = scene.made
        first = made.image("latest", HEALTH, registry=shop)
        second = made.image("latest", HEALTH, registry=shop, name=f"{made.name}-db")
        scene.replicas(1, first)
        made.replica(1, second, service="db", HostConfig={"Binds": [f"{scene.switch}:/switch:ro"]})
        made.wait_healthy("db")
        new = {reference: _newer(scene, shop, reference) for reference in (first, second)}

        @contextlib.contextmanager
        def pushed() -> Iterator[None]:
            _newer(scene, shop, first)
            yield

        faults: dict[Fault, Inject] = {
            Fault.VANISHED: lambda: _withdrawn(shop, second),
            Fault.CHANGED: pushed,
            Fault.PARTIAL: lambda: _withdrawn(shop, second),
        }

        def pulled() -> int:
            return int(any(made.image_id(reference) == image_id for reference, image_id in new.items()))

        yield _stage(scene, way, {}, pulled, lambda: scene.worse(2), faults)


@contextlib.contextmanager
def start_project(servers: Servers) -> Iterator[Stage]:
    pushed = _shared(servers)
    with opened() as (scene, way):
        image, file = _older(scene, pushed), scene.folder / "compose.yml"
        file.write_text(COMPOSE.format(image=image, switch=scene.switch))
        (scene.folder / "api.env").write_text("SECRET=local-token\n")

        @contextlib.contextmanager
        def without_file() -> Iterator[None]:
            file.unlink()
            yield

        @contextlib.contextmanager
        def other_variables() -> Iterator[None]:
            (scene.folder / "api.env").write_text("SECRET=another-token\n")
            yield

        faults: dict[Fault, Inject] = {
            Fault.VANISHED: without_file,
            Fault.CHANGED: other_variables,
            Fault.UNHEALTHY: scene.sickening,
            Fault.PARTIAL: lambda: scene.sickening(SERVICE, "api"),
        }
        place = {"directory": str(scene.folder), "compose_file": file.name, "order": ["db", "api"]}
        yield _stage(scene, way, {}, scene.started, lambda: "", faults, **place)


RIGS: Mapping[str, Rig] = {
    "redeploy-service": redeploy_service,
    "scale-service": scale_service,
    "look-at-images": look_at_images,
    "pull-images": pull_images,
    "start-project": start_project,
}
