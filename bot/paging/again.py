"""What PagerDuty refused is told again only while it is so: a page of what is over wakes nobody."""

from __future__ import annotations

from bot.domain.answer import Refusal
from bot.domain.outbound import Job, Way
from bot.domain.person import Person
from bot.paging.keeping import answers
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store import pages as rows
from bot.store.database import Tx


def page_again(tx: Tx, plan: DrPlan, person: Person, job: Job) -> None:
    """Nothing for other ways. Raises Refusal for a page that nobody needs, and an end that is none."""
    del person
    found = incidents.find(tx, job.incident) if job.incident is not None else None
    if job.way is not Way.PAGERDUTY or found is None:
        return
    incident = found.incident
    page = rows.page_of(tx.all, str(job.payload.get("dedup_key", "")))
    if job.action == "trigger" and not incident.is_open:
        raise Refusal(f"{incident.ref} is over: nobody is woken for it any more. Nothing was sent")
    if job.action == "trigger" and page is not None and answers(incident, page):
        by = plan.called(incident.acknowledged_by)
        raise Refusal(f"{by} has acknowledged {incident.ref} since: nobody is woken for it. Nothing was sent")
    if job.action == "resolve" and incident.is_open:
        raise Refusal(f"{incident.ref} is open again: its page is not ended. Nothing was sent")
