"""Who is asking: a person of the plan, or a stranger, as every face identifies them."""

from __future__ import annotations

from dataclasses import dataclass

DRBOT = "drbot"
"""The bot itself, where it asks on nobody's behalf: it may only look."""


@dataclass(frozen=True)
class Person:
    """A person of the plan. `id` is their short name in the plan; `roles` are the plan's words.

    `known` is false for somebody whom the plan does not name: they may read nothing that needs a
    person and press nothing, and are told whom to ask.
    """

    id: str
    name: str
    roles: frozenset[str] = frozenset()
    slack_id: str = ""
    known: bool = True

    @property
    def is_the_bot(self) -> bool:
        return self.known and self.id == DRBOT

    def has(self, role: str) -> bool:
        return role in self.roles
