"""Reads the plan file: every fault at once, each with its line, or a plan that can be relied on."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from bot.plan.models import DrPlan
from bot.plan.references import broken_references
from bot.plan.sentences import fault_of
from bot.plan.source import Source
from bot.plan.yaml_tree import Fault, grow

LARGEST_BYTES = 1_000_000
SHOWN = 100
MOST = 1_000  # of a file that is no plan at all, the rest says nothing new

__all__ = ["Fault", "PlanFaults", "load_plan", "read_plan"]


class PlanFaults(Exception):
    """The plan cannot be used. `faults` has every fault, by line; the message says them all.

    Nothing was started with it: correct the file and try again.
    """

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.name = name
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.path)))
        super().__init__(self._said())

    def _said(self) -> str:
        count = len(self.faults)
        head = f"{self.name} has {count} fault{'' if count == 1 else 's'}:"
        lines = [
            f"  {f'line {fault.line}' if fault.line else 'file'}: {fault.path}: {fault.message}"
            for fault in self.faults[:SHOWN]
        ]
        more = [f"  and {count - SHOWN} more"] if count > SHOWN else []
        return "\n".join([head, *lines, *more])


def load_plan(path: Path | str) -> DrPlan:
    """Read and check the plan file. Raises PlanFaults, also where the file cannot be read."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        said = f"it cannot be read ({error.strerror or error}): say where the plan is with DR_PLAN"
        raise PlanFaults(path.name, [Fault(0, "the plan", said)]) from error
    if len(body) > LARGEST_BYTES:
        said = f"it is larger than {LARGEST_BYTES:,} bytes: a plan is a text that people read"
        raise PlanFaults(path.name, [Fault(0, "the plan", said)])
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise PlanFaults(path.name, [Fault(line, "the plan", "it is not UTF-8: save it as UTF-8")]) from error
    return read_plan(text, path.name)


def read_plan(text: str, name: str = "the plan") -> DrPlan:
    """Read a plan from text. Raises PlanFaults and nothing else, whatever the text holds."""
    grown = grow(text)
    source = Source(name, text, grown.lines)
    faults = list(grown.faults)
    if grown.tree is None and not faults:
        faults.append(Fault(0, "the plan", "it is empty"))
    if faults and not isinstance(grown.tree, dict):
        raise PlanFaults(name, faults)
    if not isinstance(grown.tree, dict):
        raise PlanFaults(name, [Fault(1, "the plan", "it must be “key: value” lines, as in `people:`")])
    try:
        plan = DrPlan.model_validate(grown.tree).read_from(source)
    except ValidationError as error:
        found = [
            fault_of(one, DrPlan, source)
            for one in error.errors()[:MOST]
            if not (grown.broken and one["type"] == "missing")  # it may stand in what could not be read
        ]
        raise PlanFaults(name, faults + found) from error
    faults += broken_references(plan, source)
    if faults:
        raise PlanFaults(name, faults)
    return plan
