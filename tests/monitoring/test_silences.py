"""Silences on a real Alertmanager: made once, seen to hush, ended; and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from actions.failures import NotVerified, Refused, Transient
from actions.monitoring.silence_ends import end_silence
from actions.monitoring.silences import silence_alert
from actions.plan import Context
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run, undo
from tests.monitoring.conftest import Scene
from tests.real.proxy import proxy


def test_an_alert_is_hushed_once_however_often_the_step_is_repeated(scene: Scene) -> None:
    facts, plan = planned(
        silence_alert, scene.tools, environment="production",
        matchers=f'alertname="{scene.name}"', duration="30m", because="pool is being looked at",
    )  # fmt: skip
    assert (facts.number, facts.names) == (2, (scene.name,))
    assert ("would be hushed 1", f"{scene.name} on api-1:8080 (critical)") in plan.facts
    done = run(plan, scene.tools, 71, times=2)
    assert "2 alerts were suppressed" in done[-1].said
    (made,) = scene.silences
    assert made.comment == "drbot RUN-71: pool is being looked at"
    assert made.created_by == "drbot"
    rest = made.ends_at - datetime.now(UTC)
    assert timedelta(minutes=29) < rest <= timedelta(minutes=30)
    assert scene.states == ["suppressed", "suppressed"]
    undo(plan, scene.tools, 71, times=2)
    assert [one.state for one in scene.silences] == ["expired"]
    assert scene.states == ["active", "active"]
    with pytest.raises(NotVerified, match="holds no silence of this run"):
        plan.after[0].do(Context(scene.tools, 71))


def test_what_a_person_ended_meanwhile_is_not_begun_again(scene: Scene) -> None:
    _, plan = planned(silence_alert, scene.tools, environment="production", matchers=scene.name)
    context = Context(scene.tools, 75)
    plan.steps[0].do(context)
    scene.watch.tool.unhush(scene.silences[0].id)
    assert "had been begun by this run" in plan.steps[0].do(context).said  # as a killed engine repeats it
    assert [one.state for one in scene.silences] == ["expired"]
    with pytest.raises(NotVerified, match="somebody ended it"):
        plan.after[0].do(context)


def test_two_runs_make_two_silences_and_each_ends_its_own(scene: Scene) -> None:
    _, plan = planned(silence_alert, scene.tools, environment="production", matchers=scene.name)
    run(plan, scene.tools, 72)
    run(plan, scene.tools, 7)  # RUN-7 is no RUN-72
    undo(plan, scene.tools, 7)
    assert sorted((one.comment[:13], one.state) for one in scene.silences) == [
        ("drbot RUN-72:", "active"),
        ("drbot RUN-7: ", "expired"),
    ]


def test_one_instance_only(scene: Scene) -> None:
    matchers = f'alertname="{scene.name}",instance=~"api-2:.*"'
    facts, plan = planned(silence_alert, scene.tools, environment="production", matchers=matchers)
    assert [one.words for one in facts.alerts] == [f"{scene.name} on api-2:8080 (critical)"]
    run(plan, scene.tools, 73)
    assert scene.states == ["active", "suppressed"]


def test_an_alert_that_nobody_knows_is_a_warning(scene: Scene) -> None:
    facts, plan = planned(silence_alert, scene.tools, environment="production", matchers=f"Later{scene.name}")
    assert facts.number == 0
    assert any("no alert that fires now matches" in one for one in plan.warnings)
    done = run(plan, scene.tools, 74)
    assert done[-1].said == "no alert matched at the moment"


def test_what_is_hushed_already_is_said(scene: Scene) -> None:
    _, plan = planned(silence_alert, scene.tools, environment="production", matchers=scene.name)
    run(plan, scene.tools, 75)
    _, again = planned(silence_alert, scene.tools, environment="production", matchers=scene.name)
    assert any("silenced or inhibited already" in one for one in again.warnings)


def test_another_alert_that_would_be_hushed_too_is_refused(scene: Scene) -> None:
    wide = {"environment": "production", "matchers": f'test="{scene.name}"'}
    facts, plan = planned(silence_alert, scene.tools, **wide)
    scene.fire(scene.name, "api-3:8080")
    grown, _ = planned(silence_alert, scene.tools, **wide)
    assert silence_alert.drift(facts, grown) is None, "one more instance is no other alert"
    scene.fire(f"Other{scene.name}", "api-1:8080")
    now, _ = planned(silence_alert, scene.tools, **wide)
    assert "would now hush Other" in (silence_alert.drift(facts, now) or "")
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="would now hush Other"):
            step.do(Context(scene.tools, 76))
    assert scene.silences == []


def test_an_alert_that_is_over_is_refused(scene: Scene) -> None:
    facts, plan = planned(silence_alert, scene.tools, environment="production", matchers=scene.name)
    scene.end(scene.name)
    with pytest.raises(Refused, match="fires no more"):
        plan.before[0].do(Context(scene.tools, 77))
    now, _ = planned(silence_alert, scene.tools, environment="production", matchers=scene.name)
    assert "fires no more" in (silence_alert.drift(facts, now) or "")


def test_more_names_than_a_silence_should_hush_are_refused(scene: Scene) -> None:
    for number in range(10):
        scene.fire(f"{scene.name}x{number}", "api-1:8080")
    with pytest.raises(Refused, match="of 11 names"):
        planned(silence_alert, scene.tools, environment="production", matchers=f'test="{scene.name}"')


@pytest.mark.parametrize("duration", ["4m", "25h", "0h", "1d", "h", "1.5h", "60", "-1h", "٣h"])
def test_a_silence_is_from_five_minutes_to_a_day(duration: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="no duration from 5m to 24h"):
        silence_alert.read_params({"environment": "p", "matchers": "X", "duration": duration})


def test_parameters_are_read_strictly() -> None:
    for given, said in (
        ({"matchers": 'severity="critical"'}, "everything of one severity"),
        ({"matchers": 'alertname=~".*"'}, "hush everything"),
        ({"matchers": "X", "because": "two\nlines"}, "because is one line"),
        ({"matchers": "X", "because": "x" * 301}, "because is one line"),
    ):
        with pytest.raises(msgspec.ValidationError, match=said):
            silence_alert.read_params({"environment": "production", **given})
    for wrong in ("", "x", "../../-/reload", "5f2b1c9e-1e54-4a5d-9d6b-3c1f0f6f7a10/.."):
        with pytest.raises(msgspec.ValidationError, match="silence is the id of one"):
            end_silence.read_params({"environment": "production", "silence": wrong})


def test_an_alertmanager_that_does_not_answer_changes_nothing(scene: Scene) -> None:
    with proxy(scene.watch.alertmanager_address) as way:
        tools = FixedToolbox(monitors={"production": Monitoring("", way.url, timeout_s=0.5)})
        _, plan = planned(silence_alert, tools, environment="production", matchers=scene.name)
        with way.refuse(), pytest.raises(Transient, match="connection refused"):
            plan.before[0].do(Context(tools, 78))
        with way.hang(), pytest.raises(Transient, match="did not answer within"):
            plan.steps[0].do(Context(tools, 78))
        with way.answer(403), pytest.raises(Refused, match="refuses drbot"):
            plan.before[0].do(Context(tools, 78))
    assert scene.silences == []


def test_its_answer_lost_the_silence_is_found_again(scene: Scene) -> None:
    with proxy(scene.watch.alertmanager_address) as way:
        tools = FixedToolbox(monitors={"production": Monitoring("", way.url)})
        _, plan = planned(silence_alert, tools, environment="production", matchers=scene.name)
        # Asked: its silences, the alerts, then the silence is made: the answer to that is lost.
        way.at(3, lambda: way.cut(after_bytes=1))
        with pytest.raises(Transient):
            plan.steps[0].do(Context(tools, 79))
        way.passing()
        again = plan.steps[0].do(Context(tools, 79))
    assert "was there already" in again.said
    assert len(scene.silences) == 1
