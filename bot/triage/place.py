"""Where an alert belongs in the plan: its component with its priority, its environment with its ceiling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.matcher import all_match
from bot.domain.severity import Severity
from bot.plan.models import DrPlan, Override
from bot.triage.vocabulary import Priority

PLACES_KEPT = 4_096
LABEL_CHARACTERS = 500
"""Longest part of a label that the plan's matchers see: an expression of the plan meets no 100 kB value."""


@dataclass(frozen=True)
class Place:
    """Component and environment (plan ids, empty: unknown) with what severity needs of them, and the
    plan's override where one holds."""

    component: str
    priority: Priority
    component_line: str
    environment: str
    customers: bool
    ceiling: Severity | None
    environment_line: str
    override: Override | None


class Placer:
    """Finds the place by the plan's matchers and words; remembers it by the labels that those read."""

    def __init__(self, plan: DrPlan, unknown_priority: Priority) -> None:
        self._plan = plan
        self._unknown_priority = unknown_priority
        self._labels = _labels_read(plan)
        self._by_labels = lru_cache(maxsize=PLACES_KEPT)(self._component_by_labels)
        self._by_all = lru_cache(maxsize=PLACES_KEPT)(self._place)

    def place(self, labels: Mapping[str, str], text: str) -> Place:
        """The alert's place by its labels; by the words of `text` where no label names a component."""
        values = tuple(str(labels.get(label, ""))[:LABEL_CHARACTERS] for label in self._labels)
        return self._by_all(values, "" if self._by_labels(values) else text)

    def _component_by_labels(self, values: tuple[str, ...]) -> str:
        return self._plan.component_of(dict(zip(self._labels, values, strict=True)))[0] or ""

    def _place(self, values: tuple[str, ...], text: str) -> Place:
        labels = {label: value for label, value in zip(self._labels, values, strict=True) if value}
        component, priority, component_line = self._component(labels, text)
        environment, customers, ceiling, environment_line = self._environment(labels)
        override = next((o for o in self._plan.overrides if o.match and all_match(o.match, labels)), None)
        return Place(
            component, priority, component_line, environment, customers, ceiling, environment_line, override
        )

    def _component(self, labels: Mapping[str, str], text: str) -> tuple[str, Priority, str]:
        name, because = self._plan.component_of(labels, text)
        if name is None:
            priority = self._unknown_priority
            return "", priority, f"Component unknown, taken as {priority} priority: {because}"
        part = self._plan.components[name]
        return name, part.priority, f"Component {name} ({part.title}), {part.priority} priority: {because}"

    def _environment(self, labels: Mapping[str, str]) -> tuple[str, bool, Severity | None, str]:
        name, because = self._plan.environment_of(labels)
        part = self._plan.environments.get(name)
        if part is None:
            return "", True, None, f"Environment unknown, taken as one with customers: {because}"
        line = f"Environment {name}, {'with' if part.customers else 'without'} customers"
        if part.ceiling is not None:
            line += f", never above {part.ceiling.value}"
        return name, part.customers, part.ceiling, f"{line}: {because}"


def _labels_read(plan: DrPlan) -> tuple[str, ...]:
    lines = [
        *(line for part in plan.environments.values() for line in (part.match, *part.also)),
        *(part.match for part in plan.components.values()),
        *(override.match for override in plan.overrides),
    ]
    return tuple(sorted({matcher.label for line in lines for matcher in line}))
