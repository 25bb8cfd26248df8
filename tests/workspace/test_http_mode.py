"""A real Bolt app in HTTP mode: signed requests in, the same answers out."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.asgi.builtin import SlackRequestHandler
from slack_sdk import WebClient

from bot.workspace import LocalWorkspace

BUTTON = {
    "type": "actions",
    "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
}


@pytest.fixture
def served(ws: LocalWorkspace) -> Iterator[App]:
    """The app behind uvicorn on a free port, known to the workspace by its request URL."""
    import socket

    import uvicorn

    app = App(client=WebClient(ws.bot_token, base_url=ws.api_url), signing_secret=ws.signing_secret)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(SlackRequestHandler(app), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        ws.set_request_url(f"http://127.0.0.1:{bound.getsockname()[1]}/slack/events")
        ws.person("ana").wait_for(lambda: server.started or None)
        yield app
        server.should_exit = True
        thread.join(10)


def test_commands_presses_and_events_come_signed(ws: LocalWorkspace, served: App) -> None:
    heard: list[str] = []

    @served.command("/dr")
    def dr(ack: Any, say: Any) -> None:
        ack("on it")
        say(text="card", blocks=[BUTTON])

    @served.action("go")
    def go(ack: Any, respond: Any) -> None:
        ack()
        respond(text="gone", replace_original=True)

    @served.event("app_mention")
    def mention(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    @served.event("message")
    def message() -> None:
        pass

    ana = ws.person("ana")
    assert ana.slash("/dr status", "general").ok
    assert ana.ephemerals("general")[-1].text == "on it"
    card = ana.wait_for_message("Go", "general")
    assert ana.press(card, "Go").ok
    assert ana.wait_for_message("gone", "general").ts == card.ts
    ana.say("@drbot hello", "general")
    ana.wait_for(lambda: heard or None)


def test_a_wrong_signature_is_refused_and_told(ws: LocalWorkspace, served: App) -> None:
    with LocalWorkspace() as other:
        other.set_request_url(ws._desk.delivery.request_url)
        ana = other.person("ana")
        assert not ana.slash("/dr status", "general").ok
        assert 'error "dispatch_failed"' in ana.ephemerals("general")[-1].text


def test_an_app_that_is_gone_is_told(ws: LocalWorkspace) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), None) as closed:  # type: ignore[arg-type]
        port = closed.server_address[1]
    ws.set_request_url(f"http://127.0.0.1:{port}/slack/events")
    told = ws.person("ana").slash("/dr status", "general")
    assert "did not respond" in told.error
