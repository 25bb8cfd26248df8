"""How long the draft of a report takes where a whole night was talked through."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bot.report import render, report_from_transcript
from tests.bench.cases import Line
from tests.report.test_large_channel import MESSAGES, long_channel

LIMIT_S = 3.0


def reports(rounds: int) -> Iterator[Line]:
    """A channel of ten thousand messages, in seconds of this process."""
    body = long_channel()
    took_s = []
    for _ in range(rounds):
        began = time.process_time()
        render(report_from_transcript(body))
        took_s.append(time.process_time() - began)
    median_s = statistics.median(took_s)
    yield Line(
        f"report of {MESSAGES:,} messages",
        {"note": f"{median_s:.2f} s"},
        f"≤ {LIMIT_S:g} s",
        median_s <= LIMIT_S,
    )
