"""What an incident's change means for its texts: those that wait follow, the status page is not forgotten."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.publication import STAGES, Kind, Publication
from bot.outside import record
from bot.outside.composing import renewed
from bot.outside.keeping import call_once, show
from bot.outside.standing import standing
from bot.plan.models import DrPlan
from bot.store.database import Tx


def follow_outside(tx: Tx, plan: DrPlan, incident: Incident) -> None:
    """Call it with the incident as it is saved. Safe to call twice."""
    now = standing(tx.all, incident)
    for one in now.waiting:
        fitting = renewed(plan, incident, one)
        if fitting.digest != one.digest:
            record.save(tx, fitting)
        if fitting.digest != one.digest or not incident.is_open:
            show(tx, plan, incident, one.id)
    for last in now.behind:
        end = STAGES[last.kind][-1].value
        said = (
            f"{incident.ref} is over, and {_still(last)}. Press"
            f" “{last.kind.title.capitalize()}: {end}” on the card, or say"
            f" `draft {incident.ref} {last.kind.value} {end}`."
        )
        call_once(tx, plan, incident, f"end:{last.kind.value}:{incident.resolved_at}", said)


def _still(last: Publication) -> str:
    if last.kind is Kind.STATUS:
        return f"the status page still says {last.stage.value}"
    return f"whoever read the {last.kind.title} does not know it yet"
