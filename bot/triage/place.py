"""Where an alert belongs in the plan: its component with its priority, its environment with its ceiling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from bot.domain.matcher import Matcher, all_match
from bot.domain.severity import Severity
from bot.plan.models import PLAN_COMPONENT, PLAN_ENVIRONMENT, DrPlan, Override
from bot.triage.vocabulary import Priority

PLACES_KEPT = 2_048
LABEL_CHARACTERS = 500
"""Longest part of a label that the plan's matchers see: an expression of the plan meets no 100 kB value."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class ComponentPlace:
    """The plan's component (empty: unknown), its priority, and the sentence that says why."""

    name: str
    priority: Priority
    line: str


@dataclass(frozen=True)
class EnvironmentPlace:
    """The plan's environment (empty: unknown), whom it serves, its ceiling, and why it is this one."""

    name: str
    customers: bool
    ceiling: Severity | None
    line: str


# Which part an alert is about does not hang on the numbers it carries: a storm differs in nothing else.
_DIGITS = re.compile(r"\d+")


class Placer:
    """Finds an alert's place by the plan's matchers and words. Each answer is remembered by the labels
    that its matchers read."""

    def __init__(self, plan: DrPlan, unknown_priority: Priority) -> None:
        self._plan = plan
        self._unknown_priority = unknown_priority
        components = [part.match for part in plan.components.values()]
        environments = [line for part in plan.environments.values() for line in (part.match, *part.also)]
        self._by_labels = _Remembered(components, lambda labels: self._component(labels, ""), PLAN_COMPONENT)
        self._by_words = lru_cache(maxsize=PLACES_KEPT)(lambda text: self._component({}, text))
        self._environments = _Remembered(environments, self._environment, PLAN_ENVIRONMENT)
        self._overrides = _Remembered([part.match for part in plan.overrides], self._override)

    def component(self, labels: Mapping[str, str], text: str) -> ComponentPlace:
        """The component by labels, or by the words of `text` where no label names one."""
        place = self._by_labels.find(labels)
        return place if place.name else self._by_words(_DIGITS.sub("0", text))

    def environment(self, labels: Mapping[str, str]) -> EnvironmentPlace:
        """The environment, or the one that serves customers where no label says."""
        return self._environments.find(labels)

    def override(self, labels: Mapping[str, str]) -> Override | None:
        """The plan's first rule that decides the severity of these labels."""
        return self._overrides.find(labels)

    def _component(self, labels: Mapping[str, str], text: str) -> ComponentPlace:
        name, because = self._plan.component_of(labels, text)
        if name is None:
            priority = self._unknown_priority
            return ComponentPlace("", priority, f"Component unknown, taken as {priority} priority: {because}")
        part = self._plan.components[name]
        line = f"Component {name} ({part.title}), {part.priority} priority: {because}"
        return ComponentPlace(name, part.priority, line)

    def _environment(self, labels: Mapping[str, str]) -> EnvironmentPlace:
        name, because = self._plan.environment_of(labels)
        part = self._plan.environments.get(name)
        if part is None:
            line = f"Environment unknown, taken as one with customers: {because}"
            return EnvironmentPlace("", True, None, line)
        line = f"Environment {name}, {'with' if part.customers else 'without'} customers"
        if part.ceiling is not None:
            line += f", never above {part.ceiling.value}"
        return EnvironmentPlace(name, part.customers, part.ceiling, f"{line}: {because}")

    def _override(self, labels: Mapping[str, str]) -> Override | None:
        return next((o for o in self._plan.overrides if o.match and all_match(o.match, labels)), None)


class _Remembered(Generic[Found]):
    """A search by labels, remembered by the (bounded) values of the labels that its matchers read, and of
    those that the search reads `beside` them."""

    def __init__(
        self,
        lines: Iterable[Iterable[Matcher]],
        search: Callable[[Mapping[str, str]], Found],
        *beside: str,
    ) -> None:
        self._read = tuple(sorted({*beside, *(matcher.label for line in lines for matcher in line)}))
        self._search = search
        self._remembered = lru_cache(maxsize=PLACES_KEPT)(self._find)

    def find(self, labels: Mapping[str, str]) -> Found:
        return self._remembered(*[str(labels.get(label, ""))[:LABEL_CHARACTERS] for label in self._read])

    def _find(self, *values: str) -> Found:
        return self._search({label: value for label, value in zip(self._read, values, strict=True) if value})
