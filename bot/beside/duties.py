"""What duties add to an incident's card: who leads it, and a button to take command."""

from __future__ import annotations

from bot.domain.duty import Duty
from bot.domain.incident import Incident
from bot.domain.severity import Severity
from bot.duties.record import held
from bot.duties.words import lead_line
from bot.plan.models import DrPlan
from bot.slack.scene import Press
from bot.slack.text import one_line
from bot.store.database import Store

SHOWN = 300


def duty_facts(store: Store, plan: DrPlan, incident: Incident) -> tuple[tuple[str, str], ...]:
    """Who holds which duty: from SEV-2 up, or as soon as somebody holds one."""
    found = held(store.read, incident.id)
    if not found:
        return (("Lead", "*nobody yet*"),) if _is_grave(incident) else ()
    return (("Lead", one_line(lead_line(found, plan.called), SHOWN)),)


def duty_presses(store: Store, incident: Incident) -> tuple[Press, ...]:
    """Command to take while nobody has it; where things stand, for whoever joins.

    Of two who press at once the second is told who was quicker, instead of replacing them unawares.
    """
    found = held(store.read, incident.id)
    led = any(one.duty is Duty.COMMANDER for one in found)
    grave = _is_grave(incident)
    take = Press("Take command", f"duty {incident.ref} commander vacant=yes", "command")
    stands = Press("Where things stand", f"handover {incident.ref}", "handover")
    return (*([take] if grave and not led else []), *([stands] if grave or found else []))


def _is_grave(incident: Incident) -> bool:
    return not Severity.SEV2.worse_than(incident.severity)
