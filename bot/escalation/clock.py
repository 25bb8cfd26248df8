"""The response clock keeps up with its incident: begun, begun anew, or answered, in the same transaction."""

from __future__ import annotations

from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident
from bot.domain.person import DRBOT
from bot.domain.response import Step, Via
from bot.domain.response_clock import ANSWERED, Move, ResponseClock, Verdict, minded
from bot.escalation import rows, words
from bot.escalation.lines import response_s, steps_for
from bot.escalation.rows import Tell
from bot.escalation.steady import steady_now
from bot.plan.models import DrPlan
from bot.store.database import Tx
from bot.store.journal import append


def mind_clock(tx: Tx, plan: DrPlan, incident: Incident) -> None:
    """Close the gap between the incident's clock and the incident. One statement where there is none.

    An incident of before there were clocks gets one with its next change, and its time counts from then.
    Safe to call twice.
    """
    clock = rows.clock_of(tx.all, incident.id)
    within_s = response_s(plan, incident.severity)
    verdict = minded(clock, incident, within_s is not None)
    if verdict.move is Move.BEGIN and within_s is not None:
        _begin(tx, plan, incident, clock, verdict, within_s)
    elif verdict.move is Move.STOP and clock is not None:
        _stop(tx, plan, incident, clock, verdict)
    elif verdict.move is Move.NOTE:
        _note(tx, incident, clock)


def unanswered(tx: Tx, incident: Incident) -> bool:
    """Whether its clock runs though somebody has it: it grew worse since. Then anybody may take it anew."""
    return rows.let_go(tx, incident.id)


def _begin(
    tx: Tx,
    plan: DrPlan,
    incident: Incident,
    before: ResponseClock | None,
    verdict: Verdict,
    within_s: float,
) -> None:
    number = before.round + 1 if before else 1
    due_at = rows.later(tx.now, within_s)
    severity, held = incident.severity, incident.acknowledged_at
    clock = ResponseClock(
        incident.id, number, severity, tx.now, tx.now, due_at, reason=verdict.why, held=held
    )
    told = _told_before(tx, before) if verdict.carry and before else {}
    tells = [_tell(tx.now, step, told) for step in steps_for(plan, incident.severity)]
    rows.begin(tx, clock, within_s, steady_now(), tells, anew=before is not None)
    entries = [_started(clock, within_s, tells)]
    entries += [_posted(clock, one) for one in tells if one.step.ways == (Via.CHANNEL,) and not one.said]
    append(tx, *entries)


def _tell(now: str, step: Step, told: dict[tuple[int, str], Tell]) -> Tell:
    """The line of this round; told already where it is the channel, whose card is in this transaction."""
    before = told.get((step.number, step.tell))
    if before is not None:
        return Tell(step, before.told_at, before.told_at, before.said or words.TOLD_BEFORE, rows.TOLD)
    if step.ways == (Via.CHANNEL,):
        return Tell(step, now, now, outcome=rows.TOLD)
    return Tell(step, rows.later(now, step.after_s))


def _told_before(tx: Tx, before: ResponseClock) -> dict[tuple[int, str], Tell]:
    tells = rows.tells_of(tx.all, before.incident, before.round)
    return {(one.step.number, one.step.tell): one for one in tells if one.outcome == rows.TOLD}


def _started(clock: ResponseClock, within_s: float, tells: list[Tell]) -> NewEntry:
    lines: list[Json] = [
        {
            "tell": one.step.tell,
            "ways": [way.value for way in one.step.ways],
            "roles": list(one.step.roles),
            "due_at": one.due_at,
            "told": bool(one.told_at),
        }
        for one in tells
    ]
    data: dict[str, Json] = {
        "said": words.started(clock, within_s, tells),
        "round": clock.round,
        "severity": clock.severity.value,
        "reason": clock.reason,
        "response_s": within_s,
        "due_at": clock.due_at,
        "lines": lines,
    }
    return NewEntry("clock-started", DRBOT, data, clock.incident)


def _posted(clock: ResponseClock, tell: Tell) -> NewEntry:
    data: dict[str, Json] = {
        "said": words.posted(tell.step, clock.reason),
        "round": clock.round,
        "step": tell.step.number,
        "tell": tell.step.tell,
        "ways": [Via.CHANNEL.value],
        "people": [],
        "due_at": tell.due_at,
        "late_s": 0.0,
    }
    return NewEntry("escalated", DRBOT, data, clock.incident)


def _stop(tx: Tx, plan: DrPlan, incident: Incident, clock: ResponseClock, verdict: Verdict) -> None:
    rows.stop(tx, incident, verdict.why)
    by = incident.acknowledged_by if verdict.why == ANSWERED else ""
    data: dict[str, Json] = {
        "said": words.stopped(clock, verdict.why, plan.called(by), tx.now),
        "round": clock.round,
        "outcome": verdict.why,
        "by": by,
        "after_s": words.seconds_between(clock.began_at, tx.now),
        "in_time": tx.now <= clock.due_at,
    }
    append(tx, NewEntry("clock-stopped", by or DRBOT, data, incident.id))


def _note(tx: Tx, incident: Incident, clock: ResponseClock | None) -> None:
    if clock is not None:
        rows.remember_severity(tx, incident.id, incident.severity)
        return
    now, severity, held = tx.now, incident.severity, incident.acknowledged_at
    ended = ResponseClock(incident.id, 0, severity, now, now, now, now, "before clocks", ANSWERED, held)
    rows.begin(tx, ended, 0.0, steady_now(), (), anew=False)
