"""A real Bolt app over Socket Mode: commands, presses, modals, events, silence and outages."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as dial

from bot.workspace import LocalWorkspace

Connect = Callable[[LocalWorkspace, Callable[[AsyncApp], None]], None]
BUTTON = {
    "type": "actions",
    "block_id": "deeds",
    "elements": [
        {
            "type": "button",
            "action_id": "ack",
            "text": {"type": "plain_text", "text": "Acknowledge"},
            "value": "INC-1",
        }
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "declare",
    "title": {"type": "plain_text", "text": "Declare"},
    "submit": {"type": "plain_text", "text": "Open it"},
    "private_metadata": "C1",
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": {"type": "plain_text", "text": "What happens?"},
            "element": {"type": "plain_text_input", "action_id": "words"},
        }
    ],
}


def test_a_command_is_answered_only_to_the_person_who_typed_it(ws: LocalWorkspace, connect: Connect) -> None:
    def listen(app: AsyncApp) -> None:
        @app.command("/dr")
        async def dr(ack: Any, command: dict[str, str]) -> None:
            await ack(f"{command['user_name']} said {command['text']} in {command['channel_name']}")

    connect(ws, listen)
    ana, bruno = ws.person("ana"), ws.person("bruno")
    assert ana.slash("/dr status", "general").ok
    assert [m.text for m in ana.ephemerals("general")] == ["ana said status in general"]
    assert bruno.ephemerals("general") == []


def test_a_press_updates_the_card_and_the_response_url_speaks(ws: LocalWorkspace, connect: Connect) -> None:
    presses: deque[dict[str, Any]] = deque()

    def listen(app: AsyncApp) -> None:
        @app.command("/dr")
        async def dr(ack: Any, say: Any) -> None:
            await ack()
            await say(text="card", blocks=[BUTTON])

        @app.action("ack")
        async def pressed(ack: Any, body: dict[str, Any], client: Any, respond: Any) -> None:
            await ack()
            presses.append(body)
            done = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Acknowledged*"}}]
            await client.chat_update(
                channel=body["channel"]["id"], ts=body["message"]["ts"], text="done", blocks=done
            )
            await respond("only for you")

    connect(ws, listen)
    ana = ws.person("ana")
    ana.slash("/dr go", "belezza-alerts")
    card = ana.wait_for_message("Acknowledge", "belezza-alerts")
    assert card.buttons == ["Acknowledge"]
    assert ana.press(card, "Acknowledge").ok
    assert ana.wait_for_message("*Acknowledged*", "belezza-alerts").ts == card.ts
    assert ana.wait_for_message("only for you", "belezza-alerts").private
    action = presses[0]["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("ack", "deeds", "INC-1")
    assert presses[0]["container"]["type"] == "message"
    assert presses[0]["user"]["id"] == ana.id


def test_a_modal_opens_is_refused_updated_and_closed(ws: LocalWorkspace, connect: Connect) -> None:
    submitted: deque[dict[str, Any]] = deque()

    def listen(app: AsyncApp) -> None:
        @app.command("/dr")
        async def dr(ack: Any, body: dict[str, str], client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        @app.view("declare")
        async def declared(ack: Any, view: dict[str, Any]) -> None:
            submitted.append(view)
            words = view["state"]["values"]["title"]["words"]["value"]
            if words == "no":
                await ack(response_action="errors", errors={"title": "Say more"})
            elif words == "next":
                await ack(
                    response_action="update",
                    view={**MODAL, "title": {"type": "plain_text", "text": "Step 2"}},
                )
            else:
                await ack()

    connect(ws, listen)
    ana = ws.person("ana")
    ana.slash("/dr declare", "general")
    modal = ana.wait_for_modal("Declare")
    assert ana.submit(modal).errors == {"title": "Please complete this required field."}
    assert not submitted
    assert ana.submit(modal, {"words": "no"}).errors == {"title": "Say more"}
    assert ana.submit(modal, {"words": "next"}).ok
    assert [view.title for view in ana.modals()] == ["Step 2"]
    assert ana.submit(ana.modals()[0], {"words": "pool exhausted"}).ok
    assert ana.modals() == []
    assert submitted[-1]["private_metadata"] == "C1"
    assert ws.person("bruno").modals() == []


def test_events_reach_the_app_with_their_shapes(ws: LocalWorkspace, connect: Connect) -> None:
    heard: deque[dict[str, Any]] = deque()

    def listen(app: AsyncApp) -> None:
        for kind in (
            "app_mention",
            "reaction_added",
            "pin_added",
            "app_home_opened",
            "member_joined_channel",
        ):

            @app.event(kind)
            async def other(event: dict[str, Any]) -> None:
                heard.append(event)

        @app.event("message")
        async def message(event: dict[str, Any]) -> None:
            heard.append(event)

    connect(ws, listen)
    ana = ws.person("ana")
    said = ana.say("@drbot the pool is <full> & #general knows", "belezza-alerts")
    ana.say("root cause found", "belezza-alerts", thread_ts=said.ts)
    ana.edit(said, "the pool was full")
    ana.react(said, "eyes")
    ana.pin(said)
    ana.open_home()
    other = ana.say("oops", "belezza-alerts")
    ana.delete(other)
    made = ana.create_channel("inc-1-pool")
    ana.invite_app(made)

    def kinds() -> list[str]:
        return [event.get("subtype") or event["type"] for event in heard]

    wanted = {"message", "app_mention", "message_changed", "message_deleted", "reaction_added", "pin_added",
              "app_home_opened", "member_joined_channel"}  # fmt: skip
    ana.wait_for(lambda: wanted <= set(kinds()) or None)
    first = next(event for event in heard if event["type"] == "message")
    general = ws.channel_id("general")
    assert first["text"] == f"<@{ws.app_user_id}> the pool is &lt;full&gt; &amp; <#{general}|general> knows"
    assert first["blocks"][0]["elements"][0]["elements"][1]["text"] == " the pool is <full> & "
    reply = next(event for event in heard if event.get("thread_ts") == said.ts and event["ts"] != said.ts)
    assert reply["parent_user_id"] == ana.id
    changed = next(event for event in heard if event.get("subtype") == "message_changed")
    assert changed["previous_message"]["text"].startswith(f"<@{ws.app_user_id}>")
    assert changed["message"]["text"] == "the pool was full"


def test_a_silent_app_is_told_as_slack_tells_it(connect: Connect) -> None:
    def listen(app: AsyncApp) -> None:
        @app.action("ack")
        async def late(ack: Any) -> None:
            await asyncio.sleep(0.6)
            await ack()

    with LocalWorkspace(ack_timeout_s=0.3) as ws:
        connect(ws, listen)
        ana = ws.person("ana")
        client = WebClient(ws.bot_token, base_url=ws.api_url)
        client.chat_postMessage(channel="#general", text="card", blocks=[BUTTON])
        told = ana.press(ana.channel("general")[-1], "ack")
        assert (told.ok, told.error) == (False, "drbot didn’t respond. Try again.")
        assert not ana.slash("/dr status", "general").ok
        assert "failed because the app did not respond" in ana.ephemerals("general")[-1].text


def test_an_unacknowledged_event_comes_again_and_says_so(connect: Connect) -> None:
    seen: deque[tuple[str, Any]] = deque()

    def listen(app: AsyncApp) -> None:
        @app.middleware
        async def count(body: dict[str, Any], req: Any, next_: Any) -> None:
            seen.append((body["event_id"], req.headers.get("x-slack-retry-num")))
            if len(seen) == 1:
                raise RuntimeError("not ready yet")
            await next_()

        @app.event("message")
        async def message() -> None:
            pass

        @app.error
        async def quiet() -> None:
            pass

    with LocalWorkspace(ack_timeout_s=0.2, event_retries_s=(0.0, 0.1, 0.1)) as quick:
        connect(quick, listen)
        ana = quick.person("ana")
        ana.say("hello", "general")
        ana.wait_for(lambda: len(seen) >= 2 or None)
        assert seen[0][0] == seen[1][0]


def test_a_warning_and_an_outage_make_the_app_come_back(ws: LocalWorkspace, connect: Connect) -> None:
    def listen(app: AsyncApp) -> None:
        @app.command("/dr")
        async def dr(ack: Any) -> None:
            await ack("here")

    connect(ws, listen)
    ana = ws.person("ana")
    opened = ws.calls()["apps.connections.open"]
    ws.ask_to_reconnect()
    ana.wait_for(lambda: ws.calls()["apps.connections.open"] > opened or None, 15)
    ana.wait_for(lambda: ana.slash("/dr status", "general").ok or None)
    ws.down()
    ana.wait_for(lambda: not ws.connected() or None)
    ws.up()
    ana.wait_for(lambda: ws.connected() or None, 20)
    assert ana.slash("/dr status", "general").ok


def test_the_sync_app_with_the_builtin_client_works_unchanged(ws: LocalWorkspace) -> None:
    app = App(client=WebClient(ws.bot_token, base_url=ws.api_url))

    @app.command("/dr")
    def dr(ack: Any, client: WebClient, command: dict[str, str]) -> None:
        ack()
        client.chat_postMessage(channel=command["channel_id"], text="from the sync app")

    handler = SocketModeHandler(app, ws.app_token)
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        ana = ws.person("ana")
        ana.wait_for(lambda: ws.connected() or None)
        assert ana.slash("/dr status", "general").ok
        assert ana.wait_for_message("from the sync app", "general").user == ws.app_user_id
    finally:
        handler.close()  # type: ignore[no-untyped-call]


def test_a_link_works_once(ws: LocalWorkspace) -> None:
    url = WebClient(base_url=ws.api_url).apps_connections_open(app_token=ws.app_token)["url"]
    with dial(url) as link:
        assert '"type": "hello"' in str(link.recv(2))
    with pytest.raises(InvalidStatus) as refused, dial(url):
        pass
    assert refused.value.response.status_code == 403
