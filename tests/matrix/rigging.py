"""The rigs that the rooms made, and the servers that they share."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from types import TracebackType

import tests.matrix.rigs
from tests.matrix.stage import Rig


@cache
def all_rigs() -> Mapping[str, Rig]:
    """Action to rig, found by looking into `tests/matrix/rigs`. Raises ValueError where two claim one."""
    found: dict[str, Rig] = {}
    for module_info in pkgutil.iter_modules(tests.matrix.rigs.__path__):
        module = importlib.import_module(f"tests.matrix.rigs.{module_info.name}")
        for name, rig in getattr(module, "RIGS", {}).items():
            if name in found:
                raise ValueError(f"two rigs are for {name}: the second is in {module.__name__}")
            found[name] = rig
    return found


def missing(action: str) -> str:
    """What to do about an action without a rig."""
    return (
        f"{action} has no rig: add one to a module in tests/matrix/rigs (`RIGS`, see tests/matrix/stage.py),"
        " so that it is killed and struck by faults"
    )


class KeptServers:
    """See tests.matrix.stage.Servers; used as a `with` block, it ends them all."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._kept: dict[str, object] = {}

    def keep(self, name: str, start: Callable[[], AbstractContextManager[object]]) -> object:
        if name not in self._kept:
            self._kept[name] = self._stack.enter_context(start())
        return self._kept[name]

    def __enter__(self) -> KeptServers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
