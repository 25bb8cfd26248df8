"""What DNS servers answer for a name now: the resolver that is asked here, and the zone's own servers."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import dns.exception
import dns.resolver

from actions.failures import Refused
from actions.tools.dns.route53 import Kind
from actions.tools.endpoint import shown

PORT = 53
SERVERS_MOST = 4
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True)
class Heard:
    """What one server answered: the values, and for how long it may still be kept.

    `trouble` is why it answered nothing, '' where it answered (no values: it says that there are none).
    """

    server: str
    values: tuple[str, ...] = ()
    ttl_left_s: int = 0
    trouble: str = ""

    def __str__(self) -> str:
        if self.trouble:
            return f"{self.server} {self.trouble}"
        if not self.values:
            return f"{self.server} knows no such name"
        return f"{self.server} answers {', '.join(self.values)} for {self.ttl_left_s} s more"


@dataclass(frozen=True)
class NameServer:
    """One DNS server: `host:port` (port 53 where none is said), '' for the system's resolver."""

    place: str = ""
    title: str = ""
    timeout_s: float = 3.0

    @property
    def name(self) -> str:
        return self.title or self.place or "the system's resolver"

    def ask(self, name: str, kind: Kind = "A") -> Heard:
        """What it answers. Never raises for a server that is silent: the answer says so."""
        try:
            answer = self._resolver().resolve(
                name, kind, raise_on_no_answer=False, search=False, lifetime=self.timeout_s
            )
        except dns.resolver.NXDOMAIN:
            return Heard(self.name)
        except dns.resolver.LifetimeTimeout:
            return Heard(self.name, trouble=f"did not answer within {self.timeout_s:g} s")
        except (dns.exception.DNSException, OSError) as error:
            return Heard(self.name, trouble=f"did not answer ({shown(_why(error), 120)})")
        if answer.rrset is None:
            return Heard(self.name)
        values = tuple(sorted(str(one).rstrip(".").lower() for one in answer.rrset))
        return Heard(self.name, values, int(answer.rrset.ttl))

    def _resolver(self) -> dns.resolver.Resolver:
        asked = dns.resolver.Resolver(configure=not self.place)
        if self.place:
            host, port = split(self.place)
            asked.nameservers = [host]
            asked.port = port
        return asked


def addresses(name: str, server: NameServer) -> tuple[str, ...]:
    """The addresses of a name as this server says; an address is its own. Empty: it says none, or nothing."""
    if is_address(name):
        return (name,)
    heard = server.ask(name, "A")
    if heard.values or heard.trouble:
        return heard.values
    return server.ask(name, "AAAA").values


def name_servers(names: Sequence[str], server: NameServer, port: int = PORT) -> tuple[NameServer, ...]:
    """The zone's own servers that `server` finds, at most four; those that it does not find are left out."""
    found = []
    for name in names[:SERVERS_MOST]:
        heard = server.ask(name, "A")
        if heard.trouble:
            break  # it is silent: asking it for the others would only take time
        if heard.values:
            found.append(NameServer(f"{heard.values[0]}:{port}", name, server.timeout_s))
    return tuple(found)


def ask_all(servers: Sequence[NameServer], name: str, kind: Kind) -> tuple[Heard, ...]:
    """What each answers, asked at once: a silent one holds up nobody."""
    with ThreadPoolExecutor(max(1, len(servers))) as pool:
        return tuple(pool.map(lambda server: server.ask(name, kind), servers))


def settled(
    servers: Sequence[NameServer],
    name: str,
    kind: Kind,
    values: Collection[str],
    within_s: float,
    tell: Callable[[str], None],
) -> tuple[bool, tuple[Heard, ...]]:
    """Ask until every server that answers at all says exactly this; whether they did, and the last answers.

    At least one must answer. Bounded by `within_s` and one last round.
    """
    deadline = time.monotonic() + within_s
    wanted = set(values)
    while True:
        heard = ask_all(servers, name, kind)
        spoke = [one for one in heard if not one.trouble]
        if spoke and all(set(one.values) == wanted for one in spoke):
            return True, heard
        if time.monotonic() >= deadline:
            return False, heard
        tell("; ".join(map(str, heard)))
        time.sleep(LOOK_AGAIN_S)


def is_address(text: str) -> bool:
    """Whether it is an IP address and no name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def split(place: str) -> tuple[str, int]:
    """Address and port of `host:port`, `[::1]:53` or a bare address. Raises Refused where it is none."""
    host, port = place, str(PORT)
    if place.startswith("["):
        host, _, rest = place[1:].partition("]")
        port = rest.lstrip(":") or port
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
    if not is_address(host) or not port.isdigit() or not 0 < int(port) < 65536:
        raise Refused(f"{place[:80]!r} is no DNS server: write the plan's resolver as an address and a port")
    return host, int(port)


def _why(error: Exception) -> str:
    if isinstance(error, dns.resolver.NoNameservers):
        return "it refuses or fails"
    return type(error).__name__ if isinstance(error, dns.exception.DNSException) else str(error)
