"""The file a plan was read from: its text, and the line of every path in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top: `("people", "ana", "roles", 0)`."""


@dataclass(frozen=True)
class Source:
    """Lines count from 1; 0 is the file as a whole."""

    name: str = ""
    text: str = field(default="", repr=False)
    lines: Mapping[Path, int] = field(default_factory=dict, repr=False)

    def line(self, *path: str | int) -> int:
        """The line of this path, or of the nearest thing that holds it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0


def say_path(path: Path) -> str:
    """`people.ana.roles[0]`, as a person reads it; `the plan` for the top."""
    said = ""
    for part in path:
        said += f"[{part}]" if isinstance(part, int) else f"{'.' if said else ''}{part}"
    return said or "the plan"
