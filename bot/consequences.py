"""What follows from an incident's change, in its own transaction: the card, the response clock, the pager.

Each part compares what it keeps with the incident as it stands now and closes the gap, so that it may be
asked any number of times, by whatever changed the incident.
"""

from __future__ import annotations

from bot.announce import show_incident, tell_aloud, tell_thread
from bot.domain.incident import Incident, IncidentState
from bot.escalation.clock import mind_clock
from bot.escalation.rows import clock_of
from bot.escalation.words import where_to_answer
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


def tell_turn(tx: Tx, plan: DrPlan, incident: Incident, seq: int, said: str) -> None:
    """It came back or grew graver: read in the channel, with where to press. Call it after `follow`.

    What is over again by now stays a line of the thread.
    """
    if not incident.is_open:
        tell_thread(tx, plan, incident, seq, said)
        return
    clock = clock_of(tx.all, incident.id)
    waits = incident.state is IncidentState.OPEN or (clock is not None and clock.runs)
    press = where_to_answer(incident.ref) if waits else "Its card stands above this thread."
    tell_aloud(tx, plan, incident, seq, f"{said}. {press}")
