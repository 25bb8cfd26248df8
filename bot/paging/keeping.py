"""One page compared with its incident: what has to be asked of PagerDuty, so that both say the same."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident, IncidentState
from bot.domain.outbound import Job, JobState, Way
from bot.domain.pager import Page, PageState
from bot.domain.person import DRBOT
from bot.paging.asking import ask, ask_note, ask_priority
from bot.paging.names import writer
from bot.paging.words import page_details
from bot.plan.models import DrPlan
from bot.store import incidents as incident_rows
from bot.store import pages as rows
from bot.store.database import Tx
from bot.store.journal import append
from bot.store.outbound import job_of, open_of, withdraw

ALERTS_READ = 20
WITHDRAWN = "withdrawn: it was answered before PagerDuty could be reached"


def mind(tx: Tx, plan: DrPlan, incident: Incident, page: Page) -> Page:
    """The page as it stands once what is asked for here has arrived; the caller stores it."""
    if page.state.over:
        return page
    trigger = job_of(tx.all, page.job) if page.job else None
    if trigger is not None and trigger.state is JobState.REFUSED:
        return page  # it never was there, and the reserve has told whom it would have reached
    wanted = _wanted(incident, page)
    if wanted is not page.state:
        return _move(tx, plan, incident, page, trigger, wanted)
    if incident.severity is not page.severity:
        page = _severity(tx, plan, incident, page)
    return _notes(tx, plan, incident, page)


def _wanted(incident: Incident, page: Page) -> PageState:
    """How the page should stand."""
    if not incident.is_open:
        return PageState.RESOLVED
    return PageState.ACKNOWLEDGED if answers(incident, page) else page.state


def answers(incident: Incident, page: Page) -> bool:
    """Whether somebody took the incident since the page rings: who had it before did not answer it."""
    return incident.state is IncidentState.ACKNOWLEDGED and incident.acknowledged_at != page.held


def _move(
    tx: Tx, plan: DrPlan, incident: Incident, page: Page, trigger: Job | None, wanted: PageState
) -> Page:
    withdrawn = withdraw_triggers(tx, incident, page)
    if trigger is not None and trigger.key in withdrawn and not trigger.attempts:
        return replace(page, state=PageState.WITHDRAWN)
    # A try that got no answer may have arrived: what ends it does no harm where nothing is.
    resolved = wanted is PageState.RESOLVED
    by = incident.resolved_by if resolved else incident.acknowledged_by
    about = f"{'resolution' if resolved else 'acknowledgement'} of {incident.ref} at PagerDuty"
    action = "resolve" if resolved else "acknowledge"
    details: dict[str, Json] = {} if page.ours else {"from": writer(plan, by)}
    return replace(ask(tx, incident, page, action, about, details), state=wanted)


def withdraw_triggers(tx: Tx, incident: Incident, page: Page) -> set[str]:
    """Triggers of the page that still wait ring nobody any more; their keys."""
    waiting = [
        job
        for job in open_of(tx.all, Way.PAGERDUTY, incident.id)
        if job.action == "trigger" and job.payload.get("dedup_key") == page.key
    ]
    gone = [job for job in waiting if withdraw(tx, job.key, WITHDRAWN)]
    for job in gone:
        said = f"{job.about}: not sent, {incident.ref} was answered before PagerDuty could be reached."
        data: dict[str, Json] = {"said": said, "key": job.key, "way": job.way.value}
        append(tx, NewEntry("not-sent-outside", DRBOT, data, incident.id))
    return {job.key for job in gone}


def _severity(tx: Tx, plan: DrPlan, incident: Incident, page: Page) -> Page:
    """Priority and note where the plan wants them; a worse one also triggers anew, which raises its urgency
    there and wakes nobody twice.
    """
    was, now = page.severity, incident.severity
    page = replace(page, severity=now)
    said = f"{incident.ref}: {was.value} is now {now.value}"
    if page.ours and now.worse_than(was):
        alerts = incident_rows.firing_of(tx, incident.id, ALERTS_READ)
        details = page_details(plan, incident, alerts, page.key, said)
        page = ask(tx, incident, page, "trigger", f"{said}, at PagerDuty", details)
    page = ask_note(tx, plan, incident, page, said)
    return ask_priority(tx, plan, incident, page)


def _notes(tx: Tx, plan: DrPlan, incident: Incident, page: Page) -> Page:
    """People's notes since the last time, but for those that came from PagerDuty."""
    if not plan.communication.pager.notes:
        return page
    for seq, actor, text, heard in rows.notes_since(tx, incident.id, page.noted):
        if not heard:
            page = ask_note(tx, plan, incident, page, f"{plan.called(actor)}: {text}", actor, seq)
        page = replace(page, noted=seq)
    return page
