"""Silence 1 h, from the incident to a real Alertmanager, and back by the run's Undo."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from actions.registry import all_actions
from bot.domain.answer import Exit
from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.engine import Engine, system_url
from bot.plan.load import read_plan
from bot.runs import Runs
from bot.store import incidents as incident_rows
from bot.toolbox import PlanToolbox
from tests.real.alertmanager import Alertmanager, absent, real_alertmanager
from tests.runbooks.conftest import PLAN_TEXT, House
from tests.runbooks.test_words import Talk


class Silencing(House):
    """A house whose actions are the real ones, with a real monitor."""

    def __init__(self, root: Path, monitor: str) -> None:
        place = "staging: {title: Staging, monitoring: {alertmanager: " + f'"{monitor}"' + "}, match:"
        super().__init__(
            root, read_plan(PLAN_TEXT.replace("staging: {title: Staging, match:", place) + "  {}")
        )
        self.actions = dict(all_actions())
        toolbox = PlanToolbox(self.plan, {})
        self.runs = Runs(self.store, self.plan, toolbox, self.actions)
        url = system_url(f"sqlite:///{root}/drbot.db")
        self.engine = Engine(self.store, self.runs, toolbox, self.actions, url, poll_s=0.1)


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Alertmanager]:
    if absent():
        if os.environ.get("CI"):
            pytest.fail(absent())
        pytest.skip(absent())
    with real_alertmanager(tmp_path / "am", "http://127.0.0.1:9/nobody", "local-token") as running:
        yield running


@pytest.fixture
def talk(tmp_path: Path, monitor: Alertmanager) -> Iterator[Talk]:
    house = Silencing(tmp_path, monitor.url)
    house.engine.start()
    yield Talk(house)
    house.close()


def active(monitor: Alertmanager) -> list[str]:
    """What each silence that is active says about itself."""
    found = requests.get(f"{monitor.url}/api/v2/silences", timeout=5).json()
    return [one["comment"] for one in found if one["status"]["state"] == "active"]


@pytest.mark.system("prometheus-alertmanager")
def test_an_incident_is_silenced_for_an_hour_and_no_longer_on_undo(talk: Talk, monitor: Alertmanager) -> None:
    house = talk.house
    incident = house.incident('Shelf"Down', Severity.SEV3, place="hall\\7")
    labels = {"alertname": 'Shelf"Down', "env": "staging", "place": "hall\\7"}
    monitor.alert(labels, {"summary": "the shelf is down"})
    monitor.alert({"alertname": "Other", "env": "staging"}, {"summary": "nothing to do with it"})
    asked = talk.say(f"silence {incident.ref} for=2h")
    assert asked.exit is Exit.DONE, asked
    run = house.runs.get(asked.run or 0)
    assert (run.action, run.state, run.incident) == ("silence-alert", RunState.PROPOSED, incident.id)
    house.runs.approve(house.person("rui"), run.id)
    assert house.runs.wait(run.id, 20).state is RunState.VERIFIED
    (comment,) = active(monitor)
    assert "INC-1" in comment
    silenced = requests.get(f"{monitor.url}/api/v2/alerts?silenced=true&active=false", timeout=5).json()
    assert [one["labels"]["alertname"] for one in silenced] == ['Shelf"Down']
    back = house.runs.undo(house.person("ana"), run.id)
    house.runs.approve(house.person("rui"), back.id)
    assert house.runs.wait(back.id, 20).state is RunState.VERIFIED
    assert active(monitor) == []


def test_an_incident_that_a_person_declared_has_nothing_to_silence(talk: Talk) -> None:
    talk.say("declare the shelf looks odd")
    answer = talk.say("silence INC-1")
    assert (answer.exit, "nothing to silence" in answer.title) == (Exit.REFUSED, True)


@pytest.mark.system("prometheus-alertmanager")
def test_what_is_only_shown_is_not_asked_for_and_an_unknown_place_is_asked_back(
    talk: Talk, monitor: Alertmanager
) -> None:
    incident = talk.house.incident()
    shown = talk.say(f"silence {incident.ref} dry_run=yes")
    assert shown.title == "This is what `silence-alert` would do."
    assert talk.house.runs.recent() == []
    assert "has no parameter 'until'" in talk.say(f"silence {incident.ref} until=8h").title
    talk.house.store.write(lambda tx: incident_rows.save(tx, replace(incident, environment=""), tx.now))
    asked_back = talk.say(f"silence {incident.ref}")
    assert (asked_back.exit, "say whose Alertmanager, environment=staging" in asked_back.title) == (
        Exit.USAGE,
        True,
    )
    assert talk.say(f"silence {incident.ref} environment=staging").run == 1
