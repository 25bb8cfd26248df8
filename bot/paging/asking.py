"""Jobs about a page: each has a key of its own, and a page counts what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.entry import Json
from bot.domain.incident import Incident
from bot.domain.outbound import NewJob, Way
from bot.domain.pager import Page
from bot.outbound import jobs
from bot.paging.names import writer
from bot.plan.models import DrPlan
from bot.store.database import Tx
from bot.store.outbound import send_later

NOTE_CHARS = 2_000


def ask(tx: Tx, incident: Incident, page: Page, action: str, about: str, details: Mapping[str, Json]) -> Page:
    """Ask for something that goes in order with everything else about the incident's page."""
    send_later(tx, jobs.page(incident, action, _key(page, action), about, _named(page, details)))
    return replace(page, asked=page.asked + 1)


def ask_note(
    tx: Tx, plan: DrPlan, incident: Incident, page: Page, text: str, by: str = "", entry: int = 0
) -> Page:
    """A note on it, where the plan wants notes there; `entry` is the journal's that it repeats."""
    if not plan.communication.pager.notes:
        return page
    key = f"page:{page.key}:note:{entry}" if entry else _key(page, "note")
    details: dict[str, Json] = {"text": text[:NOTE_CHARS], "from": writer(plan, by)}
    return _beside(tx, incident, page, "note", key, f"note on {incident.ref} at PagerDuty", details)


def ask_priority(tx: Tx, plan: DrPlan, incident: Incident, page: Page) -> Page:
    """The priority that the plan gives to this severity, where it names one."""
    name = plan.communication.pager.priorities.get(incident.severity.value, "")
    if not name:
        return page
    about = f"priority {name} of {incident.ref} at PagerDuty"
    details: dict[str, Json] = {"priority": name, "from": writer(plan, "")}
    return _beside(tx, incident, page, "priority", _key(page, "priority"), about, details)


def _beside(
    tx: Tx, incident: Incident, page: Page, action: str, key: str, about: str, details: Mapping[str, Json]
) -> Page:
    """A thread of its own: what is only said there must not hold up an acknowledgement."""
    thread = f"pagerduty:{incident.id}:{action}"
    send_later(tx, NewJob(key, Way.PAGERDUTY, thread, action, about, _named(page, details), incident.id))
    return replace(page, asked=page.asked + 1)


def _key(page: Page, action: str) -> str:
    return f"page:{page.key}:{page.asked + 1}:{action}"


def _named(page: Page, details: Mapping[str, Json]) -> Mapping[str, Json]:
    return {**details, ("dedup_key" if page.ours else "page"): page.key}
