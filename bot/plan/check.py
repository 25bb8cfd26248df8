"""Reviews a plan that loads: what is wrong with it, and where it promises what it cannot keep."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

from bot.plan.doing import doings_that_fail
from bot.plan.finding import Finding, Review
from bot.plan.held_back import held_back
from bot.plan.image_places import images_not_as_promised
from bot.plan.keeping import contradictions
from bot.plan.models import DrPlan
from bot.plan.outside import outside_that_fails
from bot.plan.procedures import commands_that_fail
from bot.plan.reach import unreachable_parts
from bot.plan.rehearsed import drills_that_fail
from bot.plan.scheduled import schedules_that_fail
from bot.plan.seats import unfilled_seats
from bot.plan.secrecy import secrets_in_file
from bot.plan.source import Source

__all__ = ["Finding", "check_plan"]


def check_plan(
    plan: DrPlan,
    actions: Collection[str],
    lines: Source | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """Every finding, faults first, then by line.

    `actions` are those that can be run here: names, or a mapping to the actions, whose parameters are then
    checked too. `lines` is the plan's file where the plan does not remember it (load_plan's does); `today`
    (UTC) decides whether its review is overdue. Pure otherwise.
    """
    review = Review(plan, lines or plan.source or Source())
    today = today or datetime.now(UTC).date()
    found = [
        *secrets_in_file(review),
        *doings_that_fail(review, actions),
        *drills_that_fail(review, actions),
        *schedules_that_fail(review, actions),
        *unreachable_parts(review),
        *contradictions(review),
        *images_not_as_promised(review),
        *commands_that_fail(review),
        *unfilled_seats(review, today),
        *outside_that_fails(review),
        *held_back(review, today),
    ]
    return tuple(sorted(found, key=lambda one: (one.level != "fault", one.line)))
