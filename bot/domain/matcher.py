"""Alertmanager's matcher syntax: `env="production"`, `job=~"api|web"`, `severity!="info"`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

_FORM = re.compile(r"^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(\"(?:[^\"\\]|\\.)*\"|[^\"\s,{}]*)\s*$")


@dataclass(frozen=True)
class Matcher:
    """One condition on one label. A missing label counts as empty; expressions match the whole value."""

    label: str
    operator: str
    value: str
    written: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> Matcher:
        """Read one matcher. Raises ValueError naming the text and the form expected."""
        found = _FORM.match(text)
        if found is None:
            raise ValueError(f'{text!r} is not a matcher: write label="value", or with =~ != !~')
        label, operator, value = found.groups()
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1" if operator in ("=", "!=") else r"\\\1", value[1:-1])
        matcher = cls(label, operator, value, text.strip())
        if "~" in operator:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"{text!r} holds a broken expression: {error}") from error
        return matcher

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(f"^(?:{self.value})$")

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels satisfy this condition."""
        value = labels.get(self.label, "")
        if self.operator == "=":
            return value == self.value
        if self.operator == "!=":
            return value != self.value
        hit = self._expression.match(value) is not None
        return hit if self.operator == "=~" else not hit

    def __str__(self) -> str:
        return self.written or f'{self.label}{self.operator}"{self.value}"'


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether every condition holds (no conditions: true)."""
    return all(matcher.matches(labels) for matcher in matchers)
