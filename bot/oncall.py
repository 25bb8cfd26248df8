"""Who is on call now: the people with the plan's role, or whoever a pager says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.person import Person
from bot.plan.models import DrPlan

ROLE = "on-call"
THE_PLAN = "the plan's roles"


@dataclass(frozen=True)
class Roster:
    """Plan ids of who is on call, in the order in which they are called, and where that is known from.

    `trouble` says why it is not known from where the plan wants it. `paged`: a pager said it, so the plan's
    role alone makes nobody on call.
    """

    people: tuple[str, ...]
    source: str = THE_PLAN
    trouble: str = ""
    paged: bool = False


class OnCall(Protocol):
    """Where it is known from."""

    def look(self) -> Roster:
        """Who is on call now; may ask over the network, for a few seconds at most, and never raises."""
        ...

    def last(self) -> Roster:
        """What the last look found. Never waits, so a transaction may ask."""
        ...


class PlanOnCall:
    """The plan's role `on-call`; `trouble` where the plan wanted a pager that cannot be asked."""

    def __init__(self, plan: DrPlan, trouble: str = "") -> None:
        self._roster = Roster(tuple(one.id for one in plan.people_with((ROLE,))), trouble=trouble)

    def look(self) -> Roster:
        return self._roster

    def last(self) -> Roster:
        return self._roster


def seated(person: Person, roster: Roster) -> Person:
    """The person with the roles that they hold now."""
    if not roster.paged:
        return person
    held = person.roles - {ROLE}
    return replace(person, roles=held | {ROLE} if person.id in roster.people else held)


def people_with(plan: DrPlan, roster: Roster, roles: tuple[str, ...]) -> tuple[Person, ...]:
    """Everybody who holds one of these roles now, in the plan's order."""
    everybody = (person for name in plan.people if (person := plan.person(name)) is not None)
    now = (seated(person, roster) for person in everybody)
    return tuple(person for person in now if person.roles & set(roles))


def say(plan: DrPlan, roster: Roster) -> str:
    """`Ana Souza, Bruno Lima`, or that the seat is vacant."""
    named = [person.name for one in roster.people if (person := plan.person(one)) is not None]
    return ", ".join(named) or "nobody: the seat is vacant"
