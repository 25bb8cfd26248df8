"""From the card to the end of a runbook, pressed in Slack by people: the real face, engine and conductor."""

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
from tests.runbooks.conftest import LOOK, House, plan_of, until
from tests.runbooks.test_walks import do, step
from tests.runbooks.test_words import Talk

ALERTS = "belezza-alerts"
STEPS = (
    step("Look", LOOK),
    step("Restart", do("break-books")),
    step("If restart fails, redeploy", do(), only_if="failed"),
    step("End queries", do("refuse-survey")),
    "{title: Tell everybody, command: echo done}",
)


class Faced:
    """A house with its Slack face, on a loop of its own."""

    def __init__(self, workspace: LocalWorkspace, root: Path) -> None:
        self.house = House(root, plan_of(*STEPS, looks=f"{LOOK}, {LOOK.replace('hall', 'attic')}"))
        scene = PlanScene(self.house.store, self.house.plan, self.house.runs, self.house.actions, ())
        settings = SlackSettings(workspace.bot_token, workspace.app_token, api_url=workspace.api_url)
        ears = Ears(self.house.store)
        self.face = SlackFace(settings, SlackParts(Talk(self.house).board, scene, self.house.store, ears))
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> None:
        self.house.start()
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.face.start(), self.loop).result(30)

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
    made = Faced(workspace, tmp_path)
    made.start()
    until(workspace.connected)
    yield made
    made.close()


def test_a_runbook_from_the_card_to_its_end(workspace: LocalWorkspace, faced: Faced) -> None:
    ana, bruno = workspace.person("ana"), workspace.person("bruno")
    faced.house.incident()
    card = ana.wait_for_message("Looked by itself", ALERTS, 15)
    card = ana.wait_for(
        lambda: next((m for m in ana.channel(ALERTS) if m.words.count("found 0 items") == 2), None)
    )
    assert card.buttons == [
        "Details", "Acknowledge", "Runbook: Shelves", "Severity", "Note", "Why", "Report", "Resolve",
        "Take command", "Where things stand",
    ]  # fmt: skip
    ana.press(card, "Details")
    assert "RUN-2" in ana.wait_for_message("drbot looked at INC-1 by itself", ALERTS).words

    ana.press(card, "Runbook: Shelves")
    assert ana.wait_for_message("RB-1 begins", ALERTS).private

    def walk(words: str) -> object:
        found = [m for m in ana.thread(ALERTS, card.ts) if "Runbook: Shelves" in m.words and words in m.words]
        return found[-1] if found else None

    def approve(run: str) -> None:
        plan = ana.wait_for(
            lambda: next(
                (m for m in ana.thread(ALERTS, card.ts) if run in m.words and "Approve" in m.buttons), None
            ),
            15,
        )
        bruno.press(plan, "Approve")

    first = ana.wait_for(lambda: walk("RUN-4 waits for approval by Ana Lima, Rui Costa"), 15)
    assert first.buttons == ["Show RUN-4", "Stop"]  # type: ignore[attr-defined]
    approve("RUN-4")
    ana.wait_for(lambda: walk("RUN-5 waits for approval"), 15)
    approve("RUN-5")
    stands = ana.wait_for(lambda: walk("It stands at step 4, End queries."), 15)
    assert stands.buttons == ["Continue", "Try again", "Skip…", "Stop"]  # type: ignore[attr-defined]
    assert "there is no such shelf" in stands.words  # type: ignore[attr-defined]

    ana.press(stands, "Skip…")  # type: ignore[arg-type]
    form = ana.wait_for_modal("Skip a step of RB-1")
    ana.submit(form, {"text": 'the "shelf" is new'})
    by_hand = ana.wait_for(lambda: walk("Do by hand"), 15)
    assert "skipped by Ana Lima: the 'shelf' is new" in by_hand.words  # type: ignore[attr-defined]
    assert "echo done" in by_hand.words  # type: ignore[attr-defined]
    bruno.press(by_hand, "Done")  # type: ignore[arg-type]
    over = ana.wait_for(lambda: walk("3 of 5 steps held, 1 failed and what follows held, 1 passed"), 15)
    assert over.buttons == []  # type: ignore[attr-defined]
    assert over.ts == first.ts, "one message, edited in place"  # type: ignore[attr-defined]
    until(lambda: "RB-1" not in ana.wait_for_message("Looked by itself", ALERTS).words)
