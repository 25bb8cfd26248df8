"""Reviews a plan that loads: what is wrong with it, and where it promises what it cannot keep."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime

from bot.plan.finding import Finding, Review
from bot.plan.keeping import contradictions
from bot.plan.models import DrPlan
from bot.plan.procedures import commands_that_fail
from bot.plan.reach import unreachable_parts
from bot.plan.seats import unfilled_seats
from bot.plan.secrecy import secrets_in_file
from bot.plan.sentences import did_you_mean
from bot.plan.source import Source

__all__ = ["Finding", "check_plan"]


def check_plan(
    plan: DrPlan,
    action_names: Collection[str],
    lines: Source | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """Every finding, faults first, then by line.

    `action_names` are the actions that can be run here. `lines` is the plan's file where the plan does
    not remember it (load_plan's does); `today` (UTC) decides whether its review is overdue. Pure otherwise.
    """
    review = Review(plan, lines or plan.source or Source())
    found = [
        *secrets_in_file(review),
        *_unknown_actions(review, action_names),
        *unreachable_parts(review),
        *contradictions(review),
        *commands_that_fail(review),
        *unfilled_seats(review, today or datetime.now(UTC).date()),
    ]
    return tuple(sorted(found, key=lambda one: (one.level != "fault", one.line)))


def _unknown_actions(review: Review, action_names: Collection[str]) -> Iterator[Finding]:
    for key, runbook in review.plan.runbooks.items():
        for number, offer in enumerate(runbook.actions):
            if offer.action not in action_names:
                said = f"no action is named {offer.action[:80]!r}{did_you_mean(offer.action, action_names)}"
                yield review.fault(("runbooks", key, "actions", number, "action"), said)
