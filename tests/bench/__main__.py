"""The table of numbers: `python -m tests.bench [--against small|serve] [--rounds 3] [--only "intake 1x64"]`.

Exit 1 where a number to reach is missed. Ratios travel between machines; absolute figures do not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.cases import Bench, Line
from tests.bench.live import live
from tests.bench.overhead import overhead
from tests.bench.point_in_time import to_a_time
from tests.bench.recovery import recovery
from tests.bench.reports import reports

COLUMNS = ("alerts/s", "p50 ms", "p99 ms", "of raw", "raw rows/s", "peak MB", "note")


def lines(bench: Bench, only: str) -> Iterator[Line]:
    """Everything that is measured, whose name holds `only`."""
    yield from bench.intake(only)
    if only in "storm":
        yield from bench.storm()
    if only in "overhead of a run":
        yield from overhead(bench.directory)
    if only in "report":
        yield from reports(bench.rounds)
    if bench.kind == "serve":
        yield from live(bench.directory, only)
    if only in "recovery of a gigabyte":
        yield from recovery(bench.directory, bench.rounds)
    if only in "recovery to a point in time":
        yield from to_a_time(bench.directory, bench.rounds)


def main() -> int:
    said = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    said.add_argument("--against", choices=("small", "serve"), default="serve")
    said.add_argument("--rounds", type=int, default=3)
    said.add_argument("--only", default="")
    chosen = said.parse_args()
    console = Console(width=150, highlight=False)
    table = Table(title=f"drbot, {chosen.against}, medians of {chosen.rounds} rounds, loopback")
    for column in ("what", *COLUMNS, "reach", ""):
        table.add_column(column, justify="left" if column in ("what", "note", "reach") else "right")
    missed = 0
    with tempfile.TemporaryDirectory(prefix="drbot-bench-") as directory:
        Path(directory).chmod(0o755)
        bench = Bench(chosen.against, chosen.rounds, Path(directory))
        for line in lines(bench, chosen.only):
            mark = {True: "reached", False: "MISSED", None: ""}[line.reached]
            missed += line.reached is False
            table.add_row(line.what, *(line.values.get(name, "") for name in COLUMNS), line.reach, mark)
            sys.stderr.write(f"{line.what}: {line.values} {mark}\n")
    console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
