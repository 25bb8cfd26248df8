"""The instant query against a real Prometheus, and what is said where it does not answer."""

from __future__ import annotations

import time

import pytest

from actions.failures import Refused, Transient
from actions.tools.monitors.monitoring import Monitoring
from tests.monitoring.conftest import Watch
from tests.real.proxy import proxy


def test_a_query_gives_labels_value_and_time(watch: Watch) -> None:
    (sample,) = watch.tool.query('up{job="api"}')
    assert (sample.labels["job"], sample.value) == ("api", 1.0)
    assert abs(sample.at_s - time.time()) < 60
    assert watch.tool.query("vector(1) > 2") == ()
    (scalar,) = watch.tool.query("2 * 3")
    assert (scalar.labels, scalar.value) == ({}, 6.0)


@pytest.mark.parametrize(
    ("promql", "expected"),
    [("vector(7)", 7.0), ("vector(1) > 2", None), ("vector(0) / 0", None), ("1 / 0", float("inf"))],
)
def test_one_value_or_none(watch: Watch, promql: str, expected: float | None) -> None:
    assert watch.tool.value(promql) == expected


def test_several_values_are_refused_with_their_labels(watch: Watch) -> None:
    with pytest.raises(Refused, match=r'gives 2 values where one is wanted: up\{.*job="api"'):
        watch.tool.value("up")


@pytest.mark.parametrize(
    ("promql", "said"),
    [
        ("sum(", "parse error"),
        ("up[5m]", "a range of values"),
        ('"words"', "gives text"),
        ("up{", "parse error"),
    ],
)
def test_a_wrong_query_is_refused_in_prometheus_words(watch: Watch, promql: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        watch.tool.query(promql)


def test_whoever_does_not_answer_is_named(watch: Watch) -> None:
    with proxy(watch.prometheus_address) as way:
        tool = Monitoring(way.url, timeout_s=0.5)
        with way.refuse(), pytest.raises(Transient, match=r"Prometheus at http://127.* does not answer"):
            tool.query("up")
        with way.hang(), pytest.raises(Transient, match=r"did not answer within 0\.5 s"):
            tool.query("up")
        with way.cut(after_bytes=120), pytest.raises(Transient):
            tool.query("up")
        with way.answer(403, b"no"), pytest.raises(Refused, match=r"refuses drbot \(403\)"):
            tool.query("up")
        with way.answer(503, b"no"), pytest.raises(Transient, match="503"):
            tool.query("up")
        with way.answer(301, b""), pytest.raises(Refused, match="redirect"):
            tool.query("up")
        with way.answer(200, b"<html>"), pytest.raises(Transient, match="something else"):
            tool.query("up")
        with way.answer(404, b"page not found"), pytest.raises(Refused, match="page not found"):
            tool.query("up")
        with way.answer(200, b" " * (5 << 20)), pytest.raises(Refused, match="more than"):
            Monitoring(way.url).query("up")
        assert tool.value("vector(1)") == 1.0
    with pytest.raises(Refused, match="names no Prometheus"):
        Monitoring().query("up")
    with pytest.raises(Refused, match="no URL"):
        Monitoring("localhost").query("up")
    with pytest.raises(Transient) as told:
        Monitoring("http://name:local-word@127.0.0.1:9").query("up")
    assert "local-word" not in str(told.value)
