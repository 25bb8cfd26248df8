"""Every action in this package, found by looking: adding one touches its own file and no list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import actions
from actions.plan import Action, AnyAction


@cache
def all_actions() -> Mapping[str, AnyAction]:
    """Name to action, sorted by name. Raises ValueError where two share a name."""
    found: dict[str, AnyAction] = {}
    for module_info in pkgutil.iter_modules(actions.__path__):
        if module_info.ispkg:
            continue
        module = importlib.import_module(f"actions.{module_info.name}")
        for value in vars(module).values():
            if isinstance(value, Action) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"two actions are named {value.name!r}")
    return dict(sorted(found.items()))
