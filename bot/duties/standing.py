"""Where an incident stands, folded from its records: what waits for a person first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.person import DRBOT
from bot.domain.run import RunState
from bot.domain.walk import StepState, WalkState, standing_at
from bot.duties.facts import Facts
from bot.duties.questions import open_questions
from bot.duties.runs import run_line
from bot.duties.times import at, length, since
from bot.duties.waiting import needs, still_firing, text_words
from bot.duties.words import lead_line, upper
from bot.runbooks.view import WalkView

LINES = 5
NEEDS = 8
NOTES = 3
AHEAD = (StepState.TODO, StepState.DOING, StepState.BY_HAND)


@dataclass(frozen=True)
class Part:
    """A heading with its sentences."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """Where it stands: one sentence, what waits for a person, and the rest by heading. All text is plain."""

    ref: str
    title: str
    now: str
    headline: str
    lead: str
    needs: tuple[str, ...]
    parts: tuple[Part, ...]


def standing(facts: Facts) -> Standing:
    """Each sentence repeats a record; what there is no record of is not said."""
    incident = facts.incident
    parts = (
        Part("Alerts", tuple(_alerts(facts))),
        Part("No answer seen", tuple(_questions(facts))),
        Part("Held or blocked", tuple(_blocked(facts))),
        Part("Told outside", tuple(_outside(facts))),
        Part("Told inside", tuple(_called(facts))),
        Part("Runs", tuple(_runs(facts))),
        Part("Runbooks", tuple(_walks(facts))),
        Part("Newest notes", tuple(_notes(facts))),
        Part("Found by drbot", tuple(_found(facts))),
    )
    return Standing(
        ref=incident.ref,
        title=incident.title,
        now=facts.now,
        headline=_headline(facts),
        lead=lead_line(facts.held, facts.called),
        needs=_first(list(needs(facts)), NEEDS),
        parts=tuple(part for part in parts if part.lines),
    )


def _headline(facts: Facts) -> str:
    incident, now = facts.incident, facts.now
    graded = since(_graded_at(facts), now) + _paused(facts)
    if not incident.is_open:
        by = facts.called(incident.resolved_by) or "somebody"
        took = length(incident.opened_at, incident.resolved_at)
        return f"{incident.severity.value}, resolved by {by} at {at(incident.resolved_at, now)} after {took}"
    if not incident.acknowledged_by:
        return f"{incident.severity.value} {graded}; nobody has acknowledged it"
    who = facts.called(incident.acknowledged_by)
    return f"{incident.severity.value} {graded}; acknowledged by {who} at {at(incident.acknowledged_at, now)}"


def _paused(facts: Facts) -> str:
    """When it was over meanwhile; of several times the newest."""
    pauses, ended = [], ""
    for entry in facts.entries:
        if entry.kind == "incident-resolved":
            ended = entry.at
        elif entry.kind == "incident-reopened" and ended:
            pauses.append((ended, entry.at))
    if not pauses:
        return ""
    begun, until = (at(moment, facts.now) for moment in pauses[-1])
    times = f" (the newest of {len(pauses)} times)" if len(pauses) > 1 else ""
    return f", but over from {begun} to {until}{times}"


def _graded_at(facts: Facts) -> str:
    """When the severity became what it is."""
    level = facts.incident.severity.value
    for entry in reversed(facts.entries):
        if entry.kind == "severity-changed" and entry.data.get("to") == level:
            return entry.at
    return facts.incident.opened_at


def _alerts(facts: Facts) -> Iterator[str]:
    """What fires while the incident is open stands above."""
    incident = facts.incident
    if incident.alerts_firing:
        yield from () if incident.is_open else still_firing(facts)
    elif incident.alerts_total:
        total = incident.alerts_total
        yield f"None of its {total} fires any more" if total > 1 else "Its alert is over"


def _called(facts: Facts) -> Iterator[str]:
    """Whom the plan's table told while nobody answered, and whom it tells next."""
    told = [
        f"{line.name} at {at(line.at, facts.now)}{' (reached nobody)' if line.vacant else ''}"
        for line in facts.lines
        if line.told
    ]
    ahead = [f"{line.name} at {at(line.at, facts.now)}" for line in facts.lines if not line.told]
    if told:
        yield f"Told: {', '.join(told)}"
    if ahead and facts.incident.is_open:
        yield f"While nobody answers: {', '.join(ahead)}"


def _found(facts: Facts) -> Sequence[str]:
    said = [f"{one.title}, {at(one.at, facts.now)}: {one.said}" for one in facts.findings if one.done]
    return _first(said, LINES)


def _runs(facts: Facts) -> Sequence[str]:
    """What people had run: under way first, then the newest. What waits or stopped stands above."""
    above = (RunState.PROPOSED, *([RunState.STOPPED] if facts.incident.is_open else []))
    asked = [run for run in facts.runs if run.requested_by != DRBOT and run.state not in above]
    ordered = sorted(asked, key=lambda run: (run.state.ended, -run.id))
    return _first([run_line(run, facts.now) for run in ordered], LINES)


def _walks(facts: Facts) -> Sequence[str]:
    return _first([_walk_line(one, facts) for one in facts.walks], LINES)


def _walk_line(shown: WalkView, facts: Facts) -> str:
    walk = shown.walk
    named = f"{walk.ref} {walk.title}"
    if walk.state is WalkState.DONE:
        return f"{named}: done at {at(walk.ended_at, facts.now)}"
    done = sum(1 for step in walk.steps if step.state not in AHEAD)
    if walk.state is WalkState.STOPPED:
        return f"{named}: stopped after {done} of {len(walk.steps)} steps at {at(walk.ended_at, facts.now)}"
    stands = standing_at(walk)
    here = min(done, len(walk.steps) - 1) if stands is None else stands
    return f"{named}: step {here + 1} of {len(walk.steps)}, {walk.steps[here].title}"


def _notes(facts: Facts) -> Iterator[str]:
    """What people put on the timeline, the newest three."""
    notes = [entry for entry in facts.entries if entry.kind == "note-added"]
    for entry in notes[-NOTES:]:
        yield f"{at(entry.at, facts.now)} {facts.called(entry.actor)}: {entry.data.get('text', '')}"


def _outside(facts: Facts) -> Iterator[str]:
    told = [text for text in facts.texts if text.state == "approved"]
    for text in told[-LINES:]:
        by = f" by {facts.called(text.by)}" if text.by else ""
        way = {"done": "", "refused": ", but refused", "unsure": ", but it may not have arrived"}
        on_its_way = way.get(text.job_state, ", on its way")
        yield upper(f"{text_words(text)}: approved{by} at {at(text.at, facts.now)}{on_its_way}")
    due = facts.next_update_at
    if due > facts.now and facts.incident.is_open:
        yield f"Next update due at {at(due, facts.now)}, in {length(facts.now, due)}"


def _questions(facts: Facts) -> Iterator[str]:
    for one in open_questions(facts.said):
        yield f"{one.who} asked at {one.at:%H:%M} UTC: “{one.text}”"


def _blocked(facts: Facts) -> Iterator[str]:
    for lock in facts.locks[:LINES]:
        yield f"{lock.target} is held by RUN-{lock.run} {since(lock.since, facts.now)}"
    for breaker in facts.breakers[:LINES]:
        opened = at(breaker.opened_at, facts.now)
        yield f"The circuit breaker of {breaker.target} is open since {opened}: nothing new begins there"


def _first(lines: Sequence[str], limit: int) -> tuple[str, ...]:
    left = len(lines) - limit
    return (*lines[:limit], *([f"and {left} more"] if left > 0 else []))
