"""Ending silences on a real Alertmanager, and bringing them back for the rest of their time."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import requests

from actions.failures import Refused
from actions.monitoring.silence_ends import end_silence
from actions.monitoring.silences import silence_alert
from actions.plan import Context
from tests.actions.running import planned, run, undo
from tests.monitoring.conftest import Scene
from tests.real.silencing import lengthen


def _made(scene: Scene, minutes: float = 60) -> str:
    ends_at = datetime.now(UTC) + timedelta(minutes=minutes)
    matchers = silence_alert.params("production", scene.name).read
    return scene.watch.tool.hush(matchers, ends_at, "ana", "maintenance")


def test_a_silence_is_ended_and_brought_back_for_the_rest_of_its_time(scene: Scene) -> None:
    made = _made(scene)
    facts, plan = planned(end_silence, scene.tools, environment="production", silence=made)
    assert (facts.hushed, facts.created_by, facts.comment) == (2, "ana", "maintenance")
    assert plan.warnings == ("2 alerts that it hushes are told of again at once",)
    done = run(plan, scene.tools, 81, times=2)
    assert "2 alerts of its matchers were heard again" in done[-1].said
    assert scene.states == ["active", "active"]
    undo(plan, scene.tools, 81, times=2)
    assert scene.states == ["suppressed", "suppressed"]
    (back,) = [one for one in scene.silences if one.state == "active"]
    assert back.comment == "drbot RUN-81: brought back for ana: maintenance"
    assert abs(back.ends_at - datetime.fromisoformat(facts.ends_at)) < timedelta(seconds=1)


def test_a_silence_that_ended_is_refused(scene: Scene) -> None:
    made = _made(scene)
    _, plan = planned(end_silence, scene.tools, environment="production", silence=made)
    scene.watch.tool.unhush(made)
    with pytest.raises(Refused, match="has ended"):
        plan.before[0].do(Context(scene.tools, 82))
    with pytest.raises(Refused, match="has ended"):
        planned(end_silence, scene.tools, environment="production", silence=made)
    assert "had ended already" in plan.steps[0].do(Context(scene.tools, 82)).said
    unknown = str(uuid.uuid4())
    with pytest.raises(Refused, match="knows no silence"):
        planned(end_silence, scene.tools, environment="production", silence=unknown)


def test_a_silence_that_has_not_begun_is_left_alone(scene: Scene) -> None:
    begins_at = datetime.now(UTC) + timedelta(hours=1)
    body = {
        "matchers": [{"name": "alertname", "value": scene.name, "isRegex": False, "isEqual": True}],
        "startsAt": begins_at.isoformat(),
        "endsAt": (begins_at + timedelta(hours=1)).isoformat(),
        "createdBy": "ana",
        "comment": "tonight's maintenance",
    }
    answer = requests.post(f"{scene.watch.alertmanager.url}/api/v2/silences", json=body, timeout=5)
    made = str(answer.json()["silenceID"])
    with pytest.raises(Refused, match="has not begun"):  # brought back it would hush at once
        planned(end_silence, scene.tools, environment="production", silence=made)


def test_a_silence_that_somebody_changed_is_left_alone(scene: Scene) -> None:
    made = _made(scene)
    facts, plan = planned(end_silence, scene.tools, environment="production", silence=made)
    shown = scene.watch.tool.silence(made)
    assert shown is not None
    lengthen(scene.watch.alertmanager.url, shown)
    now, _ = planned(end_silence, scene.tools, environment="production", silence=made)
    assert "somebody changed the silence" in (end_silence.drift(facts, now) or "")
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="somebody changed"):
            step.do(Context(scene.tools, 83))
    assert scene.states == ["suppressed", "suppressed"]


def test_what_has_little_time_left_is_not_brought_back(scene: Scene) -> None:
    made = _made(scene, minutes=0.05)
    _, plan = planned(end_silence, scene.tools, environment="production", silence=made)
    run(plan, scene.tools, 84)
    (done,) = undo(plan, scene.tools, 84)
    assert "its time was over" in done.said
