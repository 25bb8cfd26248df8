"""An incident for a shell, which has no card: how it stands, who answers by when, what waits for a person."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.domain.incident import Incident
from bot.domain.response import Via
from bot.domain.response_clock import ANSWERED, ResponseClock
from bot.duties.gathering import facts_of
from bot.duties.standing import standing
from bot.duties.times import at, length
from bot.escalation.rows import TOLD, Tell, clock_of, tells_of
from bot.redact import redact

NAMED = 4


def standing_lines(desk: Desk, incident: Incident, now: str) -> tuple[str, ...]:
    """What the card says in Slack, a line each; what there is no record of is not said."""
    told = standing(facts_of(desk.store, desk.plan, desk.runs, incident, now))
    place = " · ".join(part for part in (incident.component, incident.environment) if part)
    lines = [f"State: {incident.state.value}. {redact(told.headline)}."]
    lines += [f"Where: {redact(place)}"] if place else []
    lines += [f"Impact: {redact(incident.impact)}"] if incident.impact else []
    lines += [f"Answer: {said}" for said in (_answer(desk, incident, now),) if said]
    lines += [f"Lead: {told.lead}"]
    lines += [f"{part.title}: {'; '.join(map(redact, part.lines))}" for part in told.parts]
    lines += [f"Waits for a person: {redact(need)}" for need in told.needs]
    return (*lines, f"Next: {_next(incident)}")


def answer_by(clock: ResponseClock | None, now: str) -> str:
    """`by 03:15 UTC`, `5 min late`, `answered`: a cell of a table."""
    if clock is None or not clock.round:
        return "–"
    if clock.runs:
        late = clock.due_at <= now
        return f"{length(clock.due_at, now)} late" if late else f"by {at(clock.due_at, now)}"
    return clock.outcome or "–"


def _answer(desk: Desk, incident: Incident, now: str) -> str:
    """`due by 03:15 UTC, in 14 min; told: …; then …`; '' where no response time is promised."""
    clock = clock_of(desk.store.read, incident.id)
    if clock is None or not clock.round:
        return ""
    if not clock.runs:
        answered = clock.outcome == ANSWERED
        return f"answered after {length(clock.began_at, clock.stopped_at)}" if answered else ""
    due = at(clock.due_at, now)
    late = clock.due_at <= now
    said = (
        f"was due {due}, {length(clock.due_at, now)} ago"
        if late
        else f"due by {due}, in {length(now, clock.due_at)}"
    )
    people = [
        one for one in tells_of(desk.store.read, incident.id, clock.round) if one.step.ways != (Via.CHANNEL,)
    ]
    told = [_told(one, one.told_at, now) for one in people if one.outcome == TOLD]
    ahead = [_told(one, one.due_at, now) for one in people if not one.told_at]
    said += f"; told: {', '.join(told[-NAMED:])}" if told else ""
    return said + (f"; then {', '.join(ahead[:NAMED])}" if ahead else "")


def _told(one: Tell, moment: str, now: str) -> str:
    return f"{one.step.tell} {at(moment, now)}"


def _next(incident: Incident) -> str:
    ref = incident.ref
    if not incident.is_open:
        return f"`report {ref}`, `timeline {ref}`, `items {ref}`"
    first = "" if incident.acknowledged_by else f"`ack {ref}`, "
    return f"{first}`why {ref}`, `runbooks`, `note {ref} TEXT`, `handover {ref}`, `resolve {ref}`"
