"""A service in two places: an HTTP server on a loopback address each, a name, DNS that answers it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from actions.tools.toolbox import Toolbox
from bot.plan.models import DrPlan
from bot.toolbox import PlanToolbox
from tests.real.aws import REGION, RealAws
from tests.real.dns import Dns, dns_server
from tests.real.route53 import Front, route53_front
from tests.real.route53_wire import Rrset

FIRST, SECOND = "127.0.0.2", "127.0.0.3"
HEALTH = "/actuator/health/liveness"
TTL_S = 1
TRIES = 50


@dataclass
class Place:
    """One of the two. `healthy` is what its health check says; `hosts` is under which names it was asked.

    `well_at` is when it was last well.
    """

    address: str
    port: int
    healthy: bool = True
    hosts: list[str] = field(default_factory=list)
    well_at: float = float("-inf")

    def status(self, host: str) -> int:
        self.hosts.append(host.partition(":")[0])
        if self.healthy:
            self.well_at = time.monotonic()
        return 200 if self.healthy else 503


@contextlib.contextmanager
def place(address: str, port: int = 0) -> Iterator[Place]:
    """An HTTP server on this address while the block runs."""
    here = Place(address, port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = here.status(self.headers.get("Host", ""))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    here.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        serving.join(10)


@dataclass
class TwoPlaces:
    """The service `api`: its name leads to `first`, and may lead to `second`."""

    front: Front
    dns: Dns
    first: Place
    second: Place
    zone: str
    domain: str

    @property
    def name(self) -> str:
        return f"api.{self.domain}"

    @property
    def health_check(self) -> str:
        return f"http://{self.name}:{self.first.port}{HEALTH}"

    def at(self, address: str = FIRST, ttl_s: int = TTL_S) -> Rrset:
        """The name's record, leading there."""
        return Rrset(self.name, "A", ttl_s, (address,))

    def live(self) -> list[Rrset]:
        """The name's records now."""
        return self.front.records(self.zone, self.name)

    def moved(self) -> int:
        """How often the name was moved to the second place and not back."""
        to = [one.values for one in self.front.moves if one.name == self.name]
        return to.count((SECOND,)) - to.count((FIRST,))

    def drills_left(self) -> list[str]:
        return [one.name for one in self.front.records(self.zone) if one.name.startswith("drbot-drill")]

    def failover(self, **more: object) -> dict[str, object]:
        """The plan's entry of the service."""
        return {
            "record": self.name,
            "zone": self.zone,
            "targets": {"primary": {"address": FIRST}, "secondary": {"address": SECOND}},
            "health_check": self.health_check,
            "ttl": f"{TTL_S}s",
            "resolver": self.dns.place,
            **more,
        }

    def variables(self, port: int = 0) -> dict[str, str]:
        """The bot's environment; `port` is a proxy's before Route 53."""
        return {
            "AWS_ENDPOINT_URL_ROUTE_53": f"http://127.0.0.1:{port or self.front.port}",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local-key",
            "AWS_SECRET_ACCESS_KEY": "local-word",
        }

    def tools(self, more: Mapping[str, str] | None = None, /, **entry: object) -> Toolbox:
        """The tools as the bot builds them, for a plan of this service alone."""
        sections = {"environments": {"staging": {}}, "failover": {"api": self.failover(**entry)}}
        return PlanToolbox(DrPlan.model_validate(sections), {**self.variables(), **(more or {})})


@contextlib.contextmanager
def two_places(aws: RealAws) -> Iterator[TwoPlaces]:
    """The service in its two places, the name leading to the first, while the block runs."""
    with ExitStack() as stack:
        front = stack.enter_context(route53_front(aws))
        first, second = _both(stack)
        dns = stack.enter_context(dns_server(front.served))
        zone, domain = front.zone()
        places = TwoPlaces(front, dns, first, second, zone, domain)
        front.put(zone, places.at())
        yield places


def _both(stack: ExitStack) -> tuple[Place, Place]:
    """Two servers on one port number, which both addresses have free."""
    for _ in range(TRIES):
        with ExitStack() as trying:
            first = trying.enter_context(place(FIRST))
            try:
                second = trying.enter_context(place(SECOND, first.port))
            except OSError:
                continue
            stack.push(trying.pop_all())
            return first, second
    raise TimeoutError("no port is free on both addresses")
