"""What the matrices print at the end: rows travel with the tests' reports, from every worker."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

import pytest

from tests.matrix.verdict import Case

PROPERTY = "matrix"


def keep(record: pytest.Item, matrix: str, action: str, cases: Sequence[Case]) -> None:
    """Let the cases travel with the test's report."""
    row = {"matrix": matrix, "action": action, "cases": [asdict(case) for case in cases]}
    record.user_properties.append((PROPERTY, json.dumps(row)))


def found(reports: Iterable[pytest.TestReport]) -> dict[str, dict[str, list[Case]]]:
    """Matrix to action to cases."""
    tables: dict[str, dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == PROPERTY:
                row = json.loads(str(value))
                tables[row["matrix"]][row["action"]] += [Case(**case) for case in row["cases"]]
    return tables


def lines(cases_of: dict[str, list[Case]]) -> Iterator[str]:
    """The table of one matrix, and under it what is worth a sentence."""
    width = max(map(len, cases_of))
    yield f"{'action':{width}}  cases  doubled  locks  wrong  slowest  ended"
    for action, cases in sorted(cases_of.items()):
        yield f"{action:{width}}  {_numbers(cases)}"
    everything = [case for cases in cases_of.values() for case in cases]
    yield f"{'all':{width}}  {_numbers(everything)}"
    yield f"{sum(case.took_s for case in everything):.0f} s in all workers together"
    for action, cases in sorted(cases_of.items()):
        yield from sorted({f"  {action}: {case.note}"[:300] for case in cases if case.note})


def _numbers(cases: Sequence[Case]) -> str:
    ended = ", ".join(
        f"{state} {count}" for state, count in Counter(case.state for case in cases).most_common()
    )
    doubled = sum(case.effects > 1 for case in cases)
    locks = sum(case.locks for case in cases)
    wrong = sum(bool(case.wrong) for case in cases)
    slowest = max((case.took_s for case in cases), default=0.0)
    return f"{len(cases):5}  {doubled:7}  {locks:5}  {wrong:5}  {slowest:5.1f} s  {ended}"
