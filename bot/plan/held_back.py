"""Rules that hold runs back and do not do what was meant: over, empty, or with nobody to lift them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.domain.breaker import CLOSERS
from bot.domain.pager import PAGER
from bot.domain.person import DRBOT
from bot.plan.finding import Finding, Review


def held_back(review: Review, today: date) -> Iterator[Finding]:
    """Freezes that are over, limits that allow nothing, glass that nobody may break, on-call by nobody."""
    plan = review.plan
    for number, freeze in enumerate(plan.freezes):
        if freeze.until is not None and freeze.until.date() < today:
            said = f"“{freeze.title}” was over on {freeze.until.date().isoformat()}: take it out"
            yield review.warning(("freezes", number), said)
        if not freeze.risks:
            yield review.warning(
                ("freezes", number, "risks"), f"“{freeze.title}” holds nothing back: say which"
            )
    for risk, most in plan.limits.per_hour.items():
        if most == 0:
            yield review.warning(("limits", "per_hour", risk), f"0 means that no {risk} run ever begins")
    if plan.limits.per_target_hour == 0:
        yield review.warning(("limits", "per_target_hour"), "0 means that no run ever begins")
    yield from _people(review)


def _people(review: Review) -> Iterator[Finding]:
    plan = review.plan
    if not plan.people_with(plan.break_glass.roles):
        said = f"nobody has the role {' or '.join(plan.break_glass.roles)}: nothing can be overridden"
        yield review.warning(("break_glass",), said)
    if not plan.people_with(CLOSERS):
        said = f"nobody has the role {' or '.join(CLOSERS)}: a breaker that opened stays open"
        yield review.warning(("people",), said)
    if DRBOT in plan.people:
        said = f"{DRBOT!r} is the bot itself in the journal: give this person another id"
        yield review.fault(("people", DRBOT), said)
    if PAGER in plan.people:
        said = f"{PAGER!r} is whoever answers on PagerDuty unknown to the plan: give this person another id"
        yield review.fault(("people", PAGER), said)
    if plan.on_call_from is None:
        return
    for person_id, entry in plan.people.items():
        if "on-call" in entry.roles and not entry.email:
            said = f"{entry.name} has no `email`: PagerDuty's on-call cannot be told to be them"
            yield review.warning(("people", person_id), said)
