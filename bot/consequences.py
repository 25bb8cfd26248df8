"""What follows from an incident's change, in its own transaction: the card, the response clock, the pager.

Each part compares what it keeps with the incident as it stands now and closes the gap, so that it may be
asked any number of times, by whatever changed the incident.
"""

from __future__ import annotations

from bot.announce import show_incident
from bot.domain.incident import Incident
from bot.escalation.clock import mind_clock
from bot.outside.following import follow_outside
from bot.paging.pages import mind_page
from bot.plan.models import DrPlan
from bot.store.database import Tx


def follow(tx: Tx, plan: DrPlan, incident: Incident) -> None:
    """Call it once the incident's row is saved. Safe to call twice."""
    show_incident(tx, plan, incident)
    mind_clock(tx, plan, incident)
    mind_page(tx, plan, incident)
    follow_outside(tx, plan, incident)
