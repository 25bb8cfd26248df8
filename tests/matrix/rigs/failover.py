"""Rigs of the failover: a service in two places, Route 53 behind a proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.aws import RealAws, real_aws
from tests.real.places import FIRST, SECOND, TwoPlaces, two_places
from tests.real.proxy import Proxy, proxy
from tests.real.route53_wire import error_xml


class _World:
    """What may happen to a service in two places, and how often its name was moved."""

    def __init__(self, places: TwoPlaces, way: Proxy) -> None:
        self.places = places
        self.way = way

    def stage(self, effects: Callable[[], int], faults: Mapping[Fault, Inject]) -> Stage:
        return Stage(
            params={"environment": "staging", "service": "api"},
            environments={"staging": {}},
            variables=self.places.variables(self.way.port),
            effects=effects,
            worse=self.worse,
            faults=faults,
            plan={"failover": {"api": self.places.failover()}},
        )

    def faults(self) -> dict[Fault, Inject]:
        """Those of a look."""
        return {
            Fault.GONE: self.way.refuse,
            Fault.TIMEOUT: self.way.hang,
            Fault.DENIED: lambda: self.way.answer(403, error_xml("AccessDenied"), "text/xml"),
            Fault.VANISHED: self.vanished,
        }

    def faults_of_a_change(self) -> dict[Fault, Inject]:
        return {**self.faults(), Fault.CHANGED: self.changed, Fault.UNHEALTHY: self.unhealthy}

    @contextlib.contextmanager
    def vanished(self) -> Iterator[None]:
        self.places.front.delete(self.places.zone, self.places.at())
        yield
        self.places.front.put(self.places.zone, self.places.at())

    @contextlib.contextmanager
    def changed(self) -> Iterator[None]:
        self.places.front.put(self.places.zone, self.places.at(ttl_s=300))
        yield
        self.places.front.put(self.places.zone, self.places.at())

    @contextlib.contextmanager
    def unhealthy(self) -> Iterator[None]:
        self.places.second.healthy = False
        yield
        self.places.second.healthy = True

    def worse(self) -> str:
        """The name leads to one of its two places, by one whole record, and nothing lies about."""
        left = self.places.drills_left()
        if left:
            return f"drill records are left: {', '.join(left)}"
        live = self.places.live()
        whole = live in ([self.places.at(FIRST)], [self.places.at(SECOND)])
        return "" if whole else f"{self.places.name} is {live or 'gone'}"

    def drilled(self) -> int:
        """How many drills went all the way: made, answered by DNS, and the other place well after that."""
        made = {one.name for one in self.places.front.moves if one.name.startswith("drbot-drill")}
        heard = self.places.dns.heard
        return sum(name in heard and self.places.second.well_at > heard[name] for name in made)


@contextlib.contextmanager
def _world(servers: Servers) -> Iterator[_World]:
    aws = cast("RealAws", servers.keep("aws", real_aws))
    with two_places(aws) as places, proxy(("127.0.0.1", places.front.port)) as way:
        yield _World(places, way)


@contextlib.contextmanager
def look_at_failover(servers: Servers) -> Iterator[Stage]:
    with _world(servers) as world:
        yield world.stage(lambda: 0, world.faults())


@contextlib.contextmanager
def fail_over_name(servers: Servers) -> Iterator[Stage]:
    with _world(servers) as world:
        yield world.stage(world.places.moved, world.faults_of_a_change())


@contextlib.contextmanager
def rehearse_failover(servers: Servers) -> Iterator[Stage]:
    with _world(servers) as world:
        yield world.stage(world.drilled, world.faults_of_a_change())


RIGS: Mapping[str, Rig] = {
    "fail-over-name": fail_over_name,
    "look-at-failover": look_at_failover,
    "rehearse-failover": rehearse_failover,
}
