"""The table of disasters: what can go wrong, what must be so, and whether its tests saw it so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

PROPERTY = "disaster"
TABLE = Path(__file__).parent / "data" / "disasters.yaml"


@dataclass(frozen=True)
class Disaster:
    """One row: a fault, and the safe behaviour."""

    number: int
    fault: str
    so: str


def all_disasters() -> dict[int, Disaster]:
    """Every row by its number."""
    rows = yaml.safe_load(TABLE.read_text())
    return {number: Disaster(number, row["fault"], row["so"]) for number, row in rows.items()}


def note(item: pytest.Item) -> None:
    """Let what a test proves travel with its report: numbers of rows of the table, or a row in words."""
    for mark in item.iter_markers("disaster"):
        if mark.args and isinstance(mark.args[0], str):
            item.user_properties.append((PROPERTY, " -> ".join(mark.args)))
            continue
        for number in mark.args:
            item.user_properties.append((PROPERTY, number))


def lines(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """A line for each disaster that was tested, with its verdict."""
    held: dict[str, list[bool]] = defaultdict(list)
    for report in reports:
        for name, number in getattr(report, "user_properties", ()):
            if name == PROPERTY:
                held[str(number)].append(report.passed)
    for number, disaster in all_disasters().items():
        if str(number) in held:
            yield _line(f"{number:2}", held.pop(str(number)), f"{disaster.fault} -> {disaster.so}")
    for words in sorted(held):
        yield _line(" ·", held[words], words)


def _line(number: str, proofs: list[bool], words: str) -> str:
    verdict = "as it must be" if all(proofs) else f"WRONG in {proofs.count(False)}"
    return f"{number}  {verdict:14} ({len(proofs)} tests)  {words}"
