"""What a digest is reckoned from: incidents, firings and presses of a period, as their rows have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.severity import Severity


@dataclass(frozen=True)
class Met:
    """An incident. `answered_at` is its acknowledgement, None where nobody gave one.

    `slowest_s` is the longest of its answers by the response clock, which begins anew when an incident
    reopens or gets graver; None where no clock measured one.
    """

    id: int
    title: str
    severity: Severity
    opened_at: datetime
    answered_at: datetime | None
    resolved_at: datetime | None
    slowest_s: float | None = None

    @property
    def ref(self) -> str:
        """`INC-7`, as people say it."""
        return f"INC-{self.id}"


@dataclass(frozen=True)
class Firing:
    """One firing of an alert, as drbot was told of it. `ended_at` is None while it goes on."""

    name: str
    incident: int
    severity: Severity
    at: datetime
    ended_at: datetime | None

    @property
    def length_s(self) -> float | None:
        """How long it fired."""
        return (self.ended_at - self.at).total_seconds() if self.ended_at else None


@dataclass(frozen=True)
class Pressed:
    """A run that a person asked for in an incident. `helped`: it held, and that was over soon."""

    action: str
    title: str
    verified: bool
    helped: bool


@dataclass(frozen=True)
class Facts:
    """`opened`, `resolved`: incidents of the period by what happened in it; `open_now` those that still are.

    `touched` are the incidents in which a person did anything; `heeded` the alerts that were ever part of a
    SEV-1 or SEV-2 in which somebody did. `left_out` is how many rows were too many to be read.
    """

    opened: tuple[Met, ...] = ()
    resolved: tuple[Met, ...] = ()
    open_now: int = 0
    opened_before: int = 0
    firings: tuple[Firing, ...] = ()
    touched: frozenset[int] = frozenset()
    heeded: frozenset[str] = frozenset()
    presses: tuple[Pressed, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Promises:
    """What the plan promises, in seconds: an answer by severity, and the mean time to recovery."""

    answer_s: Mapping[Severity, float]
    recovery_s: float | None = None
