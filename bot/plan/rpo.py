"""How much a loss can cost with what the plan has set up, against what it promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.plan.fields import say_duration
from bot.plan.models import DrPlan

BACK_UP = "back-up-database"


@dataclass(frozen=True)
class Loss:
    """The most that one way of keeping data can lose, in seconds, and the way in words."""

    most_s: float
    way: str


def least_loss(plan: DrPlan) -> Loss | None:
    """The best way that is set up: the document's backup, drbot's schedules, archived WAL; None of none."""
    return min(_ways(plan), key=lambda one: one.most_s, default=None)


def least_gap(plan: DrPlan) -> Loss | None:
    """The longest that lies between two backups where every one comes; None where none is scheduled."""
    return min(_backups(plan), key=lambda one: one.most_s, default=None)


def _backups(plan: DrPlan) -> Iterator[Loss]:
    if plan.backups:
        cron = plan.backups.database.schedule.cron
        yield Loss(cron.longest_gap_s, f"the backup of `{cron}`")
    for schedule in plan.schedules.values():
        where = schedule.params.get("environment", "")
        if schedule.action == BACK_UP and schedule.cron and _serves(plan, where):
            yield Loss(schedule.cron.longest_gap_s, f"the backup of `{schedule.cron}`")


def _ways(plan: DrPlan) -> Iterator[Loss]:
    yield from _backups(plan)
    for name, place in plan.environments.items():
        if place.customers and place.cluster:
            timeout_s = place.cluster.archive_timeout
            yield Loss(timeout_s, f"{name}'s WAL, archived every {say_duration(timeout_s)}")


def _serves(plan: DrPlan, environment: str) -> bool:
    place = plan.environments.get(environment)
    return place is not None and place.customers


def keeps_rpo(plan: DrPlan) -> str:
    """What would keep the RPO that nothing set up keeps: a sentence's end."""
    objective = plan.objectives.get("rpo")
    between = plan.backups.database.between if plan.backups else ()
    keeping = [one for one in between if objective and one.every < objective.target]
    if keeping:
        ways = ", or ".join(f"“{one.title}” every {say_duration(one.every)}" for one in keeping)
        return f"what keeps it, once it is set up: {ways}"
    return "archive the WAL with archive_timeout=60, or dump every 30m (backups.database.between)"
