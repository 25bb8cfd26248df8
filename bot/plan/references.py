"""Names in the plan that must be somewhere else in it: people, components, environments, roles."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bot.plan.models import DrPlan
from bot.plan.runbook import HERE
from bot.plan.sentences import did_you_mean
from bot.plan.source import Path, Source, say_path
from bot.plan.yaml_tree import Fault

ENVIRONMENT_PARAMS = ("environment", "from_environment")


def broken_references(plan: DrPlan, source: Source) -> Iterator[Fault]:
    """A fault for each name that leads nowhere."""
    for path, kind, name, known in _references(plan):
        if name not in known:
            said = f"the plan has no {kind} {name[:80]!r}{did_you_mean(name, known)}"
            yield Fault(source.line(*path), say_path(path), said)


def _references(plan: DrPlan) -> Iterator[tuple[Path, str, str, Collection[str]]]:
    yield from _seats(plan)
    yield from _runbooks(plan)
    roles = {role for person in plan.people.values() for role in person.roles}
    for risk, rule in plan.risks.items():
        for key, wanted in (("ask", rule.ask), ("approve", rule.approve)):
            for position, role in enumerate(wanted):
                yield ("risks", risk, key, position), "person with the role", role, roles
    if "break_glass" in plan.model_fields_set:
        for position, role in enumerate(plan.break_glass.roles):
            yield ("break_glass", "roles", position), "person with the role", role, roles
    if "review" in plan.report.model_fields_set:
        for position, role in enumerate(plan.report.review):
            yield ("report", "review", position), "person with the role", role, roles
    for number, freeze in enumerate(plan.freezes):
        for position, name in enumerate(freeze.environments):
            path: Path = ("freezes", number, "environments", position)
            yield path, "environment", name, plan.environments
    yield from _environments(plan)
    yield from _writers(plan)
    yield from _schedules(plan)
    yield from _outside(plan)


def _environments(plan: DrPlan) -> Iterator[tuple[Path, str, str, Collection[str]]]:
    for key, failover in plan.failover.items():
        if failover.environment:
            yield ("failover", key, "environment"), "environment", failover.environment, plan.environments
    if plan.report.errors:
        yield ("report", "environment"), "environment", plan.report.environment, plan.environments


def _outside(plan: DrPlan) -> Iterator[tuple[Path, str, str, Collection[str]]]:
    outside = plan.communication.outside
    for key, names in (("components", outside.components), ("called", outside.called)):
        for name in names:
            yield ("communication", "outside", key, name), "component", name, plan.components


def _schedules(plan: DrPlan) -> Iterator[tuple[Path, str, str, Collection[str]]]:
    for key, entry in plan.schedules.items():
        if entry.after:
            yield ("schedules", key, "after"), "schedule", entry.after, plan.schedules
        for param in ENVIRONMENT_PARAMS:
            if param in entry.params:
                path: Path = ("schedules", key, "params", param)
                yield path, "environment", entry.params[param], plan.environments


def _writers(plan: DrPlan) -> Iterator[tuple[Path, str, str, Collection[str]]]:
    """A writer that is misspelt would pass as stopped before a restore."""
    for key, environment in plan.environments.items():
        place = environment.services
        if place is not None and place.order:
            for position, name in enumerate(place.writers):
                yield ("environments", key, "services", "writers", position), "service", name, place.order


def _seats(plan: DrPlan) -> Iterator[tuple[Path, str, str, Collection[str]]]:
    for key, seat in plan.on_call.items():
        for name, person in (("primary", seat.primary), ("secondary", seat.secondary)):
            if person is not None:
                yield ("on_call", key, name), "person", person, plan.people
    if plan.document and plan.document.approved_by is not None:
        yield ("document", "approved_by"), "person", plan.document.approved_by, plan.people


def _runbooks(plan: DrPlan) -> Iterator[tuple[Path, str, str, Collection[str]]]:
    for key, runbook in plan.runbooks.items():
        top: Path = ("runbooks", key)
        if runbook.component:
            yield (*top, "component"), "component", runbook.component, plan.components
        for place, offer in runbook.offers():
            here: Path = (*top, *place)
            for position, name in enumerate(offer.environments):
                yield (*here, "environments", position), "environment", name, plan.environments
            for param in ENVIRONMENT_PARAMS:
                value = offer.params.get(param, HERE)
                if value != HERE:
                    yield (*here, "params", param), "environment", value, plan.environments
