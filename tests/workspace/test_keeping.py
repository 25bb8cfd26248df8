"""What a workspace keeps over a restart, and where it refuses to listen."""

from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.workspace import LocalWorkspace, Seed, serve_workspace
from bot.workspace.seed import read_seed


def test_a_restart_keeps_channels_messages_homes_and_tokens(tmp_path: Path) -> None:
    kept = tmp_path / "workspace.json"
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    with LocalWorkspace(state_path=kept) as ws:
        client = WebClient(ws.bot_token, base_url=ws.api_url)
        ana = ws.person("ana")
        channel = client.conversations_create(name="inc-1")["channel"]["id"]
        client.conversations_invite(channel=channel, users=ana.id)
        parent = client.chat_postMessage(channel=channel, text="card")["ts"]
        ana.say("root cause: the pool", channel, thread_ts=parent)
        ana.react(ana.channel(channel)[-1], "eyes")
        client.views_publish(user_id=ana.id, view=home)
        token = ws.bot_token
    with LocalWorkspace(state_path=kept) as ws:
        client = WebClient(token, base_url=ws.api_url)
        again = ws.person("ana")
        card = again.channel("inc-1")[-1]
        assert (card.text, card.reply_count, card.reactions) == ("card", 1, {"eyes": 1})
        assert again.thread("inc-1", card.ts)[-1].text == "root cause: the pool"
        assert again.home() is not None
        client.chat_update(channel=channel, ts=card.ts, text="card, still mine")
        assert client.conversations_create(name="inc-2")["channel"]["id"] != channel


def test_a_file_that_is_no_snapshot_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "notes.json"
    other.write_text("my notes")
    with pytest.raises(ValueError, match="Move it away"), LocalWorkspace(state_path=other):
        pass
    assert other.read_text() == "my notes"


@pytest.mark.parametrize("listen", ["0.0.0.0:8090", "192.168.1.4:8090", "example.com:80"])
def test_only_this_machine_is_listened_on(listen: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        serve_workspace(listen)


def test_a_seed_document_names_the_field_that_is_wrong(tmp_path: Path) -> None:
    document = tmp_path / "seed.json"
    document.write_text('{"team_name": "Salon", "people": [{"name": "eva", "real_name": "Eva Reis"}]}')
    with LocalWorkspace(seed=read_seed(document)) as ws:
        assert ws.person("eva").name == "eva"
    document.write_text('{"people": [{"name": 7}]}')
    with pytest.raises(ValueError, match=r"people\[0\]\.name|people\[\.\.\.\]\.name"):
        read_seed(document)
    assert Seed().team_name == "Belezza"
