"""Whom a line reaches now, and over what: asked when it is told, and when somebody asks beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.person import Person
from bot.domain.response import Step, Via, pulled, with_or_without_pager, without_mail
from bot.domain.severity import Severity
from bot.escalation.lines import steps_for
from bot.oncall import Roster, people_with
from bot.plan.models import DrPlan


@dataclass(frozen=True)
class Reach:
    """`who` holds the seat, and `ways` is how they are told. `reached`: it arrives with somebody."""

    ways: tuple[Via, ...]
    who: tuple[Person, ...]
    reached: bool


@dataclass(frozen=True)
class Foretold:
    """A line as it would be told. `pulled`: earlier than the plan says, the one before it reaches nobody."""

    step: Step
    at: datetime
    reach: Reach
    pulled: bool


def reach(plan: DrPlan, step: Step, roster: Roster, pager: bool, mail: bool = True) -> Reach:
    """Whoever holds the seat now. A pager knows for itself whom to wake; others need an address that is of
    use: one of mail is none where no mail goes out.
    """
    ways = with_or_without_pager(step.ways, pager)
    ways = ways if mail else without_mail(ways)
    who = people_with(plan, roster, step.roles)
    by_itself = Via.PAGE in ways or Via.CHANNEL in ways
    return Reach(ways, who, by_itself or any(_has_address(plan, person, mail) for person in who))


def foretell(
    plan: DrPlan,
    severity: Severity,
    begins: datetime,
    roster: Roster,
    pager: bool,
    mail: bool = True,
) -> tuple[Foretold, ...]:
    """What would be told to whom if an incident of this severity began then, and nobody answered."""
    planned = {step.number: step.after_s for step in steps_for(plan, severity)}
    ahead = steps_for(plan, severity)
    told: list[Foretold] = []
    while ahead:
        step, *rest = ahead
        found = reach(plan, step, roster, pager, mail)
        at = begins + timedelta(seconds=step.after_s)
        told.append(Foretold(step, at, found, step.after_s < planned[step.number]))
        ahead = tuple(rest) if found.reached else pulled(rest, step.after_s)
    return tuple(told)


def _has_address(plan: DrPlan, person: Person, mail: bool) -> bool:
    entry = plan.people[person.id]
    return bool(entry.slack or (mail and entry.email))
