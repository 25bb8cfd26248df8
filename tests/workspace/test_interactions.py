"""The rarer interactions, with a real Bolt app: menus, inputs, stacked modals, shortcuts, response URLs."""

import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import LocalWorkspace, Seed, ShortcutSeed

Connect = Callable[[LocalWorkspace, Callable[[AsyncApp], None]], None]


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def option(text: str) -> dict[str, Any]:
    return {"text": plain(text), "value": text.lower()}


def modal(title: str, **more: Any) -> dict[str, Any]:
    blocks = [
        {"type": "actions", "elements": [{"type": "button", "action_id": "deeper", "text": plain("Deeper")}]}
    ]
    return {"type": "modal", "callback_id": title, "title": plain(title), "blocks": blocks, **more}


SEVERITY = {"type": "static_select", "action_id": "sev", "options": [option("SEV-1"), option("SEV-2")]}
NOTE = {"type": "plain_text_input", "action_id": "words", "initial_value": "as seen"}
FORM: list[dict[str, Any]] = [
    {"type": "input", "block_id": "note", "label": plain("Note"), "element": NOTE},
    {"type": "actions", "block_id": "row", "elements": [SEVERITY]},
]


def test_a_choice_carries_the_option_and_the_state_around_it(
    ws: LocalWorkspace, client: WebClient, connect: Connect
) -> None:
    pressed: deque[dict[str, Any]] = deque()

    def listen(app: AsyncApp) -> None:
        @app.action("sev")
        async def sev(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            pressed.append(body)

    connect(ws, listen)
    client.chat_postMessage(channel="#general", text="form", blocks=FORM)
    ana = ws.person("ana")
    card = ana.channel("general")[-1]
    assert ana.press(card, "sev", choice="sev-2", inputs={"note": {"words": "the pool"}}).ok
    body = pressed.popleft()
    assert body["actions"][0]["selected_option"] == option("SEV-2")
    assert body["state"]["values"]["note"]["words"] == {"type": "plain_text_input", "value": "the pool"}
    assert ana.press(card, "sev", choice="sev-1").ok
    assert pressed.popleft()["state"]["values"]["note"]["words"]["value"] == "as seen"
    with pytest.raises(LookupError, match="there is: words"):
        ana.press(card, "nothing of the kind")


def test_modals_stack_three_high_and_closing_is_told(ws: LocalWorkspace, connect: Connect) -> None:
    closed: deque[tuple[str, bool]] = deque()
    refused: deque[str] = deque()

    def listen(app: AsyncApp) -> None:
        @app.command("/dr")
        async def dr(ack: Any, body: dict[str, str], client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=modal("One", notify_on_close=True))

        @app.action("deeper")
        async def deeper(ack: Any, body: dict[str, Any], client: Any) -> None:
            await ack()
            title = {"One": "Two", "Two": "Three"}.get(body["view"]["title"]["text"], "Four")
            try:
                await client.views_push(
                    trigger_id=body["trigger_id"], view=modal(title, notify_on_close=True)
                )
            except SlackApiError as error:
                refused.append(str(error))

        for title in ("One", "Two", "Three"):

            @app.view_closed(title)
            async def gone(ack: Any, body: dict[str, Any]) -> None:
                await ack()
                closed.append((body["view"]["title"]["text"], body["is_cleared"]))

    connect(ws, listen)
    ana = ws.person("ana")
    ana.slash("/dr go", "general")
    for title in ("One", "Two", "Three"):
        ana.press(ana.wait_for_modal(title), "Deeper")
    ana.wait_for(lambda: refused or None)
    assert "push_limit_reached" in refused[0]
    stack = ana.modals()
    assert [view.title for view in stack] == ["One", "Two", "Three"]
    assert stack[2].body["root_view_id"] == stack[0].id
    assert stack[2].body["previous_view_id"] == stack[1].id
    ana.close(stack[2])
    ana.wait_for(lambda: closed or None)
    assert closed.popleft() == ("Three", False)
    ana.close(ana.modals()[1], everything=True)
    ana.wait_for(lambda: len(closed) == 2 or None)
    assert set(closed) == {("Two", True), ("One", True)}
    assert ana.modals() == []


def test_a_message_shortcut_reaches_the_app(connect: Connect) -> None:
    def listen(app: AsyncApp) -> None:
        @app.shortcut("add_to_timeline")
        async def add(ack: Any, body: dict[str, Any], respond: Any) -> None:
            await ack()
            await respond(f"kept: {body['message']['text']}")

        @app.event("message")
        async def message() -> None:
            pass

    with LocalWorkspace(seed=Seed(shortcuts=(ShortcutSeed("Add to timeline", "add_to_timeline"),))) as ws:
        connect(ws, listen)
        ana = ws.person("ana")
        said = ana.say("root cause: the pool", "general")
        assert ana.shortcut(said, "add_to_timeline").ok
        assert ana.wait_for_message("kept: root cause: the pool", "general").private


def test_a_response_url_is_good_for_five_posts(ws: LocalWorkspace, connect: Connect) -> None:
    urls: deque[str] = deque()

    def listen(app: AsyncApp) -> None:
        @app.command("/dr")
        async def dr(ack: Any, command: dict[str, str]) -> None:
            urls.append(command["response_url"])
            await ack()

    connect(ws, listen)
    ana = ws.person("ana")
    ana.slash("/dr go", "general")
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(urls[0], b'{"text": "later", "response_type": "in_channel"}', headers)
    for _ in range(5):
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.read() == b"ok"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    with refused.value as gone:
        assert (gone.code, b"used_url" in gone.read()) == (404, True)
    assert [message.text for message in ws.person("bruno").channel("general")] == ["later"] * 5


def test_a_private_answer_can_replace_and_remove_itself(ws: LocalWorkspace, connect: Connect) -> None:
    def listen(app: AsyncApp) -> None:
        button = {"type": "button", "action_id": "next", "text": plain("Next")}

        @app.command("/dr")
        async def dr(ack: Any) -> None:
            await ack(text="page 1", blocks=[{"type": "actions", "elements": [button]}])

        @app.action("next")
        async def onward(ack: Any, respond: Any, body: dict[str, Any]) -> None:
            await ack()
            assert "message" not in body
            await respond(text="page 2", replace_original=True)

    connect(ws, listen)
    ana = ws.person("ana")
    ana.slash("/dr go", "general")
    [page] = ana.ephemerals("general")
    assert ana.press(page, "Next").ok
    assert ana.wait_for_message("page 2", "general").ts == page.ts
    ana.delete(page)
    assert ana.ephemerals("general") == []
