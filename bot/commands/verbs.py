"""The verbs, found by looking at this package: adding one touches its own file and no list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import bot.commands
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.domain.answer import Answer

ANY = ("*",)
"""The options of a verb that hands them to an action, which refuses what it does not know by itself."""

Do = Callable[[Desk, Said], Answer]


@dataclass(frozen=True)
class Verb:
    """One verb. `usage` is a line as people write it; the docstring of `do` is its help.

    What the usage does not name is refused, but for the options in `also`: those that buttons and forms say.
    """

    name: str
    usage: str
    do: Do
    strangers: bool = False
    also: tuple[str, ...] = ()

    @property
    def help(self) -> str:
        return " ".join((self.do.__doc__ or "").split())


def verb(
    name: str, usage: str = "", strangers: bool = False, also: tuple[str, ...] = ()
) -> Callable[[Do], Do]:
    """Make a function a verb. `strangers` are people whom the plan does not name; they may only look."""

    def mark(do: Do) -> Do:
        do.__verb__ = Verb(name, usage or name, do, strangers, also)  # type: ignore[attr-defined]
        return do

    return mark


@cache
def all_verbs() -> Mapping[str, Verb]:
    """Name to verb, in the order of the files and of their lines."""
    found: dict[str, Verb] = {}
    for module_info in pkgutil.iter_modules(bot.commands.__path__):
        module = importlib.import_module(f"bot.commands.{module_info.name}")
        for value in vars(module).values():
            mark = getattr(value, "__verb__", None)
            if isinstance(mark, Verb) and found.setdefault(mark.name, mark) is not mark:
                raise ValueError(f"two verbs are named {mark.name!r}")
    return found
