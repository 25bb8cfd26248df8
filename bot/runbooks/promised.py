"""What the plan promises of a walk: the objective that its runbook names, counted since the trouble began."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.walk import Walk
from bot.domain.walk_clock import Promise
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.database import Tx


def promised(plan: DrPlan, walk: Walk, incident: Incident | None) -> Promise:
    """The objective of the walk's runbook (section 1.1); none where the plan names none for it.

    The clock of an objective runs since the incident was opened, not since somebody began the runbook.
    """
    runbook = plan.runbooks.get(walk.runbook)
    name = runbook.objective if runbook else None
    objective = plan.objectives.get(name) if name else None
    if name is None or objective is None:
        return Promise()
    opened = incident.opened_at if incident else ""
    return Promise(name.upper(), objective.target, incident.ref if incident else "", opened)


def find_incident(tx: Tx, walk: Walk) -> Incident | None:
    """The incident that the walk is for, inside a transaction."""
    found = incidents.find(tx, walk.incident) if walk.incident is not None else None
    return found.incident if found else None
