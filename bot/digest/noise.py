"""The noisiest alerts of a period, and what their own rows say could be done about each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from bot.digest.facts import Facts, Firing
from bot.domain.severity import Severity

SHOWN = 5
NOISY_FROM = 3
TRUSTED_FROM = 5
"""Fewer firings say nothing about the next ones."""
MOSTLY = 0.8
SHORT_S = 15 * 60.0


@dataclass(frozen=True)
class Noise:
    """One alert. Lengths are of the firings that have ended, as drbot was told, None where none has.

    `by_itself` firings ended in incidents in which nobody did anything. `after` is the alert that nearly
    always fired first in the same incidents, '' for none. `heeded`: it was once part of a SEV-1 or SEV-2
    that somebody acted upon, so that nothing may hide it.
    """

    name: str
    fired: int
    incidents: int
    ended: int
    by_itself: int
    touched: int
    median_s: float | None
    most_s: float | None
    severity: Severity
    after: str = ""
    heeded: bool = False

    @property
    def settles(self) -> bool:
        """Whether it nearly always ended without anybody, often enough to say so."""
        return self.fired >= TRUSTED_FROM and self.by_itself >= MOSTLY * self.fired

    @property
    def is_short(self) -> bool:
        """Whether nine of ten firings were over soon."""
        return self.most_s is not None and self.most_s <= SHORT_S


def noisiest(facts: Facts) -> tuple[Noise, ...]:
    """The alerts that fired most, from three firings on, at most five."""
    by_name: dict[str, list[Firing]] = defaultdict(list)
    first: dict[int, dict[str, Firing]] = defaultdict(dict)
    for one in facts.firings:
        by_name[one.name].append(one)
        known = first[one.incident].get(one.name)
        if known is None or one.at < known.at:
            first[one.incident][one.name] = one
    noisy = [name for name in by_name if len(by_name[name]) >= NOISY_FROM]
    noisy.sort(key=lambda name: (-len(by_name[name]), name))
    return tuple(_noise(name, by_name[name], first, facts) for name in noisy[:SHOWN])


def _noise(
    name: str, firings: Sequence[Firing], first: Mapping[int, Mapping[str, Firing]], facts: Facts
) -> Noise:
    incidents = {one.incident for one in firings}
    lengths = [length for one in firings if (length := one.length_s) is not None]
    return Noise(
        name=name,
        fired=len(firings),
        incidents=len(incidents),
        ended=len(lengths),
        by_itself=sum(1 for one in firings if one.ended_at and one.incident not in facts.touched),
        touched=len(incidents & facts.touched),
        median_s=median(lengths) if lengths else None,
        most_s=_nine_of_ten(lengths),
        severity=min((one.severity for one in firings), key=lambda one: one.rank),
        after=_always_after(name, [first[number] for number in incidents]),
        heeded=name in facts.heeded,
    )


def _nine_of_ten(lengths: Sequence[float]) -> float | None:
    """How long the shortest nine of ten took at most."""
    if len(lengths) < TRUSTED_FROM:
        return max(lengths, default=None)
    return quantiles(lengths, n=10, method="inclusive")[-1]


def _always_after(name: str, incidents: Sequence[Mapping[str, Firing]]) -> str:
    """The alert that fired before this one, or with it and graver, in nearly all of its incidents."""
    if len(incidents) < TRUSTED_FROM:
        return ""
    counts: dict[str, int] = defaultdict(int)
    for firings in incidents:
        own = firings[name]
        for other, one in firings.items():
            if other != name and (one.at, one.severity.rank) < (own.at, own.severity.rank):
                counts[other] += 1
    most = max(counts, key=lambda other: (counts[other], other), default="")
    return most if most and counts[most] >= MOSTLY * len(incidents) else ""
