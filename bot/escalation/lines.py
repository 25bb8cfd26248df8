"""The plan's communication table as the pure code reads it."""

from __future__ import annotations

from bot.domain.response import Line, Step, steps
from bot.domain.severity import Severity
from bot.plan.models import DrPlan


def response_s(plan: DrPlan, severity: Severity) -> float | None:
    """How soon somebody has to answer (section 4.1), None where the plan has no time for it."""
    if severity is Severity.NONE:
        return None
    level = plan.severities.get(severity.value)
    return level.response if level else None


def steps_for(plan: DrPlan, severity: Severity) -> tuple[Step, ...]:
    """Whom this severity tells while nobody answers; nobody where the plan has no time for it."""
    within_s = response_s(plan, severity)
    return () if within_s is None else steps(severity, within_s, lines_of(plan))


def lines_of(plan: DrPlan) -> tuple[Line, ...]:
    """Section 4.2's internal table."""
    return tuple(
        Line(one.tell, one.via, one.roles, one.at_least, one.after) for one in plan.communication.internal
    )
