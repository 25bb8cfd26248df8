"""Rigs for the cache: a Redis of each stage's own behind a proxy, and a user whose rights can be taken."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.proxy import proxy
from tests.real.redis import RealRedis, real_redis

KEYS = 40
FOREIGN = 3


def _rights(server: RealRedis, *rules: str) -> None:
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "drbot", "reset", "on", ">local-word", *rules)


@contextlib.contextmanager
def _denied(server: RealRedis) -> Iterator[None]:
    _rights(server, "+ping", "~*")
    yield
    _rights(server, "+@all", "~*")


@contextlib.contextmanager
def _emptied(server: RealRedis) -> Iterator[None]:
    with server.client() as client:
        for number in range(KEYS):
            client.delete(f"session:{number}")
    yield


@contextlib.contextmanager
def _restarted(server: RealRedis) -> Iterator[None]:
    server.restart()
    _furnish(server)
    yield


def _furnish(server: RealRedis) -> None:
    _rights(server, "+@all", "~*")
    server.fill(KEYS)
    server.fill(FOREIGN, database=1)


def _worse(server: RealRedis) -> str:
    if server.size(1) != FOREIGN:
        return f"database 1, another program's, holds {server.size(1)} keys instead of {FOREIGN}"
    with server.client() as client:
        client.set("booking:1", "x")
        return "" if client.get("booking:1") == b"x" else "it does not keep what is written"


@contextlib.contextmanager
def _stage(changes: bool) -> Iterator[Stage]:
    with real_redis() as server, proxy(("127.0.0.1", server.port)) as way:
        _furnish(server)
        faults: dict[Fault, Inject] = {
            Fault.GONE: way.refuse,
            Fault.TIMEOUT: way.hang,
            Fault.DENIED: lambda: _denied(server),
        }
        if changes:
            faults[Fault.VANISHED] = lambda: _emptied(server)
            faults[Fault.CHANGED] = lambda: _restarted(server)
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {"cache": {"url_env": "DR_STAGING_CACHE_URL", "ephemeral": True}}},
            variables={"DR_STAGING_CACHE_URL": server.url(way.port, "drbot:local-word@")},
            effects=lambda: server.calls("flushdb"),
            worse=lambda: _worse(server),
            faults=faults,
        )


@contextlib.contextmanager
def look_at_cache(servers: Servers) -> Iterator[Stage]:
    with _stage(changes=False) as stage:
        yield stage


@contextlib.contextmanager
def flush_cache(servers: Servers) -> Iterator[Stage]:
    with _stage(changes=True) as stage:
        yield stage


RIGS: Mapping[str, Rig] = {"look-at-cache": look_at_cache, "flush-cache": flush_cache}
