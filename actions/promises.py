"""What an action promises beyond its plan: its permissions in AWS, and its end when a fault strikes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias


class Fault(Enum):
    """What can go wrong around an action; the fault matrix makes each of them happen."""

    GONE = "the engine does not answer"
    TIMEOUT = "the engine answers too late"
    DENIED = "permission denied"
    VANISHED = "the target is gone"
    CHANGED = "the target changed since the plan was shown"
    UNHEALTHY = "the health check never passes"
    PARTIAL = "replica 2 of 3 fails"


When: TypeAlias = Literal["before", "during"]
State: TypeAlias = Literal["refused", "failed", "undone", "stopped", "verified"]


@dataclass(frozen=True)
class Ending:
    """How a run ends when a fault strikes, as a person reads it in the catalogue.

    `before`: between the approval and the first guard, so nothing may have changed. `during`: once the
    first step has begun. `state` is the run's last state, `then` one sentence of what is left.
    """

    fault: Fault
    when: When
    state: State
    then: str


@dataclass(frozen=True)
class Statement:
    """One IAM statement: what AWS must allow; `{bucket}` and the like in an ARN stand for the plan's."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
