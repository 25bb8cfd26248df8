"""Looking at whether a failover would work now: the record, what DNS answers, each target, their data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.failover.survey import live_record, where
from actions.failover.targets import TargetSeen, objections, resolver_of, see_all, servers_of, zone_of
from actions.failover.words import LOOKED, ZONE
from actions.plan import Action, Context, Evidence, Light, Plan, Risk, Step
from actions.tools.dns.names import ServiceName
from actions.tools.dns.resolving import Heard, ask_all
from actions.tools.dns.route53 import Record
from actions.tools.toolbox import Toolbox

STEP_S = 60.0


@dataclass(frozen=True)
class LookParams:
    environment: str
    service: str


@dataclass(frozen=True)
class LookFacts:
    """What would be looked at."""

    record: str
    zone: str
    targets: tuple[str, ...]
    promised_ttl_s: float


def _survey(tools: Toolbox, params: LookParams) -> LookFacts:
    service = tools.service_name(params.service, params.environment)
    return LookFacts(service.record, service.zone, tuple(service.targets), service.ttl_s)


def _check_readable(params: LookParams, context: Context) -> Evidence:
    """Guard: Route 53 shows the record, and it is one that drbot can move."""
    service = context.tools.service_name(params.service, params.environment)
    return Evidence(f"{service.record} was {live_record(zone_of(service), service)}")


def _see_name(params: LookParams, context: Context) -> Evidence:
    """Where the name leads, by Route 53 and by what DNS answers; the TTL promised beside the one that is."""
    service = context.tools.service_name(params.service, params.environment)
    if not service.zone:
        heard = resolver_of(service).ask(service.record)
        return Evidence(
            f"{heard}; the plan names no hosted zone (failover.{service.service}.zone), so drbot could not"
            " move the name",
            light="red",
        )
    zone = zone_of(service)
    record = live_record(zone, service)
    answers = ask_all(servers_of(service, zone.seen()), service.record, record.kind)
    at = where(service, record)
    protected = zone.protection(record.name, (record.kind,))
    said = (
        f"{service.record} leads to {at or 'none of the targets of the plan'}: {record}, TTL"
        f" {service.ttl_s:g} s promised and {record.ttl_s} s in Route 53; {'; '.join(map(str, answers))}"
    )
    values = {"record": str(record), "target": at or "none", "TTL promised": f"{service.ttl_s:g} s"}
    if protected:
        return Evidence(f"Route 53 rejects every change of {record.name}: {protected}; {said}", values, "red")
    return Evidence(said, values, _light_of_name(service, record, at, answers))


def _light_of_name(service: ServiceName, record: Record, at: str, answers: tuple[Heard, ...]) -> Light:
    spoke = [one for one in answers if not one.trouble]
    if not at or not spoke:
        return "red"
    agree = all(set(one.values) == record.answers for one in spoke)
    return "green" if agree and record.ttl_s <= service.ttl_s else "amber"


def _see_targets(params: LookParams, context: Context) -> Evidence:
    """Each target's health and its data's lag. Red: where the name leads now is not well; amber: another."""
    service = context.tools.service_name(params.service, params.environment)
    at = where(service, live_record(zone_of(service), service)) if service.zone else ""
    seen = see_all(service)
    light: Light = "green"
    for one in seen:
        if one.name == at and not one.healthy:
            light = "red"
        elif light == "green" and one.name != at:
            unsure = one.lag_s is None and bool(service.target(one.name).database_url)
            light = "amber" if unsure or objections(one, service.stale_after_s) else light
    health = ", ".join(
        f"{one.name} was {'healthy' if one.healthy else 'NOT healthy'} ({one.said})" for one in seen
    )
    values = {f"{one.name} ({one.address})": str(one) for one in seen}
    return Evidence(f"{health}{_data(service, seen)}", values, light)


def _data(service: ServiceName, seen: tuple[TargetSeen, ...]) -> str:
    """How far the data is behind where that can be measured, beside what the plan allows."""
    measured = [one for one in seen if service.target(one.name).database_url]
    if not measured:
        return "; how far their data is behind is not known: the plan names no databases of theirs"
    told = "; ".join(f"{one.name}: {one.lag_said}" for one in measured)
    return f"; {told}; {service.stale_after_s:g} s behind is the most that a target may be"


def _plan(params: LookParams, facts: LookFacts) -> Plan:
    readable = Step(f"Check that Route 53 shows {facts.record}", partial(_check_readable, params), STEP_S)
    return Plan(
        before=(readable,) if facts.zone else (),
        steps=(),
        after=(
            Step(f"See where {facts.record} leads", partial(_see_name, params), STEP_S),
            Step("Ask each target how it is", partial(_see_targets, params), STEP_S),
        ),
        facts=(
            ("name", facts.record),
            ("targets", ", ".join(facts.targets)),
            ("TTL promised", f"{facts.promised_ttl_s:g} s"),
        ),
    )


look_at_failover = Action(
    name="look-at-failover",
    title="Look at a failover",
    risk=Risk.LOOK,
    params=LookParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}-name",
    survey=_survey,
    plan=_plan,
    permissions=(
        "AWS: route53:GetHostedZone, route53:ListResourceRecordSets and"
        " route53:ListResourceRecordSetProtections on the zone",
    ),
    example="run look-at-failover environment=production service=api",
    description=(
        "Whether a service's name could be moved now: where it leads and for how long that is kept, whether"
        " each target is healthy at its own address, and how far its data is behind."
    ),
    reach="reads one record of one hosted zone, asks DNS and the targets' health checks; changes nothing",
    iam=(ZONE,),
    endings=LOOKED,
)
