"""How long the draft of a report takes where a whole night was talked through, and what it holds."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.cases import Line
from tests.findings.test_large_channel import MESSAGES, long_channel

LIMIT_S = 3.0
LIMIT_MB = 200.0
# A process of its own: what it holds when idle, then its peak, the chart included.
_DRAFT = """
import json, sys, time
from pathlib import Path
from bot.findings import draft
from bot.report import render
from bot.report.chart import chart
from bot.findings.transcript import case_of, read_transcript

def peak_mb():
    # Not getrusage: its peak is that of whoever forked this process, too.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024

body = Path(sys.argv[1]).read_bytes()
idle = peak_mb()
began = time.process_time()
case = case_of(read_transcript(body))
report = draft(case)
render(report)
took = time.process_time() - began
held = peak_mb() - idle
began = time.process_time()
chart(case, report)
drawn = time.process_time() - began
print(json.dumps({"took_s": took, "held_mb": held, "chart_s": drawn, "with_chart_mb": peak_mb() - idle}))
"""


def reports(rounds: int) -> Iterator[Line]:
    """A channel of ten thousand messages: seconds of a process, megabytes above what it held when idle."""
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "channel.json"
        body.write_bytes(long_channel())
        measured = [_drafted(body) for _ in range(rounds)]
    took_s = statistics.median(one["took_s"] for one in measured)
    held_mb = max(one["with_chart_mb"] for one in measured)
    chart_s = statistics.median(one["chart_s"] for one in measured)
    yield Line(
        f"report of {MESSAGES:,} messages",
        {"note": f"{took_s:.2f} s, its chart {chart_s:.2f} s"},
        f"≤ {LIMIT_S:g} s",
        took_s <= LIMIT_S,
    )
    yield Line(
        "its memory above idle",
        {"peak MB": f"{held_mb:.0f}", "note": "with the chart"},
        f"≤ {LIMIT_MB:g} MB",
        held_mb <= LIMIT_MB,
    )


def _drafted(body: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _DRAFT, str(body)], check=True, capture_output=True, text=True, timeout=300
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
