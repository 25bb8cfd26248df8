"""A Redis of each test's own, and the toolbox that reaches it through a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from actions.cache.flush import flush_cache
from actions.plan import Plan
from actions.tools.cache.server import Cache
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned
from tests.real.proxy import Proxy, proxy
from tests.real.redis import RealRedis, absent, real_redis


@dataclass(frozen=True)
class Place:
    """A server, the way to it, and the plan's cache."""

    server: RealRedis
    way: Proxy
    cache: Cache

    @property
    def tools(self) -> FixedToolbox:
        return FixedToolbox(caches={"staging": self.cache})

    def as_user(self, *rules: str) -> Place:
        """The same for a user with these rights."""
        with self.server.client() as client:
            client.execute_command("ACL", "SETUSER", "drbot", "reset", "on", ">local-word", *rules)
        url = self.server.url(self.way.port, "drbot:local-word@")
        return replace(self, cache=replace(self.cache, url=url))

    def saying(self, *, ephemeral: bool) -> Place:
        """The same under a plan that says so."""
        return replace(self, cache=replace(self.cache, ephemeral=ephemeral))


@pytest.fixture
def place() -> Iterator[Place]:
    if absent():
        pytest.skip(absent())
    with real_redis() as server, proxy(("127.0.0.1", server.port)) as way:
        yield Place(server, way, Cache(server.url(way.port), ephemeral=True, timeout_s=1.0))


def flush_planned(place: Place, **given: object) -> tuple[Any, Plan]:
    """Facts and plan of a flush there."""
    return planned(flush_cache, place.tools, environment="staging", **given)


def keys_left(place: Place, database: int = 0) -> set[str]:
    """The keys of a database, but for drbot's own mark."""
    with place.server.client(database) as client:
        found: Any = client.keys()
    return {key.decode() for key in found if not key.decode().startswith("drbot:")}
