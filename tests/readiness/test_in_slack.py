"""The board where people meet it: a Slack-compatible server that refuses what Slack refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.domain.answer import Answer
from bot.readiness import verdict
from bot.workspace.runner import LocalWorkspace
from tests.readiness.boards import BAD_NIGHT
from tests.slack.stage import Bot, wait_until

ALERTS = "belezza-alerts"
SAID = "2 of 9 would fail now"


@pytest.fixture
def workspace() -> Iterator[LocalWorkspace]:
    with LocalWorkspace() as running:
        yield running


@pytest.fixture
def heard(workspace: LocalWorkspace, tmp_path: Path) -> Iterator[list[str]]:
    """The lines that the console was told; each is answered with the board."""
    lines: list[str] = []

    def execute(line: str, *_: object) -> Answer:
        lines.append(line)
        return Answer(verdict(BAD_NIGHT), board=BAD_NIGHT)

    with Bot(workspace, tmp_path / "bot.db") as bot:
        console: dict[str, Callable[..., Answer]] = vars(bot.console)
        console["execute"] = execute
        bot.connected()
        yield lines


def test_the_board_is_shown_and_its_buttons_say_what_helps(
    workspace: LocalWorkspace, heard: list[str]
) -> None:
    ana = workspace.person("ana")
    ana.slash("/dr status", workspace.channel_id(ALERTS))
    card = ana.wait_for_message(SAID, ALERTS)
    assert card.private
    assert "25 h 12 min old" in card.words.replace("\N{NO-BREAK SPACE}", " ")
    for label in ("Hold the drill", "Measure now"):
        ana.press(card, label)
        wait_until(lambda: len(heard) > 1)
    wait_until(lambda: len(heard) == 3)
    assert heard == ["status", "drill failover-simulation", "status now=yes"]


def test_app_home_shows_it_in_a_modal(workspace: LocalWorkspace, heard: list[str]) -> None:
    ana = workspace.person("ana")
    ana.open_home()
    wait_until(ana.home)
    view = ana.home()
    assert view is not None
    ana.press(view, "Status")
    modal = ana.wait_for_modal("Status")
    assert SAID in modal.words
    assert "Back up now" in modal.buttons
