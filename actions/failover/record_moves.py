"""Moving one record of Route 53 and waiting until the world has it: what failover and rehearsal share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actions.failover.targets import resolver_of
from actions.plan import Context, NotVerified
from actions.tools.dns.names import ServiceName
from actions.tools.dns.probing import Probed, probe
from actions.tools.dns.resolving import Heard, NameServer, addresses, settled
from actions.tools.dns.route53 import HostedZone, Moved, Record, canonical

SYNC_WITHIN_S = 180.0
SYNC_LOOK_S = 0.5
RESOLVE_MARGIN_S = 30.0
RESOLVE_MOST_S = 900.0
PROBES = 3
PROBE_AGAIN_S = 1.0


def put(zone: HostedZone, old: Record | None, new: Record | None, name: str, because: str) -> str:
    """Change it in one go; the change's id, '' where an attempt before had done it already.

    Raises Moved where the record is not `old` any more (nor `new`), Refused, Transient.
    """
    try:
        return zone.change(old, new, because)
    except Moved:
        if zone.record(name) == new:  # the answer to an attempt before was lost on the way
            return ""
        raise


def restated(zone: HostedZone, record: Record, because: str) -> str:
    """The id of a change that leaves the record as it is: to wait for one whose own id was lost.

    Route 53 takes the changes of a zone one after the other, so this one is everywhere only when that one is.
    Raises NotVerified where the record is another by now, Refused, Transient.
    """
    try:
        return zone.change(record, record, because)
    except Moved as error:
        raise NotVerified(
            f"{record.name} is not {record} any more: somebody changed it meanwhile to"
            f" {zone.record(record.name) or 'nothing'}"
        ) from error


def wait_in_sync(zone: HostedZone, change: str, context: Context) -> float:
    """Wait until every name server of Route 53 has the change; how long it took (s).

    Raises NotVerified where that takes longer than three minutes, Refused, Transient.
    """
    began = time.monotonic()
    while not zone.in_sync(change):
        waited_s = time.monotonic() - began
        if waited_s > SYNC_WITHIN_S:
            raise NotVerified(
                f"Route 53 says after {waited_s:.0f} s that the change is still PENDING: some of its servers"
                " may answer the old, others the new. Look at the AWS Health Dashboard"
            )
        context.progress(f"PENDING for {waited_s:.0f} s")
        time.sleep(SYNC_LOOK_S)
    return time.monotonic() - began


def resolve_within_s(old_ttl_s: float) -> float:
    """How long an answer from before may be heard here, at most."""
    return min(old_ttl_s, RESOLVE_MOST_S) + RESOLVE_MARGIN_S


def resolved(
    servers: Sequence[NameServer], record: Record, within_s: float, tell: Callable[[str], None]
) -> tuple[float, tuple[Heard, ...]]:
    """Ask until every server that answers says what the record says; how long that took (s), who answered.

    `servers` are the resolver, then the zone's own. Where those all say so and only the resolver keeps what
    it had, that is told and no failure: it is everybody's own cache. Raises NotVerified.
    """
    began = time.monotonic()
    all_say, heard = settled(servers, record.name, record.kind, record.answers, within_s, tell)
    took_s = time.monotonic() - began
    right = [one for one in heard[1:] if set(one.values) == record.answers]
    wrong = [one for one in heard[1:] if not one.trouble and one not in right]
    if all_say or (right and not wrong):
        return took_s, heard
    said = "; ".join(map(str, heard))
    raise NotVerified(f"after {took_s:.0f} s {record.name} does not resolve to {record} here: {said}")


@dataclass(frozen=True)
class Asked:
    """What the service said under its name. `how` is by which way it was asked, in words."""

    answered: Probed
    how: str


def probe_by_name(service: ServiceName, record: Record, tell: Callable[[str], None]) -> Asked:
    """Ask the health check where `record` leads, up to three times.

    Only a place that the record leads to is asked: a resolver that keeps the old answer would lead to the
    old place, whose health says nothing of the new one. That it does is told.
    """
    address, how = _led(service, record)
    answered = Probed(False, "was not asked")
    for attempt in range(1, PROBES + 1):
        answered = probe(service.health_check, address, service.timeout_s)
        if answered.healthy or attempt == PROBES:
            break
        tell(f"{address} {answered.said}")
        time.sleep(PROBE_AGAIN_S)
    return Asked(answered, how)


def _led(service: ServiceName, record: Record) -> tuple[str, str]:
    """The address to ask, and how it was found: by the name where the resolver here leads there."""
    resolver = resolver_of(service)
    heard = addresses(record.name, resolver)
    wanted = [one for value in record.values for one in addresses(value, resolver)]
    known = set(map(canonical, wanted))
    here = [one for one in heard if canonical(one) in known]
    if here:
        return here[0], "through the name"
    address = (*wanted, *record.values)[0]
    said = f"still answers {', '.join(heard)}" if heard else "does not answer the name"
    return address, f"asked at {address}, where the record leads ({resolver.name} {said}),"
