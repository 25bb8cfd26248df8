"""Which of the plan's runbooks fit an incident, the best first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.alert import Alert
from bot.domain.incident import Incident
from bot.plan.models import DrPlan, OfferedAction, Runbook
from bot.store import incidents
from bot.store.database import Store

ALERTS_LOOKED_AT = 20


def fitting(plan: DrPlan, incident: Incident, alerts: Sequence[Alert]) -> list[tuple[str, Runbook]]:
    """Plan key and runbook as it is in the incident's environment; those of its own component come first."""
    found: dict[str, Runbook] = {}
    for alert in alerts:
        text = f"{alert.name} {alert.summary} {alert.description}"
        for key, _ in plan.runbooks_for(alert.labels, text):
            if key not in found:
                found[key] = plan.runbooks[key].offered_in(incident.environment)
    mine = incident.component
    return sorted(found.items(), key=lambda one: not mine or one[1].component != mine)


def fitting_now(store: Store, plan: DrPlan, incident: Incident) -> list[tuple[str, Runbook]]:
    """The same with the alerts as they stand."""
    return fitting(plan, incident, incidents.alerts_of(store, incident.id, ALERTS_LOOKED_AT))


def each_once(offers: Sequence[OfferedAction], actions: Collection[str]) -> list[OfferedAction]:
    """The offers that can be run here, one of each kind, in order."""
    found: dict[tuple[str, str], OfferedAction] = {}
    for offer in offers:
        if offer.action in actions:
            found.setdefault((offer.action, offer.label), offer)
    return list(found.values())
