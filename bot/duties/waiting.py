"""What of an incident waits for a person, the most urgent first. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.duty import Duty
from bot.domain.incident import Incident
from bot.domain.outbound import JobState
from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.domain.walk import WalkState
from bot.duties.facts import Facts, Text
from bot.duties.runs import run_line
from bot.duties.times import at, length
from bot.duties.words import upper
from bot.runbooks.view import rests


def needs(facts: Facts) -> Iterator[str]:
    """A sentence each, with what to say where that helps."""
    if facts.incident.is_open:
        yield from (run_line(run, facts.now) for run in facts.runs if run.state is RunState.STOPPED)
        yield from _nobody(facts)
        yield from _awaited(facts)
    yield from _unposted(facts)


def _nobody(facts: Facts) -> Iterator[str]:
    """What nobody does yet."""
    incident = facts.incident
    if not incident.acknowledged_by:
        yield f"Nobody has acknowledged it: `ack {incident.ref}`"
    if _is_grave(incident) and not any(one.duty is Duty.COMMANDER for one in facts.held):
        yield f"Nobody leads it: `duty {incident.ref} commander`"


def _awaited(facts: Facts) -> Iterator[str]:
    """Approvals and steps that stand still, and an update that is late."""
    for run in facts.runs:
        if run.state is RunState.PROPOSED:
            able = facts.approvers(run)
            by = f" by {able}" if able else ""
            until = f" until {at(run.expires_at, facts.now)}" if run.expires_at else ""
            yield f"{run.ref} waits for approval{by}{until}: {run.title}"
    for shown in facts.walks:
        if shown.walk.state is WalkState.UNDER_WAY and rests(shown):
            yield f"{shown.walk.ref} {shown.walk.title}: {shown.waits}"
    if facts.next_update_at and facts.next_update_at <= facts.now:
        late = length(facts.next_update_at, facts.now)
        yield f"The next update outside was due at {at(facts.next_update_at, facts.now)}, {late} ago"


def _unposted(facts: Facts) -> Iterator[str]:
    """Texts that wait for approval, and what did not reach the outside."""
    for text in facts.texts:
        if text.state == "draft":
            yield f"PUB-{text.number}, {text_words(text)}, waits for approval since {at(text.at, facts.now)}"
    for job in facts.jobs:
        if job.state in (JobState.REFUSED, JobState.UNSURE):
            ended = "was refused" if job.state is JobState.REFUSED else "may not have arrived"
            yield upper(f"{job.about} {ended}{f': {job.said}' if job.said else ''}")


def text_words(text: Text) -> str:
    """`status page (identified)`."""
    names = {"status": "status page", "mail": "mail to customers", "social": "social post"}
    return f"{names.get(text.kind, text.kind)} ({text.stage})"


def _is_grave(incident: Incident) -> bool:
    return not Severity.SEV2.worse_than(incident.severity)
