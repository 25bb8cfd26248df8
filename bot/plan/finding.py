"""What a check of the plan finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.plan.models import DrPlan
from bot.plan.runbook import Instruction
from bot.plan.source import Path, Source, say_path

Level = Literal["fault", "warning"]


@dataclass(frozen=True)
class Finding:
    """`fault`: the plan must not be used so. `warning`: it promises what it cannot keep, or is unfinished.

    `line` counts from 1 (0: the plan as a whole, or made in code); `where` is the path as people read it.
    """

    level: Level
    line: int
    where: str
    message: str


@dataclass(frozen=True)
class Review:
    """A plan under review, with the lines of its file."""

    plan: DrPlan
    source: Source

    def fault(self, path: Path, message: str) -> Finding:
        return Finding("fault", self.source.line(*path), say_path(path), message)

    def warning(self, path: Path, message: str) -> Finding:
        return Finding("warning", self.source.line(*path), say_path(path), message)

    def instructions(self) -> Iterator[tuple[Path, Instruction]]:
        """Every command of the plan with its place, in the file's order where it has one."""
        found: list[tuple[Path, Instruction]] = [
            (("runbooks", key, "steps", number), step)
            for key, runbook in self.plan.runbooks.items()
            for number, step in enumerate(runbook.steps)
        ]
        if self.plan.testing:
            procedure = self.plan.testing.restore_procedure
            found += [(("testing", "restore_procedure", number), one) for number, one in enumerate(procedure)]
        found += [(("commands", number), one) for number, one in enumerate(self.plan.commands)]
        return iter(sorted(found, key=lambda one: self.source.line(*one[0])))
