"""The Web API against Slack's own client: shapes, encodings, refusals, limits, faults."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import LocalWorkspace, SlackError
from bot.workspace.blocks import check_message_blocks
from bot.workspace.views import check_view


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(**button: Any) -> dict[str, Any]:
    return {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "a", "text": plain("b"), **button}],
    }


CONFIRM = {"title": plain("t"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}
TOO_MUCH = [
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters"),
    (
        [{"type": "header", "text": mrkdwn("x")}],
        "must be a valid enum value [json-pointer:/blocks/0/text/type]",
    ),
    ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "no more than 10 items allowed"),
    ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "must be less than 2001 characters"),
    ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "no more than 10 items allowed"),
    ([actions(text=plain("x" * 76))], "must be less than 76 characters"),
    ([actions(value="x" * 2001)], "must be less than 2001 characters"),
    ([actions(style="loud")], "must be a valid enum value"),
    ([actions(confirm={**CONFIRM, "text": plain("x" * 301)})], "must be less than 301 characters"),
    ([actions(confirm={**CONFIRM, "deny": plain("x" * 31)})], "must be less than 31 characters"),
    ([{"type": "actions", "elements": [actions()["elements"][0]] * 26}], "no more than 25 items allowed"),
    ([{"type": "actions", "elements": [actions()["elements"][0]] * 2}], "`action_id` already exists"),
    ([section("x", block_id="b"), section("y", block_id="b")], "`block_id` already exists"),
    ([section("x", block_id="b" * 256)], "must be less than 256 characters"),
    ([{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters"),
    ([{"type": "nonsense"}], "unsupported type: nonsense"),
    (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
        "no more than 100 items allowed",
    ),
]


@pytest.mark.parametrize(("blocks", "message"), TOO_MUCH, ids=[message for _, message in TOO_MUCH])
def test_what_slack_refuses_is_refused_with_the_place(blocks: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(SlackError) as refused:
        check_message_blocks(json.loads(json.dumps(blocks)))
    assert refused.value.code == "invalid_blocks"
    assert any(message in one for one in refused.value.messages), refused.value.messages


def test_long_text_over_all_blocks_is_too_long() -> None:
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        check_message_blocks([section("x" * 2900) for _ in range(5)])


def test_a_card_at_every_limit_is_accepted() -> None:
    button = actions(text=plain("x" * 75), value="v" * 2000, confirm={**CONFIRM, "text": plain("x" * 300)})
    blocks = [{"type": "header", "text": plain("x" * 150)}, section("x" * 3000), button]
    assert len(check_message_blocks(blocks)) == 3


def test_the_same_action_in_two_blocks_is_legal() -> None:
    assert check_message_blocks([actions(), actions()])


FIELDS = ("type", "text", "elements", "fields", "accessory", "confirm", "options", "rows", "element", "label")
KINDS = ("section", "actions", "button", "input", "table", "mrkdwn", "static_select", "image")
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(KINDS)
NAMES = st.sampled_from(FIELDS) | st.text(max_size=3)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_hostile_blocks_are_refused_and_never_crash(blocks: Any) -> None:
    with suppress(SlackError):
        check_message_blocks(blocks if isinstance(blocks, list) else [blocks])


def test_modals_have_their_own_limits() -> None:
    modal: dict[str, Any] = {"type": "modal", "title": plain("t"), "blocks": [section("x")]}
    assert check_view(modal, "modal")
    for change, message in (
        ({"title": plain("x" * 25)}, "/view/title/text"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"blocks": [section("x")] * 101}, "no more than 100 items"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown"),
    ):
        with pytest.raises(SlackError) as refused:
            check_view({**modal, **change}, "modal")
        assert message in refused.value.messages[0]
    with pytest.raises(SlackError, match="view_too_large"):
        check_view({**modal, "blocks": [section("x" * 3000) for _ in range(90)]}, "modal")


def test_the_identity_that_bolt_reads(client: WebClient, ws: LocalWorkspace) -> None:
    answer = client.auth_test()
    assert answer["user_id"] == ws.app_user_id
    assert answer["bot_id"].startswith("B")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


def test_wrong_and_missing_tokens(ws: LocalWorkspace) -> None:
    for token, error in (("xoxb-wrong", "invalid_auth"), (ws.app_token, "not_allowed_token_type")):
        with pytest.raises(SlackApiError, match=error):
            WebClient(token, base_url=ws.api_url).auth_test()
    with pytest.raises(SlackApiError, match="not_authed"):
        WebClient(base_url=ws.api_url).auth_test()


def test_an_unknown_method_answers_200(client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="unknown_method") as refused:
        client.api_call("chat.doSomething")
    assert refused.value.response.status_code == 200


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_all_three_encodings(ws: LocalWorkspace, kind: str) -> None:
    blocks = json.dumps([section("hello")])
    if kind == "json":
        body, content = (
            json.dumps({"channel": "#general", "blocks": json.loads(blocks), "team_id": "T1"}),
            "application/json",
        )
    elif kind == "form":
        body = urlencode({"channel": "#general", "blocks": blocks, "team_id": "T1"})
        content = "application/x-www-form-urlencoded"
    else:
        part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        body = part.format("channel", "#general") + part.format("blocks", blocks) + "--b--\r\n"
        content = "multipart/form-data; boundary=b"
    headers = {"Content-Type": content, "Authorization": f"Bearer {ws.bot_token}"}
    request = urllib.request.Request(f"{ws.api_url}chat.postMessage", body.encode(), headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert json.load(answer)["ok"]
    assert ws.person("ana").channel("general")[-1].words == "hello"


def test_channels_live_by_slacks_rules(client: WebClient, ws: LocalWorkspace) -> None:
    made = client.conversations_create(name="inc-7-pool")["channel"]
    ana, bruno = ws.person("ana"), ws.person("bruno")
    client.conversations_invite(channel=made["id"], users=[ana.id, bruno.id])
    assert set(client.conversations_members(channel=made["id"])["members"]) == {
        ws.app_user_id,
        ana.id,
        bruno.id,
    }
    client.conversations_setTopic(channel=made["id"], topic="SEV-2")
    assert client.conversations_info(channel=made["id"])["channel"]["topic"]["value"] == "SEV-2"
    client.conversations_archive(channel=made["id"])
    refusals: list[tuple[Callable[[], Any], str]] = [
        (lambda: client.conversations_create(name="inc-7-pool"), "name_taken"),
        (lambda: client.conversations_create(name="Inc 7"), "invalid_name_specials"),
        (lambda: client.chat_postMessage(channel=made["id"], text="x"), "is_archived"),
        (lambda: client.chat_postMessage(channel="C404", text="x"), "channel_not_found"),
        (lambda: client.api_call("chat.postMessage", json={"channel": "#general"}), "no_text"),
        (lambda: client.chat_update(channel="#general", ts="1.2", text="x"), "message_not_found"),
        (lambda: client.views_open(trigger_id="1.2.3", view={"type": "modal"}), "invalid_trigger_id"),
    ]
    for wrong, error in refusals:
        with pytest.raises(SlackApiError, match=error):
            wrong()
    ana.create_channel("private-talk")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        client.chat_postMessage(channel="#private-talk", text="x")


def test_history_pages_and_carries_metadata(client: WebClient) -> None:
    metadata = {"event_type": "incident", "event_payload": {"id": "7"}}
    channel = client.conversations_create(name="long")["channel"]["id"]
    stamps = [
        client.chat_postMessage(channel=channel, text=str(n), metadata=metadata)["ts"] for n in range(5)
    ]
    assert len(set(stamps)) == 5
    texts, pages = [], 0
    for page in client.conversations_history(channel=channel, limit=2, include_all_metadata=True):
        texts += [message["text"] for message in page["messages"]]
        pages += 1
        assert page["messages"][0]["metadata"] == metadata
    assert (pages, texts) == (3, ["4", "3", "2", "1", "0"])
    assert "metadata" not in client.conversations_history(channel=channel)["messages"][0]
    client.chat_postMessage(channel=channel, text="reply", thread_ts=stamps[0])
    replies = client.conversations_replies(channel=channel, ts=stamps[0])["messages"]
    assert [message["text"] for message in replies] == ["0", "reply"]


def test_a_file_is_uploaded_as_the_sdk_does_it(client: WebClient, ws: LocalWorkspace) -> None:
    channel = ws.channel_id("general")
    client.files_upload_v2(channel=channel, filename="report.md", content="# Report", initial_comment="Draft")
    file = ws.person("ana").channel("general")[-1].body["files"][0]
    assert (file["name"], file["preview"]) == ("report.md", "# Report")


def test_rate_limits_answer_429_with_retry_after(client: WebClient, ws: LocalWorkspace) -> None:
    ws.rate_limits(True)
    for number in range(5):  # a short burst is let through
        client.chat_postMessage(channel="#general", text=str(number))
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="#general", text="one too many")
    assert refused.value.response.status_code == 429
    assert int(refused.value.response.headers["Retry-After"]) >= 1
    ws.rate_limits(False)
    for number in range(20):
        client.chat_postMessage(channel="#general", text=str(number))


def test_faults_are_met_and_calls_counted(client: WebClient, ws: LocalWorkspace) -> None:
    ws.fail("chat.postMessage", "internal_error", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="internal_error"):
            client.chat_postMessage(channel="#general", text="x")
    client.chat_postMessage(channel="#general", text="x")
    assert ws.calls()["chat.postMessage"] == 3
    ws.down()
    with pytest.raises(SlackApiError) as refused:
        client.auth_test()
    assert refused.value.response.status_code == 503
    ws.up()
    client.auth_test()


def test_a_trigger_is_good_once(client: WebClient, ws: LocalWorkspace) -> None:
    trigger = ws._desk.triggers.issue(ws.person("ana").id)
    view = {"type": "modal", "title": plain("t"), "blocks": [section("x")]}
    opened = client.views_open(trigger_id=trigger, view=view)["view"]
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=trigger, view=view)
    client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
    ],
)
def test_other_sites_and_names_are_turned_away(ws: LocalWorkspace, headers: dict[str, str]) -> None:
    request = urllib.request.Request(f"{ws.page_url}local/see/world", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 403
    refused.value.close()
