"""What is measured, in which order, against which number to reach."""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.app import TOKEN
from tests.bench.load import Job, Result
from tests.bench.raw import raw_rate
from tests.bench.served import ROOT, Served, served

STORM_ALERTS, STORM_GROUPS = 10_000, 200
_WEBHOOKS = {
    1: {1: 1_500, 16: 8_000, 64: 10_000},
    10: {1: 500, 16: 2_000, 64: 2_000},
    100: {1: 60, 16: 300, 64: 300},
}
_stems = itertools.count()


@dataclass(frozen=True)
class Line:
    """One row of the table: what, its numbers by column, and the numbers to reach that it is judged by."""

    what: str
    values: dict[str, str]
    reach: str = ""
    reached: bool | None = None


@dataclass(frozen=True)
class Bench:
    """How to measure: which server, how often, in which directory."""

    kind: str
    rounds: int
    directory: Path

    def intake(self, only: str = "") -> Iterator[Line]:
        """Unique alerts, 1, 10 and 100 a webhook, over 1, 16 and 64 connections (`intake 100x16`)."""
        for alerts, by_connections in _WEBHOOKS.items():
            for connections, webhooks in by_connections.items():
                if only in f"intake {alerts}x{connections}":
                    yield self._case(alerts, connections, webhooks)

    def storm(self) -> Iterator[Line]:
        """10,000 alerts in 200 groups, a webhook a group, on a server that was idle."""
        results: list[tuple[Result, int, float]] = []
        for _ in range(self.rounds):
            with served(self.kind, self.directory) as server:
                result = load(server, STORM_GROUPS, STORM_ALERTS // STORM_GROUPS, 16, groups=STORM_GROUPS)
                stored = int(server.read("SELECT COUNT(*) FROM alerts")[0][0])
                results.append((result, stored, server.peak_mb()))
        accepted_s = statistics.median(result.elapsed_s for result, _, _ in results)
        lost = max(STORM_ALERTS - stored for _, stored, _ in results)
        peak_mb = max(peak for _, _, peak in results)
        yield Line(
            "storm: 10,000 alerts, 200 groups",
            {
                "alerts/s": f"{STORM_ALERTS / accepted_s:,.0f}",
                "p99 ms": f"{statistics.median(result.p99_ms for result, _, _ in results):.1f}",
                "note": f"accepted in {accepted_s:.2f} s, lost {lost}, peak {peak_mb:.0f} MB",
            },
            "≤ 2 s, 0 lost, ≤ 200 MB",
            accepted_s <= 2 and lost == 0 and peak_mb <= 200,
        )

    def _case(self, alerts: int, connections: int, webhooks: int) -> Line:
        rates, p50, p99, ratios, raws, peaks = [], [], [], [], [], []
        for _ in range(self.rounds):
            before = raw_rate(self.directory, f"{next(_stems)}")
            with served(self.kind, self.directory) as server:
                load(server, 50, 1, connections)
                result = load(server, webhooks, alerts, connections)
                peaks.append(server.peak_mb())
            raw = (before + raw_rate(self.directory, f"{next(_stems)}")) / 2
            rate = result.alerts / result.elapsed_s
            rates.append(rate)
            raws.append(raw)
            ratios.append(rate / raw)
            p50.append(result.p50_ms)
            p99.append(result.p99_ms)
        median = statistics.median
        reach, reached = _judged(alerts, connections, median(rates), median(p99), median(ratios))
        return Line(
            f"{alerts} a webhook, {connections} connections",
            {
                "alerts/s": f"{median(rates):,.0f}",
                "p50 ms": f"{median(p50):.1f}",
                "p99 ms": f"{median(p99):.1f}",
                "of raw": f"{median(ratios):.0%}",
                "raw rows/s": f"{median(raws):,.0f}",
                "peak MB": f"{max(peaks):.0f}",
            },
            reach,
            reached,
        )


def load(server: Served, webhooks: int, alerts: int, connections: int, groups: int = 0) -> Result:
    """Post from a process of its own; what it measured. No alert was ever sent before."""
    stem = f"{next(_stems)}-{time.time_ns()}"
    job = Job(server.port, TOKEN, webhooks, alerts, connections, stem, groups)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT,
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load failed: {done.stderr.strip()[-500:]}")
    return Result(**json.loads(done.stdout))


def _judged(
    alerts: int, connections: int, rate: float, p99_ms: float, ratio: float
) -> tuple[str, bool | None]:
    if (alerts, connections) == (100, 16):
        return "≥ 25,000/s, ≥ 40 % of raw", rate >= 25_000 and ratio >= 0.4
    if (alerts, connections) == (1, 64):
        return "≥ 5,000/s, p99 ≤ 50 ms", rate >= 5_000 and p99_ms <= 50
    return "", None
