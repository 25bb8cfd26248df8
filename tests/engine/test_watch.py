"""A run that measures: a PromQL value before and after, on a real Prometheus, as its last check."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from actions import watch as watching
from actions.tools.monitors.monitoring import Monitoring
from bot.demo.ports import free_port
from bot.domain.answer import Refusal, UsageError
from bot.domain.run import RunState
from tests.engine.conftest import World, go, person
from tests.real.processes import wait_for
from tests.real.prometheus import absent, real_prometheus

pytestmark = pytest.mark.skipif(bool(absent()), reason=absent())


@dataclass
class Shop:
    """Something measured: how long its queue is, as a real Prometheus sees it."""

    gauge: Gauge
    prometheus: str

    def queue(self, length: int) -> None:
        self.gauge.set(length)
        wait_for("the new length", lambda: Monitoring(self.prometheus).value("queue") == length)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    registry = CollectorRegistry()
    gauge = Gauge("queue", "orders that wait", registry=registry)
    port = free_port()
    server, thread = start_http_server(port, "127.0.0.1", registry)
    nobody = f"127.0.0.1:{free_port()}"
    with real_prometheus(tmp_path_factory.mktemp("prometheus"), f"127.0.0.1:{port}", nobody) as url:
        yield Shop(gauge, url)
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def measuring(world: World, shop: Shop) -> World:
    world.shelf.prometheus = shop.prometheus
    shop.queue(9)
    world.start()
    return world


def test_the_plan_shows_the_number_and_the_evidence_how_it_moved(measuring: World, shop: Shop) -> None:
    run = measuring.ask(watch="queue", expect="< 5")
    assert ("measured before", "queue = 9") in run.plan.facts
    assert run.plan.after[-1] == "Measure queue again: was 9, should be < 5"
    shop.queue(9)
    easing = threading.Timer(1.0, lambda: shop.gauge.set(2))
    easing.start()
    measuring.runs.approve(person("rui"), run.id)
    ended = measuring.ended(run)
    easing.join()
    assert ended.state is RunState.VERIFIED
    assert ended.evidence[-1] == "queue went from 9 to 2"


def test_what_did_not_help_is_taken_back(measuring: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "WITHIN_S", 2.0)
    ended = go(measuring, watch="queue", expect="< 5")
    assert ended.state is RunState.UNDONE
    assert "queue was 9 and is 9 after 2 s, not < 5: it did not help" in ended.outcome
    assert measuring.shelf.items("hall") == 0


def test_nothing_is_taken_back_because_prometheus_is_away(measuring: World) -> None:
    run = measuring.ask(watch="queue", expect="< 5")
    measuring.shelf.prometheus = f"http://127.0.0.1:{free_port()}"
    measuring.runs.approve(person("rui"), run.id)
    ended = measuring.ended(run)
    assert ended.state is RunState.VERIFIED
    assert "could not be measured, so it is not known whether it helped" in ended.evidence[-1]


def test_without_an_expectation_it_is_only_told(measuring: World) -> None:
    ended = go(measuring, watch="queue")
    assert (ended.state, ended.evidence[-1]) == (RunState.VERIFIED, "queue went from 9 to 9")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"watch": "queue", "expect": "smaller"}, "write < 0.8 or >= 3"),
        ({"expect": "< 5"}, "says nothing without watch="),
        ({"watch": "q" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_read_is_said(measuring: World, given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        measuring.ask(**given)


def test_a_query_that_prometheus_refuses_is_refused_before_anything(measuring: World) -> None:
    with pytest.raises(Refusal, match="parse error"):
        measuring.ask(watch="sum(")


def test_the_watch_is_part_of_what_is_approved(measuring: World) -> None:
    assert measuring.ask(watch="queue").digest != measuring.ask().digest


def test_a_watch_survives_in_the_store(measuring: World, tmp_path: Path) -> None:
    run = measuring.ask(watch="queue", expect="< 5")
    kept = measuring.runs.get(run.id).plan.watch
    assert kept is not None
    assert (kept.query, kept.expect, kept.before) == ("queue", "< 5", "9")
