"""A small Compose project of busybox containers, with images made for the moment; removed afterwards."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import tarfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import docker
import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from actions.tools.containers.project import Project
from actions.tools.toolbox import FixedToolbox
from tests.real.docker import require_engine
from tests.real.processes import wait_for
from tests.real.registry import Registry

HEALTHY = "true"
UNHEALTHY = "false"
SECOND_UNHEALTHY = '[ "$REPLICA" != 2 ]'
ENDS = "exit 3"
RUNS = "trap 'exit 0' TERM; while :; do busybox sleep 600 & wait $!; done"
BUSYBOX = "/bin/busybox"


@dataclass
class World:
    """One project: its engine, and what was made for it."""

    name: str
    client: docker.DockerClient
    engine: str
    images: list[str] = field(default_factory=list)

    @property
    def network(self) -> str:
        return f"{self.name}_default"

    def image(
        self,
        tag: str,
        health: str = HEALTHY,
        env: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        command: str = RUNS,
        more: tuple[str, ...] = (),
        registry: Registry | None = None,
        name: str = "",
        account: Mapping[str, str] | None = None,
    ) -> str:
        """Make an image and return its reference; into the registry where one is given."""
        reference = registry.reference(name or self.name, tag) if registry else f"{self.name}:{tag}"
        repository = reference.rpartition(":")[0]
        changes = [f"CMD {json.dumps([BUSYBOX, 'sh', '-c', command])}", *more]
        changes += [f"ENV {name}={value}" for name, value in {"PATH": "/bin", **(env or {})}.items()]
        changes += [f"LABEL {name}={value}" for name, value in (labels or {}).items()]
        changes += [_health(health)] if health else []
        self.client.api.import_image_from_data(_root(tag), repository=repository, tag=tag, changes=changes)
        self.images.append(self.image_id(reference))
        if registry:
            said = self.client.api.push(
                repository, tag=tag, stream=True, decode=True, auth_config=dict(account) if account else None
            )
            assert not [line for line in said if "error" in line]
        return reference

    def replica(
        self, number: int, image: str, service: str = "api", start: bool = True, **config: Any
    ) -> str:
        """Create a container as docker-compose would, and start it; its id."""
        host = {"NetworkMode": self.network, "RestartPolicy": {"Name": "unless-stopped"}}
        host |= config.pop("HostConfig", {})
        labels = {
            "com.docker.compose.project": self.name,
            "com.docker.compose.service": service,
            "com.docker.compose.container-number": str(number),
            "com.docker.compose.oneoff": "False",
            "com.docker.compose.config-hash": "0" * 64,
        } | config.pop("Labels", {})
        body = {
            "Image": image,
            "Env": [f"REPLICA={number}", *config.pop("Env", [])],
            "Labels": labels,
            "HostConfig": host,
            "NetworkingConfig": {"EndpointsConfig": {self.network: {"Aliases": [service]}}},
            **config,
        }
        if host["NetworkMode"] == "host":
            del body["NetworkingConfig"]
        name = f"{self.name}_{service}_{number}"
        made = self.client.api.create_container_from_config(body, name)  # type: ignore[no-untyped-call]
        if start:
            self.client.api.start(made["Id"])
        return str(made["Id"])

    def inspect(self, which: int | str, service: str = "api") -> dict[str, Any]:
        """A replica by number, or any container by name or id."""
        name = f"{self.name}_{service}_{which}" if isinstance(which, int) else which
        return dict(self.client.api.inspect_container(name))

    def names(self) -> list[str]:
        """The project's containers, running or not."""
        found = self.client.api.containers(
            all=True, filters={"label": f"com.docker.compose.project={self.name}"}
        )
        return sorted(one["Names"][0].lstrip("/").removeprefix(f"{self.name}_") for one in found)

    def image_id(self, reference: str) -> str:
        return str(self.client.images.get(reference).id)

    def wait_healthy(self, service: str = "api", within_s: float = 20.0) -> None:
        """Until each container of the service is healthy."""
        labels = [f"com.docker.compose.project={self.name}", f"com.docker.compose.service={service}"]

        def all_are() -> bool:
            found = self.client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)
            return all(one.attrs["State"].get("Health", {}).get("Status") == "healthy" for one in found)

        wait_for(f"{service} to be healthy", all_are, within_s)

    def project(self, **more: Any) -> Project:
        return Project(self.name, self.engine, **{"healthy_within_s": 15.0, "stop_within_s": 2.0, **more})

    def tools(self, **more: Any) -> FixedToolbox:
        return FixedToolbox(projects={"staging": self.project(**more)})


def _health(test: str) -> str:
    words = json.dumps([BUSYBOX, "sh", "-c", test])
    return f"HEALTHCHECK --interval=300ms --timeout=3s --retries=2 CMD {words}"


def _root(difference: str) -> bytes:
    """A root with busybox and one file that makes each image another."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for folder in ("bin", "data", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        tar.add(shutil.which("busybox") or BUSYBOX, "bin/busybox")
        said = f"{difference} {uuid.uuid4().hex}".encode()
        entry = tarfile.TarInfo("version")
        entry.size = len(said)
        tar.addfile(entry, io.BytesIO(said))
    return packed.getvalue()


@contextlib.contextmanager
def world() -> Iterator[World]:
    """A project of its own with its network; everything it made goes with the block."""
    engine = require_engine()
    if shutil.which("busybox") is None:
        pytest.skip("busybox is not installed (Debian package busybox-static)")
    client = docker.DockerClient(base_url=engine, timeout=60)
    made = World(f"redeploy{uuid.uuid4().hex[:8]}", client, engine)
    try:
        client.networks.create(made.network, labels={"com.docker.compose.project": made.name})
        yield made
    finally:
        _remove(made)
        client.close()


def _remove(made: World) -> None:
    ours = {"label": f"com.docker.compose.project={made.name}"}
    for one in made.client.api.containers(all=True, filters=ours):
        with contextlib.suppress(NotFound, APIError):
            made.client.api.remove_container(one["Id"], force=True, v=True)
    for network in made.client.networks.list(filters=ours):
        network.remove()
    for volume in made.client.volumes.list(filters=ours):
        volume.remove(force=True)
    listed = made.client.api.images()
    names = [name for image in listed for name in image.get("RepoTags") or () if made.name in name]
    for image in (*names, *dict.fromkeys(made.images)):
        with contextlib.suppress(ImageNotFound, APIError):
            made.client.api.remove_image(image, force=True)
