"""What a failover's card says: the rows, the warnings, and how its runs end when a fault strikes."""

from __future__ import annotations

from collections.abc import Iterator

from actions.failover.survey import FailoverFacts
from actions.plan import Ending, Fault, Statement

ZONE = Statement(
    (
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
        "route53:ListResourceRecordSetProtections",
    ),
    ("arn:aws:route53:::hostedzone/{zone}",),
)
CHANGES = (
    ZONE,
    Statement(("route53:ChangeResourceRecordSets",), ("arn:aws:route53:::hostedzone/{zone}",)),
    Statement(("route53:GetChange",), ("arn:aws:route53:::change/*",)),
)
SYNC_USUALLY_S = 60.0

LOOKED = (
    Ending(Fault.GONE, "before", "failed", "Route 53 does not answer; nothing was changed."),
    Ending(Fault.TIMEOUT, "before", "failed", "Route 53 did not answer in time; nothing was changed."),
    Ending(Fault.DENIED, "before", "refused", "AWS does not let drbot read the zone; nothing was changed."),
    Ending(Fault.VANISHED, "before", "refused", "The record is not there any more; nothing was changed."),
)
BEFORE = (
    *LOOKED,
    Ending(Fault.CHANGED, "before", "refused", "Somebody changed the record; theirs was left as it is."),
    Ending(Fault.UNHEALTHY, "before", "refused", "The target is not healthy; the name was not moved."),
)


def rows(facts: FailoverFacts) -> tuple[tuple[str, str], ...]:
    """What a person reads before approving."""
    at = f"{facts.at}: " if facts.at else "none of the plan's targets: "
    seen = tuple((f"{one.name} ({one.address})", str(one)) for one in facts.targets)
    return (
        ("name", f"{facts.record.name}, in zone {facts.zone} ({facts.domain})"),
        ("points to", f"{at}{facts.record}"),
        ("will point to", f"{facts.to}: {facts.new}"),
        *seen,
        ("DNS answers now", "; ".join(facts.answers)),
        ("clients move", f"within {facts.record.ttl_s} s of the change (the TTL that they may have kept)"),
        ("way back", f"the record as it is now is kept: {facts.record}"),
    )


def warnings(facts: FailoverFacts) -> Iterator[str]:
    """What customers will notice, and what is not known."""
    yield f"customers of {facts.record.name} move to {facts.to} within {facts.record.ttl_s} s"
    current = next((one for one in facts.targets if one.name == facts.at), None)
    if current and current.healthy:
        yield f"{current.name} still answers as healthy: this moves customers away from what works"
    if facts.seen.lag_s is None and not facts.seen.database_silent:
        yield f"{facts.to}: {facts.seen.lag_said}; what was written last may be missing there"
    elif facts.seen.lag_s:
        yield f"{facts.to}: {facts.seen.lag_said}; what was written since is missing there"
    if facts.record.ttl_s > facts.promised_ttl_s:
        yield (
            f"the plan promises a TTL of {facts.promised_ttl_s:g} s and Route 53 has {facts.record.ttl_s} s:"
            f" some clients keep the old answer for so long"
        )
    if not facts.protection_known:
        yield "whether Route 53 protects the record from changes could not be read: the change tells"
    if not facts.at:
        yield f"{facts.record.name} leads to none of the plan's targets: somebody moved it by hand"


def forecast_s(facts: FailoverFacts) -> float:
    """Until the last polite client has moved."""
    return SYNC_USUALLY_S + facts.record.ttl_s
