"""The incident's page at PagerDuty: asked for when the clock says so, and kept in step with the incident."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incident import Incident
from bot.domain.outbound import JobState
from bot.domain.pager import Page, PageState
from bot.outbound import jobs
from bot.paging.asking import ask_note, ask_priority
from bot.paging.keeping import mind
from bot.paging.names import dedup_key
from bot.paging.theirs import adopt
from bot.paging.words import page_details
from bot.plan.models import DrPlan
from bot.store import incidents as incident_rows
from bot.store import pages as rows
from bot.store.database import Tx
from bot.store.outbound import job_of, send_later

ALERTS_READ = 20


def ask_page(
    tx: Tx, plan: DrPlan, incident: Incident, round_number: int, said: str, to: str = "whoever is on call"
) -> bool:
    """Page for this round of the incident's clock; whether anything is asked of PagerDuty.

    Asked again for the same round nothing happens. A page that rings is triggered again with what is known
    now; one that was ended is triggered anew; where it was acknowledged, another trigger would wake nobody,
    so the round gets a page of its own. What PagerDuty raised itself, and nobody took, rings already: only a
    later round adds a note there.
    """
    pages = rows.pages_of(tx.all, incident.id)
    if any(page.round >= round_number for page in pages):
        return False
    theirs = [page for page in pages if not page.ours and not page.state.over]
    for page in theirs:
        page = replace(page, round=round_number)
        rows.save_page(tx, ask_note(tx, plan, incident, page, said) if round_number > 1 else page)
    if any(page.state.rings for page in theirs):
        return round_number > 1
    page = _rung(tx, incident, next((page for page in pages if page.ours), None), round_number)
    details = page_details(
        plan, incident, incident_rows.firing_of(tx, incident.id, ALERTS_READ), page.key, said
    )
    job = f"page:{page.key}:round-{round_number}:trigger"  # never a key of what is asked by number
    send_later(tx, jobs.page(incident, "trigger", job, f"page to {to}", details))
    before = job_of(tx.all, page.job) if page.job else None
    if before is None or before.state is JobState.REFUSED:
        page = replace(page, job=job)
    rows.save_page(tx, ask_priority(tx, plan, incident, page))
    return True


def mind_page(tx: Tx, plan: DrPlan, incident: Incident) -> None:
    """Close the gap between the incident and its pages; one statement for an incident without any.

    Safe to call twice: what PagerDuty knows, or was asked for, is kept, and not asked for again.
    """
    if not rows.has_pages(tx, incident.id):
        return
    adopt(tx, incident)
    for page in rows.pages_of(tx.all, incident.id):
        now = mind(tx, plan, incident, page)
        if now != page:
            rows.save_page(tx, now)


def _rung(tx: Tx, incident: Incident, page: Page | None, round_number: int) -> Page:
    """The page that rings for this round: the same again, or one of its own where that would wake nobody."""
    if page is None or page.state is PageState.ACKNOWLEDGED:
        key = dedup_key(tx, incident, round_number if page else 0)
        page = Page(key, incident.id, True, PageState.TRIGGERED, incident.severity, tx.now)
        page = replace(page, noted=rows.newest_entry(tx))
    elif page.state.over:
        # What is triggered after its end is another incident there, with another id.
        page = replace(page, former=page.remote or page.former, remote="", heard_at="", job="")
    page = replace(page, state=PageState.TRIGGERED, severity=incident.severity, round=round_number)
    return replace(page, asked_at=tx.now, held=incident.acknowledged_at)
