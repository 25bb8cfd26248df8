"""How long a run will take, from how long runs like it took. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

ALIKE = 10.0
"""Runs of more than ten times the amount, or less than a tenth, say nothing of this one."""


@dataclass(frozen=True)
class Took:
    """A past run: how long, for what amount (see Plan.amount), and whether it was on the same target."""

    seconds: float
    amount: float
    same_target: bool = False


@dataclass(frozen=True)
class Forecast:
    """`seconds` is the median of `runs` past runs, scaled to the amount; `longest_s` the slowest of them."""

    seconds: float
    longest_s: float
    runs: int


def forecast(past: Sequence[Took], amount: float) -> Forecast | None:
    """From the runs on the same target where there are any, else from those elsewhere; None without any."""
    alike = [one for one in past if amount > 0 and one.amount > 0 and _alike(one.amount, amount)]
    here = [one for one in alike if one.same_target] or alike
    if not here:
        return None
    scaled = [one.seconds * amount / one.amount for one in here]
    return Forecast(round(median(scaled), 1), round(max(scaled), 1), len(scaled))


def _alike(one: float, other: float) -> bool:
    return max(one, other) <= ALIKE * min(one, other)
