"""Verbs about what goes outside: pages, letters, the status page, posts."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Table, UsageError
from bot.domain.entry import Json
from bot.domain.incident import parse_incident_ref
from bot.domain.outbound import Job, JobState
from bot.outbound.again import send_again
from bot.outside.again import text_again
from bot.paging.again import page_again
from bot.store.outbound import LOOKED_AT, jobs_of, not_sent

SHOWN, WHY_LIMIT = 40, 160
STATES = {
    JobState.WAITING: "waits",
    JobState.SENDING: "under way",
    JobState.DONE: "sent",
    JobState.REFUSED: "refused",
    JobState.UNSURE: "in doubt",
}


@verb("outbound", "outbound [INC-7]")
def outbound(desk: Desk, said: Said) -> Answer:
    """What waits to go outside, since when, and what was refused; with an incident, all that it sent."""
    if not said.words:
        return _listed("waiting to go outside, or not sent", not_sent(desk.store.read))
    try:
        incident = desk.incidents.get(parse_incident_ref(said.words[0]))
    except ValueError as error:
        raise UsageError(str(error)) from error
    return _listed(f"sent outside for {incident.ref}, or to be", jobs_of(desk.store.read, incident.id))


@verb("outbound retry", "outbound retry KEY")
def outbound_retry(desk: Desk, said: Said) -> Answer:
    """Send what was refused, or is in doubt, once what was wrong is mended; for people on call. A text for
    the outside only by whoever may approve it.
    """
    key = said.word(0, "the key")
    checks = (text_again, page_again)
    job = send_again(desk.store, desk.plan, desk.runs.roster(), said.person, key, checks)
    doubt = " Nobody could say whether it had arrived: it may now arrive twice."
    if job.way in LOOKED_AT:
        doubt = " Nobody could say whether it had arrived: it is looked for there, and sent if it is missing."
    return Answer(
        f"In line again: {job.about}.{doubt if job.state is JobState.UNSURE else ''}",
        ("`outbound` shows how it fares.",),
        data={"key": job.key, "was": job.state.value},
    )


def _listed(what: str, jobs: tuple[Job, ...]) -> Answer:
    if not jobs:
        return Answer(f"Nothing is {what}.", data={"jobs": []})
    shown = jobs[:SHOWN]
    left = f", {SHOWN} of them shown" if len(jobs) > SHOWN else ""
    title = f"{len(jobs)} thing{'s are' if len(jobs) > 1 else ' is'} {what}{left}."
    columns = ("key", "what", "how it stands", "asked for (UTC)", "tries", "what the other end said")
    held = any(job.state in (JobState.REFUSED, JobState.UNSURE) for job in jobs)
    lines = ("`outbound retry KEY` sends what was refused or is in doubt.",) if held else ()
    data: dict[str, Json] = {"jobs": [_as_json(job) for job in jobs]}
    return Answer(title, lines, Table(columns, tuple(map(_row, shown))), data=data)


def _row(job: Job) -> tuple[str, ...]:
    asked = job.created_at[:16].replace("T", " ")
    return (job.key, job.about, STATES[job.state], asked, str(job.attempts), job.said[:WHY_LIMIT] or "–")


def _as_json(job: Job) -> dict[str, Json]:
    return {
        "key": job.key,
        "way": job.way.value,
        "action": job.action,
        "about": job.about,
        "incident": f"INC-{job.incident}" if job.incident is not None else None,
        "state": job.state.value,
        "attempts": job.attempts,
        "created_at": job.created_at,
        "retry_at": job.retry_at or None,
        "done_at": job.done_at or None,
        "said": job.said,
    }
