"""What PagerDuty told, in a plain sentence."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.pager import Page, PagerEvent, Told
from bot.domain.person import Person

NAMES_CHARS = 200
_SILENT = frozenset({Told.PRIORITY})
_BY_PEOPLE = frozenset({Told.ACKNOWLEDGED, Told.RESOLVED, Told.REOPENED})


def said(event: PagerEvent, page: Page, incident: Incident, by: Person | None) -> str:
    """`Ana Souza acknowledged the page of INC-7 on PagerDuty.`"""
    if event.merged_into:
        return f"PagerDuty merged the page of {incident.ref} into another; {incident.ref} stays open here."
    who = by.name if by else (event.agent.name or "PagerDuty")
    whom = event.text[:NAMES_CHARS] or "somebody else"
    priority = event.text[:NAMES_CHARS] or "none"
    words = {
        Told.ACKNOWLEDGED: f"{who} acknowledged the page of {incident.ref} on PagerDuty.",
        Told.RESOLVED: f"{who} resolved the page of {incident.ref} on PagerDuty.",
        Told.REOPENED: f"{who} reopened the page of {incident.ref} on PagerDuty.",
        Told.UNACKNOWLEDGED: f"PagerDuty's acknowledgement of {incident.ref} ran out: it rings again.",
        Told.REASSIGNED: f"PagerDuty's page of {incident.ref} went to {whom}.",
        Told.ESCALATED: f"PagerDuty escalated the page of {incident.ref} to {whom}.",
        Told.DELEGATED: f"PagerDuty's page of {incident.ref} was delegated to {whom}.",
        Told.PRIORITY: f"PagerDuty's page of {incident.ref} has another priority: {priority}.",
    }
    sentence = words.get(event.told, f"PagerDuty told of the page of {incident.ref}: {event.told.value}.")
    if by is None and event.told in _BY_PEOPLE and (page.ours or event.told is Told.ACKNOWLEDGED):
        sentence += f" No person did that, so {incident.ref} stays as it is here."
    return sentence


def is_for_the_thread(event: PagerEvent, by: Person | None) -> bool:
    """What a person did is told by what it does here; the rest is told by itself, but for priorities."""
    return event.told not in _SILENT and (by is None or event.told not in _BY_PEOPLE)
