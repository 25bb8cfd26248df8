"""What is looked at before a name is moved: the record as it is, both targets, and what DNS answers."""

from __future__ import annotations

from dataclasses import dataclass

from actions.failover.targets import (
    Objection,
    TargetSeen,
    objections,
    record_for,
    see_all,
    servers_of,
    zone_of,
)
from actions.plan import Refused
from actions.tools.dns.names import NameTarget, ServiceName
from actions.tools.dns.resolving import ask_all
from actions.tools.dns.route53 import HostedZone, Record, ZoneSeen
from actions.tools.toolbox import Toolbox


@dataclass(frozen=True)
class FailoverParams:
    """`to` is a target of the plan; '' is the other one, where there are two."""

    environment: str
    service: str
    to: str = ""


@dataclass(frozen=True)
class FailoverFacts:
    """What was seen, and what would be. `record` is kept: it is what the way back puts back.

    `at` is the target that the record leads to ('' none of the plan's). `domain` is the zone's.
    """

    service: str
    zone: str
    domain: str
    record: Record
    new: Record
    at: str
    to: str
    targets: tuple[TargetSeen, ...]
    answers: tuple[str, ...]
    objections: tuple[Objection, ...]
    promised_ttl_s: float
    stale_after_s: float
    health_check: str
    protection_known: bool = True

    @property
    def seen(self) -> TargetSeen:
        """The target that the name would lead to."""
        return next(one for one in self.targets if one.name == self.to)

    @property
    def accepted(self) -> frozenset[str]:
        """The kinds of objection that whoever approved this knew of."""
        return frozenset(one.kind for one in self.objections)


def survey(tools: Toolbox, params: FailoverParams) -> FailoverFacts:
    """Look at record, targets and DNS. Raises Refused (told why), Transient; changes nothing."""
    service = tools.service_name(params.service, params.environment)
    zone = zone_of(service)
    around, record = zone.seen(), live_record(zone, service)
    at = where(service, record)
    target = _chosen(service, params.to, at)
    new = record_for(service, target)
    _check_place(service, around, new)
    protected = zone.protection(record.name, (record.kind, new.kind))
    if protected:
        raise Refused(
            f"{record.name} cannot be moved: {protected}. Route 53 rejects every change of it until the"
            " protection is deleted (aws route53 delete-resource-record-set-protections). Nothing was changed"
        )
    if record.same_answer(new):
        raise Refused(f"{service.record} leads to {target.name} ({target.address}) already: nothing to do")
    seen = see_all(service)
    there = next(one for one in seen if one.name == target.name)
    heard = ask_all(servers_of(service, around), service.record, record.kind)
    return FailoverFacts(
        service=service.service,
        zone=service.zone,
        domain=around.domain,
        record=record,
        new=new,
        at=at,
        to=target.name,
        targets=seen,
        answers=tuple(map(str, heard)),
        objections=objections(there, service.stale_after_s),
        promised_ttl_s=service.ttl_s,
        stale_after_s=service.stale_after_s,
        health_check=service.health_check,
        protection_known=protected is not None,
    )


def live_record(zone: HostedZone, service: ServiceName) -> Record:
    """The service's record. Raises Refused where there is none, or not a simple one."""
    found = zone.record(service.record)
    if found is None:
        raise Refused(
            f"{service.record} has no record in {zone.place}: check the plan's record and zone."
            " Nothing was changed"
        )
    return found


def where(service: ServiceName, record: Record) -> str:
    """The target that the record leads to, '' where it is none of the plan's."""
    for target in service.targets.values():
        if record.same_answer(record_for(service, target)):
            return target.name
    return ""


def drift(planned: FailoverFacts, now: FailoverFacts) -> str | None:
    """Another record, another plan, or something that speaks against it which nobody had seen."""
    if planned.record != now.record:
        return f"{planned.record.name} is {now.record} now, and was {planned.record} when this was shown"
    if planned.new != now.new:
        return f"{planned.to} of the plan is another place than was shown"
    fresh = [one.said for one in now.objections if one.kind not in planned.accepted]
    return " ".join(fresh).rstrip(".") or None


def _chosen(service: ServiceName, to: str, at: str) -> NameTarget:
    if to:
        return service.target(to)
    others = service.others(at)
    if not at or len(others) != 1:
        names = ", ".join(service.targets)
        here = at or "none of the plan's targets"
        raise Refused(f"{service.record} leads to {here}: say where to, to={names.replace(', ', '|')}")
    return others[0]


def _check_place(service: ServiceName, around: ZoneSeen, new: Record) -> None:
    is_apex = new.name == around.domain
    if not is_apex and not new.name.endswith(f".{around.domain}"):
        raise Refused(
            f"zone {service.zone} is {around.domain}, and {new.name} is not in it: mend the plan's zone."
            " Nothing was changed"
        )
    if is_apex and new.kind == "CNAME":
        raise Refused(
            f"{new.name} is its zone's own name, which cannot be a CNAME: give the target's address in the"
            " plan. Nothing was changed"
        )
