"""Verbs for section 3.4 of the plan: move a service's name to another target, and back."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.runs import no_more_words, propose
from bot.commands.verbs import ANY, verb
from bot.domain.answer import Answer, Refusal, UsageError
from bot.plan.models import DrPlan, Failover

ACTION = "fail-over-name"


@verb("failover", "failover SERVICE [to=TARGET]", also=ANY)
def failover(desk: Desk, said: Said) -> Answer:
    """Point a service's DNS name to another target of the plan (the other one, where there are two).

    Refused towards a target that is not healthy or whose data is stale; break_glass="the reason" overrides.
    """
    service, entry = _service(desk.plan, said)
    to = said.options.get("to", "")
    if to and to not in entry.targets:
        raise UsageError(f"{service} has no target {to[:60]!r}: the plan has {', '.join(entry.targets)}")
    return _ask(desk, said, service, to)


@verb("failback", "failback SERVICE", also=ANY)
def failback(desk: Desk, said: Said) -> Answer:
    """Point a service's DNS name to the plan's first target again, under the same guards."""
    service, entry = _service(desk.plan, said)
    if "to" in said.options:
        raise UsageError(f"failback leads to the plan's first target; `failover {service} to=…` to another")
    first = next(iter(entry.targets), "")
    if not first:
        raise Refusal(f"the plan names no target of {service}; nothing was changed")
    return _ask(desk, said, service, first)


def _service(plan: DrPlan, said: Said) -> tuple[str, Failover]:
    name = said.word(0, "the service")
    no_more_words(said, 1)
    entry = plan.failover.get(name)
    if entry is None:
        known = ", ".join(plan.failover) or "none"
        raise UsageError(f"the plan names no failover of {name[:60]!r} (it has: {known})")
    return name, entry


def _ask(desk: Desk, said: Said, service: str, to: str) -> Answer:
    if ACTION not in desk.actions:
        raise Refusal(f"drbot has no action {ACTION!r} here, so it moves no name")
    owner = desk.plan.owner_of(service)
    if not owner:
        raise Refusal(
            f"the plan does not say whose name {desk.plan.failover[service].record} is: write"
            f" failover.{service}.environment into it. Nothing was changed"
        )
    asked = said.options.get("environment", owner)
    if asked != owner:
        raise UsageError(
            f"the name of {service} is {owner}'s, not of {asked[:60]!r}: leave environment= away"
        )
    given = {**said.options, "environment": owner, "service": service, "to": to}
    return propose(desk, said, ACTION, given)
