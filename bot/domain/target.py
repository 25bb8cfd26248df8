"""Targets: `environment/component`, the thing that one run at a time may change."""

from __future__ import annotations

EVERYTHING = "*"


def overlap(one: str, other: str) -> bool:
    """Whether two targets share something: `production/*` overlaps every target of production."""
    place, _, what = one.partition("/")
    same, _, held = other.partition("/")
    return one == other or (place == same and EVERYTHING in (what, held))
