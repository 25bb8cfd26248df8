"""Every action in this package, found by looking: adding one touches its own file and no list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

import actions
from actions.plan import Action, AnyAction


@cache
def all_actions() -> Mapping[str, AnyAction]:
    """Name to action, sorted by name. Raises ValueError where two share a name."""
    found: dict[str, AnyAction] = {}
    for room in _rooms():
        module = importlib.import_module(room)
        for value in vars(module).values():
            if isinstance(value, Action) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"two actions are named {value.name!r}")
    return dict(sorted(found.items()))


def _rooms() -> Iterator[str]:
    """The modules of this package and of its rooms; the tools hold none."""
    for found in pkgutil.walk_packages(actions.__path__, "actions."):
        if not found.ispkg and not found.name.startswith("actions.tools."):
            yield found.name
