"""The reserve: when PagerDuty does not take a page, whoever it would have reached is told another way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.announce import call_people, show_incident
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.domain.outbound import Job, JobState
from bot.domain.pager import Page
from bot.domain.person import DRBOT, Person
from bot.oncall import ROLE, Roster, people_with
from bot.outbound import jobs
from bot.paging.keeping import answers
from bot.plan.models import DrPlan
from bot.store import incidents as incident_rows
from bot.store import pages as rows
from bot.store.database import Tx
from bot.store.journal import append
from bot.store.outbound import send_later

TITLE_CHARS = 200


class Reserve:
    """What the outbound calls when a job for PagerDuty is in trouble. Never asks over the network.

    `roster` is what the last look found of who is on call; `mail`: letters go out.
    """

    def __init__(self, plan: DrPlan, roster: Callable[[], Roster], mail: bool = True) -> None:
        self._plan = plan
        self._mail = mail
        self._roster = roster

    def __call__(self, tx: Tx, job: Job) -> None:
        """Once for each page: a mail to each who is on call, and a line that mentions them.

        The page stays asked for and still goes out when PagerDuty answers again, unless somebody answers
        here before. Safe to call twice.
        """
        if job.action != "trigger" or job.incident is None:
            return
        found = incident_rows.find(tx, job.incident)
        page = rows.page_of(tx.all, str(job.payload.get("dedup_key", "")))
        if found is None or _answered(found.incident, page) or not _first(tx, job):
            return
        who = people_with(self._plan, self._roster(), (ROLE,))
        self._tell(tx, found.incident, job, who)

    def _tell(self, tx: Tx, incident: Incident, job: Job, who: Sequence[Person]) -> None:
        mailed = [person for person in who if self._mail and self._plan.people[person.id].email]
        said = _said(incident, job, who, mailed)
        data: dict[str, Json] = {
            "said": said,
            "way": "reserve",
            "ways": ["mail", "mention"],
            "job": job.key,
            "why": job.said,
            "people": [person.id for person in who],
            "mailed": [person.id for person in mailed],
        }
        (entry,) = append(tx, NewEntry("escalated", DRBOT, data, incident.id))
        for person in mailed:
            key = f"reserve:{job.key}:{person.id}"
            about = f"mail to {person.name}, since PagerDuty does not take the page"
            subject = f"{incident.ref} {incident.severity.value}: {incident.title}"[:TITLE_CHARS]
            address = self._plan.people[person.id].email
            text = _letter(self._plan, incident, job)
            send_later(tx, jobs.mail(key, [address], subject, text, about, incident.id))
        call_people(tx, self._plan, incident, entry.seq, [person.id for person in who], said)
        show_incident(tx, self._plan, incident)


def _answered(incident: Incident, page: Page | None) -> bool:
    return not incident.is_open or (page is not None and answers(incident, page))


def _first(tx: Tx, job: Job) -> bool:
    """Whether this page is in the reserve for the first time; remembers it."""
    return rows.note_reserve(tx, job.key)


def _said(incident: Incident, job: Job, who: Sequence[Person], mailed: Sequence[Person]) -> str:
    """What happened, who is told instead, and what becomes of the page."""
    why = (job.said or "no answer came").rstrip(".")
    names = ", ".join(person.name for person in who)
    if not who:
        told = "Nobody is on call, so nobody could be told instead"
    elif mailed:
        told = f"Told here and by mail instead: {names}"
    else:
        told = f"Told here instead: {names}"
    refused = job.state is JobState.REFUSED
    then = "" if refused else " drbot goes on trying until somebody acknowledges."
    return f"PagerDuty did not take the page of {incident.ref} ({why}). {told}.{then}"


def _letter(plan: DrPlan, incident: Incident, job: Job) -> str:
    why = (job.said or "no answer came").rstrip(".")
    lines = [
        f"{incident.ref} {incident.severity.value}: {incident.title}",
        "",
        f"You are on call, and PagerDuty did not take the page ({why}), so this letter replaces it.",
        f"Open since {incident.opened_at[:16].replace('T', ' ')} UTC. Please acknowledge it in"
        f" {plan.communication.channel}: press Acknowledge on its card, or say `ack {incident.ref}`.",
    ]
    if incident.why:
        lines += ["", "Why:", *(f"- {line}" for line in incident.why[:5])]
    return "\n".join(lines)
