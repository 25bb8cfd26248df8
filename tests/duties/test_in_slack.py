"""Duties as people see and press them in Slack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.house import House
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seen import SeenMessage
from tests.duties.house import house_on, in_slack, say
from tests.slack.stage import wait_until

ALERTS = "belezza-alerts"


@dataclass(frozen=True)
class Scene:
    """The whole bot in a workspace, with a SEV-1 that nobody has answered."""

    house: House
    workspace: LocalWorkspace

    def card(self) -> SeenMessage:
        messages = self.workspace.person("ana").channel(ALERTS)
        return next(one for one in messages if "SEV-1 INC-1" in one.text and not one.private)

    def replies(self) -> list[str]:
        card = self.card()
        return [one.words for one in self.workspace.person("ana").thread(card.channel, card.ts)[1:]]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with (
        LocalWorkspace() as workspace,
        house_on(tmp_path / "drbot.db") as house,
        in_slack(house, workspace),
    ):
        say(house, "declare checkout is down sev=1")
        made = Scene(house, workspace)
        wait_until(lambda: any("INC-1" in one.text for one in workspace.person("ana").channel(ALERTS)), 20)
        wait_until(workspace.connected, 20)
        yield made


def test_command_is_taken_by_a_button_that_then_goes_away(scene: Scene) -> None:
    ana = scene.workspace.person("ana")
    wait_until(lambda: "nobody yet" in scene.card().words)
    ana.press(scene.card(), "Take command")
    ana.wait_for_message("Leads: decides what is done next", ALERTS)
    wait_until(lambda: "Ana Souza (commander)" in scene.card().words)
    card = scene.card()
    assert "Ana Souza has it" in card.words, "who leads has answered"
    assert "Take command" not in card.words
    wait_until(lambda: "Ana Souza is the commander now" in scene.replies())


def test_a_mention_names_a_person_and_slack_tells_them(scene: Scene) -> None:
    ana, bruno = scene.workspace.person("ana"), scene.workspace.person("bruno")
    ana.say("@drbot duty INC-1 commander @bruno", ALERTS)
    called = f"Bruno Lima is the commander now (said by Ana Souza) <@{bruno.id}>"
    wait_until(lambda: any(one.endswith(called) for one in scene.replies()), 20)


def test_a_handover_is_read_by_who_asked_and_posted_in_the_thread(scene: Scene) -> None:
    carla = scene.workspace.person("carla")
    say(scene.house, "note INC-1 the pool is full")
    carla.press(scene.card(), "Where things stand")
    seen = carla.wait_for_message("where things stand at", ALERTS)
    assert seen.private
    assert "Ana Souza: the pool is full" in seen.words
    assert not any("where things stand" in one for one in scene.replies()), "looking tells nobody"
    carla.slash("/dr handover INC-1 to=@bruno", scene.workspace.channel_id(ALERTS))
    wait_until(lambda: any("where things stand" in one for one in scene.replies()), 20)
    page = next(one for one in scene.replies() if "where things stand" in one)
    assert "Lead: Bruno Lima (commander)" in page


def test_who_works_in_the_incidents_own_channel_reads_it_there(scene: Scene) -> None:
    ana = scene.workspace.person("ana")
    own = scene.workspace.channel_id("inc-1")
    copy = ana.wait_for_message("SEV-1 checkout is down", own)
    ana.slash("/dr handover INC-1 to=@bruno", own)
    page = ana.wait_for_message("Lead: Bruno Lima (commander)", own)
    assert not page.thread_ts, "in the channel itself: everybody there reads it"

    def replies() -> list[str]:
        return [one.words for one in ana.thread(own, copy.ts)[1:]]

    wait_until(lambda: any("Bruno Lima is the commander now" in one for one in replies()), 20)
    assert not any("<@" in one for one in replies()), "he is called once, in the home channel"
