"""The few signs that the cards share: a colour for a severity, a word for a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from bot.domain.incident import Incident, IncidentState
from bot.domain.run import Run, RunState
from bot.domain.severity import Severity
from bot.slack.text import moment, one_line

# How a plan's id of a person, or Slack's, is written for people.
Namer: TypeAlias = "Callable[[str], str]"

COLOUR = {
    Severity.SEV1: "🔴",
    Severity.SEV2: "🟠",
    Severity.SEV3: "🟡",
    Severity.SEV4: "🔵",
    Severity.NONE: "⚪",
}
RISK = {
    "look": "looks only, changes nothing",
    "low": "low risk",
    "high": "high risk: customers may notice",
    "destructive": "destructive: data can be lost",
}
RUN_WORD = {
    RunState.PROPOSED: "waits for approval",
    RunState.APPROVED: "approved, starting",
    RunState.RUNNING: "running",
    RunState.VERIFIED: "done and verified",
    RunState.DENIED: "denied",
    RunState.CANCELLED: "taken back",
    RunState.EXPIRED: "expired without approval",
    RunState.REFUSED: "refused by a guard, nothing changed",
    RunState.FAILED: "failed, nothing changed",
    RunState.UNDONE: "undone",
    RunState.STOPPED: "stopped half-way: a person is needed",
}
RUN_SIGN = {
    RunState.PROPOSED: "⏳",
    RunState.APPROVED: "🔄",
    RunState.RUNNING: "🔄",
    RunState.VERIFIED: "✅",
    RunState.UNDONE: "↩️",
    RunState.STOPPED: "🚨",
    RunState.FAILED: "❌",
    RunState.REFUSED: "⛔",
}


def as_written(person_id: str) -> str:
    """The namer that knows nobody."""
    return person_id


def run_sign(run: Run) -> str:
    """One sign for the run's state; what ended quietly has a quiet one."""
    return RUN_SIGN.get(run.state, "◻️")


def place(incident: Incident) -> str:
    """`database · production`, of what is known."""
    known = [one_line(part, 80) for part in (incident.component, incident.environment) if part]
    return " · ".join(known) or "no component named"


def holder(incident: Incident, name: Namer) -> str:
    """Who has it, as one mrkdwn phrase."""
    if incident.state is IncidentState.RESOLVED:
        by = f" by {one_line(name(incident.resolved_by), 60)}" if incident.resolved_by else ""
        return f"Resolved{by}"
    if incident.state is IncidentState.ACKNOWLEDGED:
        at = f", {moment(incident.acknowledged_at, '{time}')}" if incident.acknowledged_at else ""
        return f"{one_line(name(incident.acknowledged_by), 60) or 'somebody'} has it{at}"
    return "*Nobody has it yet*"
