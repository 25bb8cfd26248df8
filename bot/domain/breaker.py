"""The circuit breaker of a target: what failed three times in a row is not tried a fourth time by habit.

It opens by itself and is closed by a person. Looks and undos pass it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.restraint import Block, Subject
from bot.domain.target import overlap

CLOSERS = ("approver", "on-call")
"""The roles whose people close a breaker."""


@dataclass(frozen=True)
class BreakerRule:
    """So many failures one after the other, the last within `within_s` of the first, open it."""

    failures: int = 3
    within_s: float = 3600.0


@dataclass(frozen=True)
class Ended:
    """The end of a run that set out to change a target: `held` where it ended verified."""

    ref: str
    held: bool
    state: str
    at: datetime


@dataclass(frozen=True)
class Breaker:
    """An open breaker: its target, since when (ISO 8601 UTC), and the runs that opened it."""

    target: str
    opened_at: str
    runs: tuple[str, ...]


def opening(rule: BreakerRule, newest_first: Sequence[Ended]) -> tuple[Ended, ...]:
    """The failures that open the breaker, oldest first; none where it stays closed.

    `newest_first` are the target's ends since the breaker was last closed, as many as the rule counts.
    """
    last = newest_first[: rule.failures]
    if len(last) < rule.failures or any(one.held for one in last):
        return ()
    if last[0].at - last[-1].at > timedelta(seconds=rule.within_s):
        return ()
    return tuple(reversed(last))


def interrupted(breakers: Sequence[Breaker], subject: Subject, who_closes: str) -> Block | None:
    """The open breaker that stands in the way. `who_closes` are people by name."""
    met = [one for one in breakers if overlap(one.target, subject.target)]
    if not met:
        return None
    one = met[0]
    return Block(
        "breaker",
        f"the circuit breaker of {one.target} is open since {one.opened_at[:19].replace('T', ' ')} UTC:"
        f" {' and '.join(one.runs)} ended badly one after the other. Looks and undos still pass. Find out why"
        f" first; then {who_closes} can say `breaker close {one.target} WHY IT IS SAFE NOW`.",
    )
