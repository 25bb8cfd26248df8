"""The response clock of an incident: what it should do, from how it stands and how the incident stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.domain.incident import Incident, IncidentState
from bot.domain.severity import Severity


@dataclass(frozen=True)
class ResponseClock:
    """As it is kept. `round` counts how often it began; 0 where somebody had the incident before any clock.

    `held` is the incident's `acknowledged_at` when the round began: only another one answers it.
    `stopped_at` is empty while it runs, and `outcome` then, too. Times are ISO 8601 UTC; `began_at` is
    `started_at` as today's wall clock has it, where that was set since.
    """

    incident: int
    round: int
    severity: Severity
    started_at: str
    began_at: str
    due_at: str
    stopped_at: str = ""
    reason: str = ""
    outcome: str = ""
    held: str = ""

    @property
    def runs(self) -> bool:
        return not self.stopped_at

    def answered_by(self, incident: Incident) -> bool:
        """Whether somebody acknowledged since this round began."""
        taken = incident.state is IncidentState.ACKNOWLEDGED
        return taken and incident.acknowledged_at != self.held


class Move(Enum):
    """STAY: as it is. NOTE: nothing for people, only the severity is remembered."""

    STAY = "stay"
    BEGIN = "begin"
    STOP = "stop"
    NOTE = "note"


@dataclass(frozen=True)
class Verdict:
    """What to do, and why in the plan's words. `carry`: who was told before is not told again."""

    move: Move
    why: str = ""
    carry: bool = False


STAY = Verdict(Move.STAY)
ANSWERED, RESOLVED, UNTIMED = "answered", "resolved", "no response time"
OPENED, REOPENED = "opened", "reopened"


def minded(clock: ResponseClock | None, incident: Incident, timed: bool) -> Verdict:
    """Compare the two; asked again after its move it says STAY, or what is still open, and then STAY.

    `timed`: the plan has a response time for the incident's severity.
    """
    if clock is None:
        return _first(incident, timed)
    if not incident.is_open:
        return Verdict(Move.STOP, RESOLVED) if clock.runs else STAY
    if clock.runs:
        return _running(clock, incident, timed)
    if incident.state is IncidentState.OPEN:
        changed = clock.severity is not incident.severity and clock.outcome == UNTIMED
        why = change(clock, incident) if changed else REOPENED
        return Verdict(Move.BEGIN, why) if timed else STAY
    if incident.severity is clock.severity:
        return STAY
    if incident.severity.worse_than(clock.severity) and timed:
        return Verdict(Move.BEGIN, change(clock, incident))
    return Verdict(Move.NOTE)


def change(clock: ResponseClock, incident: Incident) -> str:
    """`SEV-3 → SEV-1`."""
    return f"{clock.severity.value} → {incident.severity.value}"


def _first(incident: Incident, timed: bool) -> Verdict:
    if incident.state is IncidentState.OPEN and timed:
        return Verdict(Move.BEGIN, OPENED)
    return Verdict(Move.NOTE) if incident.state is IncidentState.ACKNOWLEDGED else STAY


def _running(clock: ResponseClock, incident: Incident, timed: bool) -> Verdict:
    if clock.answered_by(incident):
        return Verdict(Move.STOP, ANSWERED)
    if incident.severity is clock.severity:
        return STAY
    if not timed:
        return Verdict(Move.STOP, UNTIMED)
    milder = clock.severity.worse_than(incident.severity)
    return Verdict(Move.BEGIN, change(clock, incident), carry=milder)
