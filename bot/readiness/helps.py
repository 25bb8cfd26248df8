"""The command line that would help, from what the plan offers; said by a button, or by a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bot.plan.models import Component, DrPlan, OfferedAction
from bot.plan.runbook import HERE

_KEY = re.compile(r"[a-z][a-z_]*")
_WORD = re.compile(r"[^\s=\"]+")


HOLD = "Hold the drill"


def first_help(
    plan: DrPlan, key: str, component: Component, actions: Collection[str], wanted: str = ""
) -> tuple[str, str]:
    """The component's first button that exists here, else its runbook: (line, label), ('', '') of none.

    `wanted` is an action that would help more than others: its button comes first, then a drill that does it.
    """
    environment = customers(plan)
    for offer in component.helps:
        if offer.action == wanted and wanted in actions and (line := line_of(offer.filled(environment))):
            return line, _label(offer)
    for name, test in (plan.testing.tests if plan.testing else {}).items():
        if wanted and any(one.action == wanted for one in test.does) and _WORD.fullmatch(name):
            return f"drill {name}", HOLD
    for offer in component.helps:
        line = line_of(offer.filled(environment)) if offer.action in actions else ""
        if line:
            return line, _label(offer)
    for name, runbook in plan.runbooks.items():
        if runbook.component == key and runbook.is_walked and _WORD.fullmatch(name):
            return f"runbook {name} environment={environment}", f"Runbook: {runbook.title}"
    return "", ""


def _label(offer: OfferedAction) -> str:
    return offer.label or offer.action.replace("-", " ").capitalize()


def line_of(offer: OfferedAction) -> str:
    """`run restart-service environment=production service=api`; '' where a line cannot carry it unchanged.

    A changed command must never be run.
    """
    said = [option(key, value) for key, value in offer.params.items()]
    if not _WORD.fullmatch(offer.action) or "" in said or HERE in offer.params.values():
        return ""
    return " ".join(["run", offer.action, *said])


def option(key: str, value: str) -> str:
    """`key=value`, quoted where it must be; '' where a line cannot carry it."""
    if not _KEY.fullmatch(key) or '"' in value or not value.isprintable():
        return ""
    return f'{key}="{value}"' if not value or any(one.isspace() for one in value) else f"{key}={value}"


def customers(plan: DrPlan) -> str:
    """The environment that the components of 1.2 are about: the first that serves customers."""
    served = [name for name, place in plan.environments.items() if place.customers]
    return next(iter([*served, *plan.environments]), "")


def places_of(offer: OfferedAction, environment: str) -> Mapping[str, OfferedAction]:
    """The same look in each environment that the plan wants it in, its parameters filled."""
    wanted = offer.environments or (environment,)
    if HERE not in offer.params.values():
        wanted = wanted[:1]
    return {name: offer.filled(name) for name in wanted}
