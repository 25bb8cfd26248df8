"""The targets that a name may point to, as they are now: healthy or not, how far behind, what objects."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from actions.plan import Refused
from actions.tools.dns.names import NameTarget, ServiceName
from actions.tools.dns.probing import Probed, probe
from actions.tools.dns.resolving import NameServer, addresses, is_address, name_servers
from actions.tools.dns.route53 import HostedZone, Record, ZoneSeen, canonical
from actions.tools.postgres.replay import lag_of

Against: TypeAlias = Literal["health", "stale", "database"]


@dataclass(frozen=True)
class TargetSeen:
    """One target. `said` is what its health check said, `lag_s` how far its data is behind, if known."""

    name: str
    address: str
    healthy: bool
    said: str
    lag_s: float | None
    lag_said: str
    database_silent: bool = False

    def __str__(self) -> str:
        return f"{'healthy' if self.healthy else 'NOT healthy'}: {self.said}; {self.lag_said}"


@dataclass(frozen=True)
class Objection:
    """What speaks against moving a name to a target; a person who may can override it, kind by kind."""

    kind: Against
    said: str


def resolver_of(service: ServiceName) -> NameServer:
    """The DNS server that is asked here."""
    return NameServer(service.resolver, timeout_s=min(3.0, service.timeout_s))


def servers_of(service: ServiceName, zone: ZoneSeen) -> tuple[NameServer, ...]:
    """Whom to ask for the name: the resolver first, then the zone's own servers that it finds."""
    resolver = resolver_of(service)
    return (resolver, *name_servers(zone.name_servers, resolver))


def zone_of(service: ServiceName) -> HostedZone:
    """The hosted zone of the service's name. Raises Refused where the plan names none."""
    if not service.zone:
        raise Refused(
            f"the plan names no hosted zone for {service.record} (failover.{service.service}.zone), so drbot"
            " cannot move it. Nothing was changed"
        )
    return HostedZone(service.zone, service.access, service.timeout_s)


def record_for(service: ServiceName, target: NameTarget, name: str = "") -> Record:
    """The simple record that leads to this target, with the plan's TTL, under the service's name or this."""
    address = canonical(target.address)
    name, ttl_s = (name or service.record).rstrip(".").lower(), int(service.ttl_s)
    if is_address(address):
        return Record(name, "AAAA" if ":" in address else "A", ttl_s, (address,))
    return Record(name, "CNAME", ttl_s, (address,))


def see(service: ServiceName, target: NameTarget) -> TargetSeen:
    """Ask a target how it is, and its database how far it is behind. Raises Refused for a bad URL only."""
    answered = ask_target(service, target)
    lag = lag_of(target.database_url, _leader_url(service, target))
    return TargetSeen(
        target.name, target.address, answered.healthy, answered.said, lag.seconds, lag.said, lag.silent
    )


def see_all(service: ServiceName) -> tuple[TargetSeen, ...]:
    """Every target of the plan, in its order, asked at once: one that is away holds up nobody."""
    with ThreadPoolExecutor(max(1, len(service.targets))) as pool:
        return tuple(pool.map(lambda target: see(service, target), service.targets.values()))


def ask_target(service: ServiceName, target: NameTarget) -> Probed:
    """The target's own health, or what customers ask under the name, asked at the target's address."""
    url = target.health or service.health_check
    own = bool(target.health) and (urlsplit(url).hostname or "") != service.record
    return probe(url, "" if own else address_of(service, target), service.timeout_s)


def address_of(service: ServiceName, target: NameTarget) -> str:
    """An address of the target, its name looked up where it has one (the name itself where that fails)."""
    found = addresses(target.address, resolver_of(service))
    return found[0] if found else target.address


def objections(seen: TargetSeen, stale_after_s: float) -> tuple[Objection, ...]:
    """What speaks against moving the name to this target."""
    found: list[Objection] = []
    if not seen.healthy:
        found.append(Objection("health", f"{seen.name} ({seen.address}) is not healthy: it {seen.said}."))
    if seen.lag_s is not None and seen.lag_s > stale_after_s:
        said = f"{seen.name}'s data is stale: {seen.lag_said}, and the plan allows {stale_after_s:g} s."
        found.append(Objection("stale", said))
    if seen.database_silent:
        found.append(Objection("database", f"{seen.name} has no data to serve: {seen.lag_said.rstrip('.')}."))
    return tuple(found)


def _leader_url(service: ServiceName, target: NameTarget) -> str:
    """The database that another target has, which this one's may follow."""
    return next((one.database_url for one in service.others(target.name) if one.database_url), "")
