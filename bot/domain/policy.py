"""Who may ask for a run and who approves it: the plan's risk table, decided without looking at anything.

Each question answers None (yes) or the sentence of the refusal, which names the rule and who can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.person import Person

LOOK, LOW, HIGH, DESTRUCTIVE = "look", "low", "high", "destructive"


@dataclass(frozen=True)
class Rule:
    """One row of the risk table. Empty `ask` is everybody of the plan; empty `approve` is whoever may ask.

    `lives_s` is how long a proposal waits for its approval, and an approval for its engine.
    """

    risk: str
    ask: tuple[str, ...] = ("on-call",)
    approve: tuple[str, ...] = ("on-call",)
    second_person: bool = False
    lives_s: float = 900.0

    @property
    def needs_approval(self) -> bool:
        return self.risk != LOOK

    @property
    def may_approve(self) -> tuple[str, ...]:
        """The roles whose people may approve."""
        return self.approve or self.ask

    @property
    def never_alone(self) -> bool:
        """Nobody approves what they asked for themselves: always so where data can be lost."""
        return self.second_person or self.risk == DESTRUCTIVE


DEFAULT_RULES: Mapping[str, Rule] = {
    LOOK: Rule(LOOK, ask=(), approve=()),
    LOW: Rule(LOW, approve=()),
    HIGH: Rule(HIGH),
    DESTRUCTIVE: Rule(DESTRUCTIVE, approve=("approver",), second_person=True),
}


def stranger(person: Person, deed: str, on_call: Sequence[Person]) -> str | None:
    """Why somebody outside the plan may not do this."""
    if person.known:
        return None
    return f"the plan does not name you, so you may not {deed}. {_ask(on_call, ('on-call',))}"


def cannot_ask(rule: Rule, person: Person, title: str, able: Sequence[Person]) -> str | None:
    """Why this person may not ask for a run of this risk. `able` are the people who may."""
    outside = stranger(person, f"ask for “{title}”", able)
    if outside or not rule.ask or person.roles & set(rule.ask):
        return outside
    return f"“{title}” is {rule.risk} risk, which only {_any(rule.ask)} may ask for. {_ask(able, rule.ask)}"


def cannot_approve(
    rule: Rule, person: Person, requested_by: str, able: Sequence[Person], incident_open: bool
) -> str | None:
    """Why this person may not approve. `able` are the people with an approving role."""
    others = [other for other in able if other.id != requested_by]
    outside = stranger(person, "approve", others)
    if outside:
        return outside
    roles = rule.may_approve
    if roles and not person.roles & set(roles):
        return f"{rule.risk} risk is approved by {_any(roles)} only. {_ask(others, roles)}"
    if person.id != requested_by:
        return None
    if rule.never_alone:
        return (
            f"{rule.risk} risk needs a second person, and you asked for this run yourself."
            f" {_ask(others, roles)}"
        )
    if rule.risk == HIGH and not incident_open:
        return (
            "high risk may be approved by the one who asked only while its incident is open, and none is."
            f" {_ask(others, roles)}"
        )
    return None


def cannot_stop(rule: Rule, person: Person, requested_by: str, able: Sequence[Person]) -> str | None:
    """Why this person may not deny or cancel: the one who asked may, and whoever may ask or approve."""
    outside = stranger(person, "stop a run", able)
    roles = set(rule.ask) | set(rule.may_approve)
    if outside or not roles or person.id == requested_by or person.roles & roles:
        return outside
    return f"a {rule.risk} run is stopped by whoever asked, or {_any(sorted(roles))}. {_ask(able, ())}"


def names(people: Sequence[Person], limit: int = 6) -> str:
    """`Ana, Rui and 2 more`."""
    shown = [person.name for person in people[:limit]]
    more = [f"{len(people) - limit} more"] if len(people) > limit else []
    return " or ".join(part for part in (", ".join(shown), *more) if part)


def _any(roles: Sequence[str]) -> str:
    return " or ".join(roles)


def _ask(able: Sequence[Person], roles: Sequence[str]) -> str:
    if able:
        return f"Ask {names(able)}."
    seat = f" with the role {_any(roles)}" if roles else ""
    return f"The plan names nobody else{seat}: whoever keeps the plan can add someone under `people`."
