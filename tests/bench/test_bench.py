"""The bench measures what it says: every alert it counts is stored, and the yardstick measures something."""

from __future__ import annotations

from pathlib import Path

from tests.bench.cases import load
from tests.bench.raw import raw_rate
from tests.bench.served import served


def test_every_alert_that_is_counted_is_stored(tmp_path: Path) -> None:
    with served("small", tmp_path) as server:
        result = load(server, webhooks=40, alerts=10, connections=4, groups=8)
        assert (result.answered, result.alerts) == (40, 400)
        assert 0 < result.p50_ms <= result.p99_ms <= result.max_ms
        assert server.read("SELECT COUNT(*), COUNT(DISTINCT grouped) FROM alerts") == [(400, 8)]
        assert server.peak_mb() > 10


def test_the_yardstick_is_a_rate_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert raw_rate(tmp_path, "test", rows=500) > 0
    assert not list(tmp_path.glob("*.db"))
