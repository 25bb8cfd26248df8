"""HTTP mode: Slack's signed requests through Bolt's own handler, acknowledged at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import uvicorn

from bot.workspace.runner import LocalWorkspace
from tests.slack.stage import Bot, wait_until

ALERTS = "belezza-alerts"


@pytest.fixture
def workspace() -> Iterator[LocalWorkspace]:
    with LocalWorkspace() as running:
        yield running


@pytest.fixture
def served(workspace: LocalWorkspace, tmp_path: Path) -> Iterator[tuple[Bot, str]]:
    with Bot(workspace, tmp_path / "bot.db", http=True) as bot, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(bot.face.asgi, log_level="warning", lifespan="off", interface="asgi3")
        server = uvicorn.Server(config)
        # The face's client lives on the bot's loop, and so must what serves it.
        serving = threading.Thread(target=lambda: bot.on_loop_for_long(server.serve([bound])), daemon=True)
        serving.start()
        wait_until(lambda: server.started and not bot.on_loop(bot.face.health()))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/slack/events"
        workspace.set_request_url(url)
        yield bot, url
        server.should_exit = True
        serving.join(10)


def test_commands_presses_and_events_arrive_signed(
    workspace: LocalWorkspace, served: tuple[Bot, str]
) -> None:
    bot, _ = served
    ana = workspace.person("ana")
    card = ana.wait_for_message(bot.open_incident().ref, ALERTS)
    assert ana.press(card, "Acknowledge").ok
    assert ana.wait_for_message("Ana Souza has it", ALERTS).ts == card.ts
    assert ana.slash("/dr status", workspace.channel_id(ALERTS)).ok
    ana.wait_for_message("Ready", ALERTS)
    ana.say("@drbot hello", ALERTS)
    ana.wait_for_message("heard hello", ALERTS)


def test_what_is_not_signed_by_slack_is_refused(served: tuple[Bot, str]) -> None:
    bot, url = served
    headers = {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "1"}
    answer = requests.post(url, data={"command": "/dr", "text": "status"}, headers=headers, timeout=5)
    assert answer.status_code == 401
    assert not bot.console.lines
