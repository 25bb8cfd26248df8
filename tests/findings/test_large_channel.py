"""A channel of 10,000 messages is drafted within its limits; how fast, the bench tells."""

from __future__ import annotations

import json
import random
from pathlib import Path

from bot.findings import report_from_transcript
from bot.report import render

DATA = Path(__file__).parents[1] / "data" / "transcripts"
MESSAGES = 10_000


def long_channel() -> bytes:
    """A real-looking channel filled up with words of its like, in another order."""
    whole = json.loads((DATA / "t6.json").read_text())
    texts = [
        one["text"]
        for name in ("t1", "t4", "t6")
        for one in json.loads((DATA / f"{name}.json").read_text())["messages"]
    ]
    order = random.Random(7)
    first = float(whole["messages"][0]["ts"])
    people = list(whole["users"])
    for number in range(MESSAGES - len(whole["messages"])):
        text = f"{order.choice(texts)} {number}"
        whole["messages"].append(
            {"ts": f"{first + 60 + number:.6f}", "user": order.choice(people), "text": text}
        )
    return json.dumps(whole).encode()


def test_ten_thousand_messages_become_a_report_somebody_can_read() -> None:
    report = report_from_transcript(long_channel())
    document = render(report)
    assert len(report.events) <= 240
    assert report.left_out > 9_000
    assert len(document) < 200_000
