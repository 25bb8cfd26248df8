"""Calls to a Docker engine, one each: bounded in time, their errors as sentences for a person.

Source: Docker Engine API 1.41 as the docker SDK's low-level client gives it.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import docker
from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from actions.failures import Refused, Transient
from actions.tools.containers.engine_json import Json, words
from actions.tools.containers.project import Project
from actions.tools.containers.recipe import Recipe

CALL_TIMEOUT_S = 10.0
LOCAL_SOCKET = "unix:///var/run/docker.sock"
_DENIED = (401, 403)


@contextlib.contextmanager
def told(doing: str) -> Iterator[None]:
    """Say what failed: Transient where the engine does not answer for now, Refused where it says no.

    A thing that is not there (404) passes through as docker's NotFound: the caller knows what it means.
    """
    try:
        yield
    except NotFound:
        raise
    except APIError as error:
        code = int(error.status_code or 0)
        said = in_one_line(error)
        if code in _DENIED:
            raise Refused(
                f"the container engine does not permit drbot to {doing} ({code}: {said})"
            ) from error
        raise Transient(f"the container engine could not {doing}: {said}") from error
    except (DockerException, RequestException, HTTPError, OSError) as error:
        if _forbidden(error):
            raise Refused(f"drbot's account may not open the container engine's socket to {doing}") from error
        late = "timed out" in str(error).lower()
        how = "answers too late" if late else "does not answer"
        raise Transient(f"the container engine {how}; drbot wanted to {doing}") from error


def in_one_line(error: APIError) -> str:
    """What the engine gave as its reason, bounded."""
    return " ".join(str(error.explanation or error).split())[:200]


def _forbidden(error: BaseException) -> bool:
    """Whether the socket, or a proxy before it (already when it was asked for its version), said no."""
    cause = error.__cause__
    denied = isinstance(cause, APIError) and int(cause.status_code or 0) in _DENIED
    return denied or isinstance(error, PermissionError) or "Permission denied" in str(error)


class Engine:
    """One open connection to an engine. Every method raises Transient and Refused as `told` says."""

    def __init__(self, api: docker.APIClient) -> None:
        self.api = api

    def container(self, which: str) -> Json | None:
        """A container by id or name, as inspected; None where there is none."""
        with told("look at a container"):
            try:
                return cast(Json, self.api.inspect_container(which))
            except NotFound:
                return None

    def image(self, which: str) -> Json | None:
        """A local image by id or reference, as inspected; None where there is none."""
        with told("look at an image"):
            try:
                return cast(Json, self.api.inspect_image(which))  # type: ignore[no-untyped-call]
            except NotFound:
                return None

    def labelled(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Ids of the containers, running or not, that carry all these labels."""
        wanted = [f"{name}={value}" for name, value in labels.items()]
        with told("list its containers"):
            found = self.api.containers(all=True, filters={"label": wanted})
        return tuple(str(one["Id"]) for one in found)

    def create(self, name: str, recipe: Recipe) -> str:
        """Make a container, not started, on its first network; its id. Refused where the name is taken."""
        body: dict[str, object] = {**recipe.config, "HostConfig": dict(recipe.host_config)}
        if recipe.first_network:
            first = dict(recipe.networks[recipe.first_network])
            body["NetworkingConfig"] = {"EndpointsConfig": {recipe.first_network: first}}
        with told(f"create {name}"):
            try:
                made = self.api.create_container_from_config(body, name)  # type: ignore[no-untyped-call]
            except APIError as error:
                if error.status_code == 409:
                    raise Refused(f"another container is named {name}: remove or rename it first") from error
                raise
        return str(made["Id"])

    def join(self, which: str, network: str, settings: Json) -> None:
        """Connect a container to one more network."""
        address = settings.get("IPAMConfig")
        fixed = address if isinstance(address, Mapping) else {}
        links = [
            (name, alias) for name, _, alias in (one.partition(":") for one in words(settings.get("Links")))
        ]
        with told(f"connect it to the network {network}"):
            self.api.connect_container_to_network(
                which,
                network,
                ipv4_address=fixed.get("IPv4Address") or None,
                ipv6_address=fixed.get("IPv6Address") or None,
                link_local_ips=fixed.get("LinkLocalIPs") or None,
                aliases=words(settings.get("Aliases")) or None,
                links=links or None,
                driver_opt=settings.get("DriverOpts") or None,
            )

    def leave(self, which: str, network: str) -> None:
        """Disconnect it from a network."""
        with told(f"disconnect it from the network {network}"):
            self.api.disconnect_container_from_network(which, network)

    def start(self, which: str) -> None:
        """Start it. Safe to call twice."""
        with told("start a container"):
            self.api.start(which)

    def stop(self, which: str, grace_s: float) -> None:
        """Ask it to end, and end it after the grace. Safe to call twice, also where it is gone."""
        with told("stop a container"), contextlib.suppress(NotFound):
            self.api.stop(which, timeout=max(1, round(grace_s)))

    def rename(self, which: str, name: str) -> None:
        """Give it another name."""
        with told(f"rename a container to {name}"):
            self.api.rename(which, name)

    def remove(self, which: str, its_volumes: bool = False) -> None:
        """Remove it, running or not; named volumes always stay. Safe to call twice."""
        with told("remove a container"), contextlib.suppress(NotFound):
            self.api.remove_container(which, v=its_volumes, force=True)

    def tag(self, image_id: str, reference: str) -> None:
        """Let a local reference name this image."""
        repository, tag = split(reference)
        with told(f"tag an image as {reference}"):
            self.api.tag(image_id, repository, tag, force=True)

    def untag(self, reference: str) -> None:
        """Take a local name away; the last one of an image that a container is of stays. Safe to repeat."""
        with told(f"take the name {reference} away"), contextlib.suppress(NotFound):
            try:
                self.api.remove_image(reference)
            except APIError as error:
                if error.status_code != 409:
                    raise

    def images(self) -> Sequence[Json]:
        """Every local image that has a tag, as listed."""
        with told("list the images"):
            return [cast(Json, one) for one in self.api.images()]


def split(reference: str) -> tuple[str, str]:
    """`registry:5000/name:tag` as repository and tag (`latest` where it says none)."""
    rest, _, last = reference.rpartition("/")
    name, _, tag = last.partition(":")
    return (f"{rest}/{name}" if rest else name), tag or "latest"


@contextlib.contextmanager
def engine_of(project: Project, timeout_s: float = CALL_TIMEOUT_S) -> Iterator[Engine]:
    """Open the project's engine. Raises Transient where it does not answer, Refused where it says no."""
    with told("ask it for its version"):
        _knock(project.engine or LOCAL_SOCKET, timeout_s)
        api = docker.APIClient(
            base_url=project.engine or LOCAL_SOCKET, version="auto", timeout=int(timeout_s)
        )
    try:
        yield Engine(api)
    finally:
        api.close()


def _knock(address: str, timeout_s: float) -> None:
    """Whether somebody opens a local socket at all: docker's client leaves its own open where nobody does."""
    path = address.removeprefix("unix://")
    if path == address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.settimeout(timeout_s)
        knocking.connect("/" + path.lstrip("/"))
