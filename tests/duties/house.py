"""The whole bot on a memory, with its Slack face, as `dr serve` wires it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bot.commands.console import Where
from bot.domain.answer import Answer
from bot.house import House, build
from bot.messages import Ears
from bot.settings import Settings
from bot.slack.connect import SlackFace, SlackParts, SlackSettings
from bot.workspace.runner import LocalWorkspace
from tests.slack.loop import LoopThread

SHIPPED = Path(__file__).parents[2] / "data" / "belezza.yaml"


@contextlib.contextmanager
def house_on(database: Path) -> Iterator[House]:
    """The inside of the bot with the shipped plan."""
    house = build(Settings(plan=SHIPPED, database_url=f"sqlite:///{database}"))
    try:
        yield house
    finally:
        house.close()


def say(house: House, line: str, who: str = "ana") -> Answer:
    """As that person says it in a shell."""
    person = house.plan.person(who)
    assert person is not None
    return house.console.execute(line, person, Where("shell"))


@contextlib.contextmanager
def in_slack(house: House, workspace: LocalWorkspace) -> Iterator[SlackFace]:
    """The house with its face in the workspace."""
    settings = SlackSettings(workspace.bot_token, workspace.app_token, api_url=workspace.api_url)
    parts = SlackParts(house.console, house.scene, house.store, Ears(house.store), lambda _trouble: None)
    with LoopThread() as loop:
        face = SlackFace(settings, parts)
        loop.run(face.start())
        try:
            yield face
        finally:
            loop.run(face.stop())
