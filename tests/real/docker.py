"""A real Docker engine, and Belezza's Compose projects on it: each of a test's own, removed after it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import docker
import pytest
from docker.errors import APIError, DockerException, NotFound

from bot.demo.ports import free_port
from tests.real.belezza.images import image
from tests.real.belezza.project import PROJECT_LABEL, Belezza
from tests.real.belezza.services import NETWORK_LABEL, container_config

SOCKET = "/var/run/docker.sock"
PROGRAMS = {"nginx": "nginx", "redis": "redis-server", "api": "busybox", "db": "busybox"}


def engine_url() -> str:
    """Where the engine is: DOCKER_HOST, or the usual socket."""
    return os.environ.get("DOCKER_HOST", "") or f"unix://{SOCKET}"


@cache
def absent() -> str:
    """Why nothing can be run on an engine here, or ''."""
    url = engine_url()
    path = url.removeprefix("unix://")
    try:
        if path != url:  # the SDK would leave its socket open where nobody answers
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(10)
                probe.connect(path)
        with contextlib.closing(docker.DockerClient(base_url=url, timeout=10)) as client:
            client.ping()
    except (DockerException, OSError) as error:
        return f"no Docker engine answers at {url} (Debian package docker.io): {error}"[:300]
    missing = sorted({program for program in PROGRAMS.values() if not _installed(program)})
    return f"not installed, so no image can be made: {', '.join(missing)}" if missing else ""


def require_engine() -> str:
    """The engine's URL; skips the test, with the reason, where none answers (in CI that fails)."""
    if absent():
        pytest.skip(absent())
    return engine_url()


@contextlib.contextmanager
def belezza_project(
    replicas: int = 1,
    services: Sequence[str] = ("api", "nginx"),
    environment: Mapping[str, str] | None = None,
    name: str = "",
    healthy_within_s: float = 30.0,
    interval_s: float = 0.5,
) -> Iterator[Belezza]:
    """A project of its own, up and healthy, as `docker-compose up` would leave it; removed afterwards.

    `services` of api, nginx, redis, db in the order in which they start (`()`: nothing runs, for
    `Belezza.compose`); `replicas` are the api's; `environment` is added to the api's variables (see
    `tests/real/belezza/api.py`); `healthy_within_s=0` does not wait; `interval_s` is between health checks.
    Skips the test where no engine answers. What was made in the project meanwhile, by whomever, goes with it.
    """
    client = docker.DockerClient(base_url=require_engine(), timeout=60)
    made = Belezza(name or f"belezza-{uuid.uuid4().hex[:8]}", engine_url(), client, free_port())
    try:
        _create(made, replicas, services, environment or {}, interval_s)
        if healthy_within_s and services:
            made.wait_healthy(within_s=healthy_within_s)
        yield made
    finally:
        remove(made)
        client.close()


def _create(
    made: Belezza,
    replicas: int,
    services: Sequence[str],
    environment: Mapping[str, str],
    interval_s: float,
) -> None:
    if not services:
        return
    labels = {PROJECT_LABEL: made.name, NETWORK_LABEL: "default"}
    made.client.networks.create(made.network, driver="bridge", labels=labels)
    started = [(name, 1) for name in services]
    started += [("api", number) for number in range(2, replicas + 1) if "api" in services]
    names = {name: image(made.client, name) for name in services}

    def start(service: str, number: int) -> None:
        config = container_config(made, service, number, names[service], services, environment, interval_s)
        name = f"{made.name}_{service}_{number}"
        created = made.client.api.create_container_from_config(config, name)  # type: ignore[no-untyped-call]
        made.client.api.start(created["Id"])

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(start, *one) for one in started]:
            future.result()


def remove(made: Belezza) -> None:
    """Everything that bears the project's label, and its folder; nothing else."""
    shutil.rmtree(made.folder_path, ignore_errors=True)
    for container in made.containers():
        with contextlib.suppress(NotFound, APIError):
            container.remove(force=True, v=True)
    for network in made.client.networks.list(filters={"label": f"{PROJECT_LABEL}={made.name}"}):
        with contextlib.suppress(NotFound):
            network.remove()
    for volume in made.client.volumes.list(filters={"label": f"{PROJECT_LABEL}={made.name}"}):
        with contextlib.suppress(NotFound):
            volume.remove(force=True)


def _installed(program: str) -> bool:
    return shutil.which(program) is not None or Path("/usr/sbin", program).exists()
