"""look-at-monitoring on the real pair: what is down is said, and one that does not answer is a finding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from actions.failures import Refused, Transient
from actions.monitoring.look import look_at_monitoring
from actions.monitoring.matchers import read_matchers
from actions.plan import Context, Evidence
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.monitoring.conftest import Watch
from tests.real.proxy import proxy


def looked(tool: Monitoring) -> list[Evidence]:
    tools = FixedToolbox(monitors={"production": tool})
    _, plan = planned(look_at_monitoring, tools, environment="production")
    return run(plan, tools, 61)


def test_what_the_monitors_see_is_said(watch: Watch) -> None:
    made = watch.tool.hush(
        read_matchers("Nobody"),
        datetime.now(UTC) + timedelta(minutes=10),
        "ana",
        "password=local-word, deploying",
    )
    answered, silences, rules, alerts, targets, health = looked(watch.tool)
    watch.tool.unhush(made)
    assert answered.said == "both answered"
    assert health.said == "Prometheus and Alertmanager well"
    assert [one.light for one in (health, targets, rules, alerts)] == ["green", "amber", "amber", ""]
    assert health.values["last configuration reload"].startswith("worked")
    assert targets.said == "1 of 2 targets were down"
    assert "connection refused" in targets.values["job db"]
    assert targets.values["job db"].startswith("1 of 1 down; 127.0.0.1:")
    assert rules.said == "1 rules cannot be evaluated: they do not alert"
    assert "duplicate series" in rules.values["belezza/broken:twice"]
    assert any(words.startswith("TargetDown on ") for words in alerts.values)
    (shown,) = [text for when, text in silences.values.items() if made in when]
    assert shown == 'alertname="Nobody" by ana: password=[hidden], deploying'


def test_one_that_does_not_answer_is_a_finding(watch: Watch) -> None:
    tool = Monitoring(watch.tool.prometheus, "http://127.0.0.1:9", timeout_s=1)
    answered, silences, _, alerts, targets, health = looked(tool)
    assert "Alertmanager at http://127.0.0.1:9 does not answer" in answered.said
    assert health.said == "Alertmanager not well"
    assert (health.light, alerts.light) == ("red", "amber")
    assert health.values["Prometheus"] == "healthy and ready"
    assert targets.said == "1 of 2 targets were down"
    assert alerts.said.startswith("not seen: Alertmanager at")
    assert silences.said.startswith("not seen: ")


def test_when_none_answers_the_look_says_so(watch: Watch) -> None:
    with proxy(watch.prometheus_address) as way:
        tools = FixedToolbox(monitors={"production": Monitoring(way.url, timeout_s=0.5)})
        _, plan = planned(look_at_monitoring, tools, environment="production")
        guard = plan.before[0]
        with way.refuse(), pytest.raises(Transient, match="does not answer"):
            guard.do(Context(tools, 62))
        with way.hang(), pytest.raises(Transient, match="did not answer within"):
            guard.do(Context(tools, 62))
        with way.answer(401), pytest.raises(Refused, match="refuses drbot"):
            guard.do(Context(tools, 62))
        with way.answer(404), pytest.raises(Refused, match="something else"):
            guard.do(Context(tools, 62))
        with way.answer(503, b"starting up"):
            (health,) = [plan.after[-1].do(Context(tools, 62))]
        assert health.values["Prometheus"] == "not healthy: 503: starting up"
        assert guard.do(Context(tools, 62)).said == "answered"
    with pytest.raises(Refused, match="names neither"):
        planned(
            look_at_monitoring, FixedToolbox(monitors={"production": Monitoring()}), environment="production"
        )
