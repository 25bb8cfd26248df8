"""What people's own work adds to an incident's card: who answers by when, who leads, what is told outside."""

from __future__ import annotations

from bot.beside_items import item_facts, keep_items
from bot.beside_outside import outside_after, outside_facts, outside_presses
from bot.domain.duty import Duty
from bot.domain.incident import Incident
from bot.domain.severity import Severity
from bot.duties.record import held
from bot.duties.words import lead_line
from bot.plan.models import DrPlan
from bot.slack.cards.response import response_facts, response_presses
from bot.slack.scene import Press
from bot.slack.text import one_line
from bot.store.database import Store


def facts_beside(store: Store, plan: DrPlan, incident: Incident) -> tuple[tuple[str, str], ...]:
    """Label and text (Slack's mrkdwn, escaped), in the order in which they are shown. A row or a few each."""
    answer = response_facts(store, incident, plan.called)
    outside = outside_facts(store, plan, incident)
    return (*answer, *_lead(store, plan, incident), *outside, *item_facts(store, plan, incident))


def presses_beside(store: Store, plan: DrPlan, incident: Incident) -> tuple[Press, ...]:
    """Buttons of an open incident's card beside those that it always has, at most five."""
    outside = outside_presses(store, plan, incident)
    return (*response_presses(store, incident), *outside, *_command(store, incident))


def presses_after(store: Store, plan: DrPlan, incident: Incident) -> tuple[Press, ...]:
    """Buttons of a resolved incident's card beside report and timeline, at most three."""
    return (*outside_after(store, plan, incident), *keep_items(store, plan, incident))


def _lead(store: Store, plan: DrPlan, incident: Incident) -> tuple[tuple[str, str], ...]:
    """Who holds which duty: from SEV-2 up, or as soon as somebody holds one."""
    found = held(store.read, incident.id)
    if not found and not _is_grave(incident):
        return ()
    return (("Lead", one_line(lead_line(found, plan.called), 300)),)


def _command(store: Store, incident: Incident) -> tuple[Press, ...]:
    """Command is there to take while nobody has it; where things stand, for whoever joins."""
    found = held(store.read, incident.id)
    led = any(one.duty is Duty.COMMANDER for one in found)
    take = (Press("Take command", f"duty {incident.ref} commander", "command"),)
    stands = (Press("Where things stand", f"handover {incident.ref}", "handover"),)
    grave = _is_grave(incident)
    return (*(take if grave and not led else ()), *(stands if grave or found else ()))


def _is_grave(incident: Incident) -> bool:
    return not Severity.SEV2.worse_than(incident.severity)
