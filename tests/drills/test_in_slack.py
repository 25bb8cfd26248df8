"""One command in Slack, and recovery is proven: the real face, engine and conductor."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.messages import Ears
from bot.scene import PlanScene
from bot.slack.connect import SlackFace, SlackParts, SlackSettings
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seen import SeenMessage
from tests.drills.conftest import LOOK, House, ago, plan_of, rehearse, until

ALERTS = "belezza-alerts"


class Faced:
    """A house with its Slack face, on a loop of its own."""

    def __init__(self, workspace: LocalWorkspace, root: Path, *does: str) -> None:
        self.house = House(root, plan_of(*does))
        house = self.house
        scene = PlanScene(house.store, house.plan, house.runs, house.actions, ())
        settings = SlackSettings(workspace.bot_token, workspace.app_token, api_url=workspace.api_url)
        parts = SlackParts(house.board, scene, house.store, Ears(house.store))
        self.face = SlackFace(settings, parts)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> Faced:
        self.house.start()
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.face.start(), self.loop).result(30)
        return self

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.face.stop(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.house.close()


@pytest.fixture
def workspace() -> Iterator[LocalWorkspace]:
    with LocalWorkspace() as running:
        yield running


@pytest.fixture
def faced(workspace: LocalWorkspace, tmp_path: Path) -> Iterator[Faced]:
    old = rehearse(ago(hours=9, minutes=12), how="wait-load")
    made = Faced(workspace, tmp_path, old, LOOK).start()
    until(workspace.connected)
    yield made
    made.close()


def test_a_drill_from_the_command_to_its_certificate(workspace: LocalWorkspace, faced: Faced) -> None:
    ana = workspace.person("ana")

    def shown(*words: str, thread: str = "") -> SeenMessage:
        def look() -> SeenMessage | None:
            seen = ana.thread(ALERTS, thread) if thread else ana.channel(ALERTS)
            return next((m for m in seen if all(word in m.words for word in words)), None)

        return ana.wait_for(look, 20)

    ana.slash("/dr drill restore", ALERTS)
    card = shown("▸  Load it")
    assert "Drill under way: Backup restore to staging" in card.words
    assert "promised RTO 4 h, RPO 1 h" in card.words
    assert card.buttons == ["Show RUN-1"]
    faced.house.shelf.gate.set()
    over = shown("Recovered, and a promise was missed: Backup")
    assert over.ts == card.ts, "one message, edited in place"
    assert "RPO 1 h promised, 9 h 12 min measured" in over.words
    assert over.buttons == ["Certificate", "Hold again"]
    told = shown("DRILL-1 Backup restore to staging: failed.")
    assert "Recovery worked" in told.words, "a failed drill is told to the channel, once"
    assert told.ts != card.ts
    assert shown("*RUN-1*", thread=card.ts).ts != card.ts, "the run's own card is in the drill's thread"

    ana.press(over, "Certificate")
    paper = shown("Certificate of a failed recovery drill", thread=card.ts)
    assert paper.private
    assert "Promised beside measured" in paper.words
    ana.press(over, "Hold again")
    until(lambda: len(faced.house.drills.recent()) == 2)
    shown("DRILL-2", "Recovered, and a promise was missed")
