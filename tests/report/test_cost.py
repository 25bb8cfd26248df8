"""What an incident cost: measured once, by the plan's own query, at a real Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actions.failures import Transient
from actions.tools.monitors.monitoring import Monitoring
from bot.plan.load import PlanFaults, read_plan
from bot.plan.models import DrPlan
from bot.report import Reports
from bot.report.cost import measure, over, told
from tests.real import prometheus
from tests.report.lived import Life, live
from tests.report.test_states import PLAN

BELEZZA = (Path(__file__).parents[2] / "data" / "belezza.yaml").read_text(encoding="utf-8")
BEGIN = datetime(2026, 9, 30, 2, 58, tzinfo=UTC)


class Monitors:
    """A toolbox with one monitor, and how often it was asked what."""

    def __init__(self, answer: float | Exception | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def monitoring(self, environment: str) -> Monitors:
        assert environment == "production"
        return self

    def value(self, promql: str) -> float | None:
        self.asked.append(promql)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = live(tmp_path / "drbot.db")
    yield lived
    lived.store.close()


def plan(errors: str = 'job:error_share{job="api"}') -> DrPlan:
    return DrPlan.model_validate(PLAN.model_dump() | {"report": {"errors": errors}})


def test_it_is_measured_once_and_told_with_its_evidence(life: Life) -> None:
    monitors = Monitors(6.5)
    assert measure(life.store, plan(), monitors, 1) == ""
    assert measure(life.store, plan(), monitors, 1) == ""
    assert monitors.asked == ['sum_over_time((max(job:error_share{job="api"}))[11m:1m] @ 1790737765)']
    text = Reports(life.store, plan()).shown(1).text
    cost = text.split("## Cost")[1].split("##")[0].strip()
    assert cost.startswith("6.5 error minutes in the 11 minutes 2026-09-30 02:58 to 03:09 UTC")
    assert cost.endswith("[e27]")
    assert "- [e27] " in text.split("## Appendix C")[1]


def test_without_a_metric_nothing_is_asked_and_nothing_said(life: Life) -> None:
    monitors = Monitors(6.5)
    assert measure(life.store, PLAN, monitors, 1) == ""
    assert not monitors.asked
    assert "## Cost" not in Reports(life.store, PLAN).shown(1).text


@pytest.mark.parametrize("answer", [None, Transient("http://prometheus:9090 does not answer")])
def test_where_prometheus_does_not_know_the_report_goes_on_without(
    life: Life, answer: Exception | None
) -> None:
    said = measure(life.store, plan(), Monitors(answer), 1)
    assert said.startswith("The cost is not measured: ")
    assert "## Cost" not in Reports(life.store, plan()).shown(1).text


def test_what_is_no_share_is_told_as_none() -> None:
    assert "is no share of requests" in told("rate(errors[5m])", 4_000, BEGIN, BEGIN + timedelta(minutes=11))
    assert told("share", 5.5, BEGIN, BEGIN + timedelta(minutes=11)).startswith("5.5 error minutes in the 11 ")


def test_a_real_prometheus_sums_the_minutes(tmp_path: Path) -> None:
    if why := prometheus.absent():
        pytest.skip(why)
    with prometheus.real_prometheus(tmp_path, "127.0.0.1:1", "127.0.0.1:1") as url:
        now = datetime.now(UTC)
        query = over("vector(0.25)", now - timedelta(minutes=40), now)
        assert Monitoring(prometheus=url).value(query) == pytest.approx(10.0, abs=0.3)


def test_a_metric_of_an_environment_that_is_nowhere_is_a_fault_of_the_plan() -> None:
    text = f"{BELEZZA}\nreport: {{errors: 'job:error_share', environment: prodution}}\n"
    with pytest.raises(PlanFaults, match=r"report\.environment: the plan has no environment 'prodution'"):
        read_plan(text)
    assert read_plan(text.replace("prodution", "production")).report.errors == "job:error_share"
