"""Reading the engine's own JSON: a part that is not of the expected kind is an empty one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, cast

Json: TypeAlias = Mapping[str, object]
"""A part of the engine's JSON that is carried on and not read."""


def part(whole: Json, name: str) -> Json:
    """The object under a name."""
    found = whole.get(name)
    return cast(Json, found) if isinstance(found, Mapping) else {}


def parts(found: object) -> list[Json]:
    """The objects of a list."""
    return [cast(Json, one) for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def words(found: object) -> list[str]:
    """A list's items as text."""
    return [str(one) for one in found] if isinstance(found, list) else []
