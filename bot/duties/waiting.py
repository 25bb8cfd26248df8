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

NAMES = 4


def needs(facts: Facts) -> Iterator[str]:
    """A sentence each, with what to say where that helps."""
    if facts.incident.is_open:
        yield from still_firing(facts)
        yield from (run_line(run, facts.now) for run in facts.runs if run.state is RunState.STOPPED)
        yield from _nobody(facts)
        yield from _awaited(facts)
        yield from _untold(facts)
    yield from _unposted(facts)


def _nobody(facts: Facts) -> Iterator[str]:
    """What nobody does yet."""
    incident = facts.incident
    if not incident.acknowledged_by or facts.answer_by:
        yield from _unanswered(facts)
    if not _is_grave(incident):
        return
    vacant = [duty for duty in Duty if all(one.duty is not duty for one in facts.held)]
    if Duty.COMMANDER in vacant:
        yield f"Nobody leads it: `duty {incident.ref} commander`"
    others = [duty.value for duty in vacant if duty is not Duty.COMMANDER]
    if others:
        yield f"Nobody has {' or '.join(others)}: `duty {incident.ref} {others[0]}`"


def _unanswered(facts: Facts) -> Iterator[str]:
    """By when somebody had to answer, and who is told next while nobody does."""
    ref, due = facts.incident.ref, facts.answer_by
    said = "It grew worse, and nobody has answered that" if facts.incident.acknowledged_by else ""
    said = said or "Nobody has acknowledged it"
    if due:
        late = due <= facts.now
        said += f", {'overdue since' if late else 'due by'} {at(due, facts.now)}"
    ahead = next((line for line in facts.lines if not line.told), None)
    if ahead is not None:
        said += f", {ahead.name} is told next at {at(ahead.at, facts.now)}"
    elif due:
        said += ", nobody is left to be told"
    yield f"{said}: `ack {ref}`"


def still_firing(facts: Facts) -> Iterator[str]:
    """`3 of 5 alerts still fire: PoolExhausted (2) since 03:12 UTC, Slow since 03:20 UTC`."""
    incident = facts.incident
    if not incident.alerts_firing:
        return
    shown = facts.firing[:NAMES]
    left = incident.alerts_firing - sum(one.count for one in shown)
    named = ", ".join(
        f"{one.name}{f' ({one.count})' if one.count > 1 else ''} since {at(one.since, facts.now)}"
        for one in shown
    )
    firing, total = incident.alerts_firing, incident.alerts_total
    said = "Its alert still fires" if total == 1 else f"{firing} of {total} alerts still fire"
    more = f" and {left} more" if left > 0 else ""
    yield f"{said}{f': {named}{more}' if shown else ''}"


def _untold(facts: Facts) -> Iterator[str]:
    """Customers notice something grave, and no text for them went out, is going or waits."""
    told = any(text.state in ("approved", "draft") and text.job_state != "refused" for text in facts.texts)
    if facts.tells_outside and _is_grave(facts.incident) and not told:
        yield f"Nothing is told outside, and the plan wants it told: `draft {facts.incident.ref} status`"


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
