"""What the plan says of telling the outside: whom, what of, who lets it go out, how soon again. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.policy import names
from bot.domain.publication import Kind, Stage
from bot.domain.severity import Severity
from bot.plan.models import DrPlan, Told

CUSTOMER_FACING = "customer-facing"
_IMPACT = {Severity.SEV1: "critical", Severity.SEV2: "major"}
_COMPONENT = {Severity.SEV1: "major_outage", Severity.SEV2: "partial_outage"}


def customers_notice(plan: DrPlan, incident: Incident) -> bool:
    """Whether the plan tells the outside of it; an incident that names no environment may be theirs."""
    if plan.communication.external_when.strip().lower() != CUSTOMER_FACING:
        return True
    environment = plan.environments.get(incident.environment)
    return environment is None or environment.customers


def tells_outside(plan: DrPlan) -> bool:
    """Whether the plan knows an outside at all."""
    return bool(plan.communication.external)


def impact(incident: Incident) -> str:
    """Statuspage's word for how bad the whole is."""
    return _IMPACT.get(incident.severity, "minor")


def components(plan: DrPlan, incident: Incident, stage: Stage) -> Mapping[str, str]:
    """The status page's components of the incident, and what this text sets them to."""
    found = plan.communication.outside.components.get(incident.component, "")
    if not found:
        return {}
    state = "operational" if stage.ends else _COMPONENT.get(incident.severity, "degraded_performance")
    return {found: state}


def address(plan: DrPlan, kind: Kind) -> str:
    """Whom a mail goes to; empty for the other kinds, and where the plan names nobody."""
    return plan.communication.outside.customers if kind is Kind.MAIL else ""


def next_update_s(plan: DrPlan, incident: Incident, kind: Kind, stage: Stage) -> int:
    """How soon the plan promises the next text on the status page; 0 for no promise."""
    if kind is not Kind.STATUS or stage.ends:
        return 0
    return int(plan.communication.outside.update_every.get(incident.severity.value, 0))


def may_approve(plan: DrPlan, person: Person) -> bool:
    """Whether the plan lets this person send a text outside."""
    return person.known and bool(person.roles & set(plan.communication.outside.approve))


def approvers(plan: DrPlan) -> str:
    """Who may, by name; says that the seat is vacant where nobody may."""
    roles = plan.communication.outside.approve
    return names(plan.people_with(roles)) or f"nobody: the role {' or '.join(roles)} is vacant"


def offered_mail(plan: DrPlan) -> Told | None:
    """The plan's line about a mail to customers after some time, or None."""
    for told in plan.communication.external:
        words = f"{told.tell} {told.via}".lower()
        if told.after is not None and "mail" in words:
            return told
    return None


def is_outage(told: Told, severity: Severity) -> bool:
    """Whether that is as bad as the line asks, SEV-1 where it asks nothing."""
    return not (told.at_least or Severity.SEV1).worse_than(severity)
