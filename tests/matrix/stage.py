"""What the kill and fault matrices ask of each action: a small real world with something for it to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from actions.plan import Fault

Inject: TypeAlias = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Stage:
    """One action's world, ready for one run.

    `params` are what a person would type after `run ACTION`. `environments` is the plan's section of that
    name (as YAML would give it), `plan` any other sections of the file that the action reads (`failover`,
    `schedules`) and `variables` the bot's environment: with these, another process builds the same toolbox.
    `effects` counts how often the action has taken effect since the stage was set (0 untouched,
    1 done, 2 done twice, which is a fault); an action that only looks says 0. `worse` says in a sentence how
    the service is worse off than before the run, '' where it is not. `faults` makes each fault happen for as
    long as the block lasts; a fault without an entry cannot be made for this action.
    """

    params: Mapping[str, str]
    environments: Mapping[str, object]
    variables: Mapping[str, str]
    effects: Callable[[], int]
    worse: Callable[[], str]
    faults: Mapping[Fault, Inject] = field(default_factory=dict)
    plan: Mapping[str, object] = field(default_factory=dict)

    @property
    def sections(self) -> Mapping[str, object]:
        """The plan file of this world, section by section."""
        return {**self.plan, "environments": self.environments}


class Servers(Protocol):
    """The real servers that stages share, each started when first asked for and ended with the session."""

    def keep(self, name: str, start: Callable[[], AbstractContextManager[object]]) -> object:
        """Enter `start` once for this name, and return what it gave, then and ever after."""
        ...


Rig: TypeAlias = Callable[[Servers], AbstractContextManager[Stage]]
"""Sets the stage for one action: a fresh world each time, the servers shared.

A module in `tests/matrix/rigs/` names its rigs in `RIGS: Mapping[str, Rig]`, by action.
"""

__all__ = ["Fault", "Inject", "Rig", "Servers", "Stage"]
