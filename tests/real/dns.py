"""A DNS server on loopback that really answers: from a zone, kept for the TTL as a resolver keeps answers."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from tests.real.route53_wire import Rrset

Answers = Callable[[str, str], Rrset | None]
"""What the zone answers for a name and a kind now."""


@dataclass
class Dns:
    """One server. `caches`: it keeps its answers for the TTL. `heard`: when a name was first answered."""

    answers: Answers
    caches: bool = True
    port: int = 0
    heard: dict[str, float] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    _kept: dict[tuple[str, str], tuple[float, Rrset]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def find(self, name: str, kind: str) -> tuple[Rrset | None, int]:
        """The answer and for how long it may be kept."""
        if name in self.hosts and kind == "A":
            return Rrset(name, "A", 60, (self.hosts[name],)), 60
        now = time.monotonic()
        ends, kept = self._kept.get((name, kind), (0.0, None))
        if kept is not None and ends > now:
            return kept, round(ends - now)
        found = self.answers(name, kind)
        if found is not None and self.caches:
            self._kept[name, kind] = (now + found.ttl_s, found)
        return found, found.ttl_s if found else 0


class _Resolver(BaseResolver):  # type: ignore[misc]  # the library has no types
    def __init__(self, dns: Dns) -> None:
        self._dns = dns

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        reply = request.reply()
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        found, ttl_s = self._dns.find(name, kind)
        if found is None:
            reply.header.rcode = RCODE.NXDOMAIN
            return reply
        if found.kind == "CNAME" != kind:
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(found.values[0]), ttl=ttl_s))
            name = found.values[0]
            found, ttl_s = self._dns.find(name, kind)
        for value in found.values if found and found.kind == kind else ():
            self._dns.heard.setdefault(name, time.monotonic())
            made = {"A": A, "AAAA": AAAA, "CNAME": CNAME}[kind](value)
            reply.add_answer(RR(name, getattr(QTYPE, kind), rdata=made, ttl=ttl_s))
        return reply


@contextlib.contextmanager
def dns_server(
    answers: Answers, caches: bool = True, port: int = 0, host: str = "127.0.0.1"
) -> Iterator[Dns]:
    """The server while the block runs."""
    dns = Dns(answers, caches)
    quiet = DNSLogger(logf=lambda _: None)
    server = DNSServer(_Resolver(dns), address=host, port=port, logger=quiet).server
    dns.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield dns
    finally:
        server.shutdown()
        server.server_close()
        serving.join(10)
