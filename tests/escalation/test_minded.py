"""Whatever happens to an incident, in whatever order: its clock agrees with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incident import Incident, IncidentState
from bot.domain.response_clock import Move, ResponseClock, minded
from bot.domain.severity import Severity

OPEN = Incident(
    7, "database down", Severity.SEV2, IncidentState.OPEN, "", "", "", "2026-11-23T03:00:00.000000Z"
)
UNTIMED = {Severity.SEV4, Severity.NONE}


class Kept:
    """A clock that does as it is told, as rows do."""

    def __init__(self) -> None:
        self.clock: ResponseClock | None = None
        self.moves: list[Move] = []

    def mind(self, incident: Incident, now: str) -> Move:
        verdict = minded(self.clock, incident, incident.severity not in UNTIMED)
        before = self.clock
        severity, held = incident.severity, incident.acknowledged_at
        if verdict.move is Move.BEGIN:
            count = before.round + 1 if before else 1
            self.clock = ResponseClock(7, count, severity, now, now, now, reason=verdict.why, held=held)
        elif verdict.move is Move.STOP and before:
            self.clock = replace(before, stopped_at=now, outcome=verdict.why, severity=severity)
        elif verdict.move is Move.NOTE and before:
            self.clock = replace(before, severity=severity)
        elif verdict.move is Move.NOTE:
            self.clock = ResponseClock(7, 0, severity, now, now, now, now, held=held)
        self.moves.append(verdict.move)
        return verdict.move


def acknowledged(incident: Incident, now: str) -> Incident:
    return replace(incident, state=IncidentState.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by="ana")


def reopened(incident: Incident) -> Incident:
    return replace(incident, state=IncidentState.OPEN, acknowledged_at="", acknowledged_by="")


def test_worse_after_an_answer_begins_anew_and_the_next_answer_stops_it() -> None:
    kept = Kept()
    kept.mind(OPEN, "1")
    held = acknowledged(OPEN, "2")
    kept.mind(held, "2")
    worse = replace(held, severity=Severity.SEV1)
    assert kept.mind(worse, "3") is Move.BEGIN
    assert kept.mind(worse, "4") is Move.STAY
    assert kept.mind(acknowledged(worse, "5"), "5") is Move.STOP


@pytest.mark.parametrize(("to", "carry"), [(Severity.SEV3, True), (Severity.SEV1, False)])
def test_another_severity_while_nobody_answers_begins_anew(to: Severity, carry: bool) -> None:
    kept = Kept()
    kept.mind(OPEN, "1")
    verdict = minded(kept.clock, replace(OPEN, severity=to), timed=True)
    assert (verdict.move, verdict.carry) == (Move.BEGIN, carry)


def test_milder_after_an_answer_is_remembered_so_that_worse_again_begins_anew() -> None:
    kept = Kept()
    kept.mind(OPEN, "1")
    held = acknowledged(OPEN, "2")
    kept.mind(held, "2")
    assert kept.mind(replace(held, severity=Severity.SEV3), "3") is Move.NOTE
    assert kept.mind(replace(held, severity=Severity.SEV2), "4") is Move.BEGIN


def test_what_somebody_had_before_there_were_clocks_gets_one_when_it_grows_worse() -> None:
    kept = Kept()
    held = acknowledged(OPEN, "1")
    assert kept.mind(held, "2") is Move.NOTE
    assert kept.mind(held, "3") is Move.STAY
    assert kept.mind(replace(held, severity=Severity.SEV1), "4") is Move.BEGIN


CHANGES = ["acknowledge", "resolve", "reopen", "note", *Severity]


def changed(incident: Incident, change: str | Severity, now: str) -> Incident:
    """What people and monitors can do to it, where it can be done."""
    if not incident.is_open:
        return reopened(incident) if change == "reopen" else incident
    if isinstance(change, Severity):
        return replace(incident, severity=change)
    if change == "acknowledge":
        return acknowledged(incident, now)
    return replace(incident, state=IncidentState.RESOLVED) if change == "resolve" else incident


@given(st.lists(st.sampled_from(CHANGES), max_size=25))
def test_any_sequence_leaves_a_clock_that_agrees(changes: list[str | Severity]) -> None:
    kept, incident = Kept(), OPEN
    kept.mind(incident, "0")
    for moment, change in enumerate(changes, 1):
        was = incident.severity
        incident = changed(incident, change, str(moment))
        kept.mind(incident, str(moment))
        assert kept.mind(incident, str(moment)) is Move.STAY, "one change, one move"
        assert kept.clock is not None
        timed = incident.is_open and incident.severity not in UNTIMED
        fresh = incident.state is IncidentState.OPEN
        worse = isinstance(change, Severity) and incident.severity.worse_than(was)
        if change == "acknowledge" or not timed:
            assert not kept.clock.runs
        elif fresh or worse:
            assert kept.clock.runs
        if kept.clock.runs:
            assert kept.clock.severity is incident.severity
