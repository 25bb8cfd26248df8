"""How old backups and the WAL archive may be by the plan before somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.plan.rpo import least_gap

A_BACKUP_TAKES_S = 3600.0
LATE = 2.0
A_HICCUP_S = 900.0
"""A network that is away for a moment wakes nobody, however often WAL is to be archived."""


@dataclass(frozen=True)
class Allowed:
    """The most in seconds, and why, for a sentence."""

    most_s: float
    why: str


def backups_allowed(plan: DrPlan) -> Allowed | None:
    """For the newest good backup; None where the plan promises nothing of it.

    The RPO; where the plan's own backups cannot keep it, or archived WAL does, what lies between two of
    them: that the promise is broken is the plan check's and the board's to say, every day, and no news at
    night.
    """
    gap, rpo_s = least_gap(plan), _rpo_s(plan)
    archived = any(one <= rpo_s for one in _archive_timeouts_s(plan)) if rpo_s else False
    if gap is None or isinf(gap.most_s):
        return Allowed(rpo_s, _rpo(plan)) if rpo_s and not archived else None
    if rpo_s and gap.most_s < rpo_s and not archived:
        return Allowed(rpo_s, _rpo(plan))
    why = f"{gap.way} should have made one every {say_duration(gap.most_s)} ({_rpo(plan)})"
    return Allowed(gap.most_s + A_BACKUP_TAKES_S, why)


def archive_allowed(plan: DrPlan) -> Allowed | None:
    """For what is in no archive yet; None where the plan archives none. Told before the RPO is broken."""
    timeouts_s, rpo_s = _archive_timeouts_s(plan), _rpo_s(plan)
    if not timeouts_s:
        return None
    every_s = max(timeouts_s)
    most_s = max(LATE * every_s, A_HICCUP_S)
    why = f"it should be archived every {say_duration(every_s)} ({_rpo(plan)})"
    return Allowed(min(most_s, rpo_s) if rpo_s else most_s, why)


def _archive_timeouts_s(plan: DrPlan) -> list[float]:
    places = plan.environments.values()
    return [one.cluster.archive_timeout for one in places if one.customers and one.cluster]


def _rpo_s(plan: DrPlan) -> float | None:
    objective = plan.objectives.get("rpo")
    return objective.target if objective else None


def _rpo(plan: DrPlan) -> str:
    target_s = _rpo_s(plan)
    return "the plan has no RPO" if target_s is None else f"the RPO is {say_duration(target_s)}"
