"""What Slack should show is shown: in order, once, through rate limits, outages and kill -9."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.announce import OWN, note_key
from bot.domain.severity import Severity
from bot.store.outbox import Wanted
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seed import ChannelSeed
from bot.workspace.seen import SeenMessage
from tests.slack.stage import Bot, an_incident, wait_until

ALERTS = "belezza-alerts"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace() -> Iterator[LocalWorkspace]:
    with LocalWorkspace() as running:
        yield running


def cards(workspace: LocalWorkspace) -> list[SeenMessage]:
    mine = workspace.app_user_id
    return [
        m for m in workspace.person("ana").channel(ALERTS) if m.user == mine and m.blocks and not m.private
    ]


def numbers(messages: list[SeenMessage]) -> list[int]:
    return [int(m.text.split("INC-")[1].split(" ")[0]) for m in messages if "INC-" in m.text]


def test_two_hundred_cards_come_each_once_the_worst_first(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        bot.connected()
        levels = [Severity.SEV4, Severity.SEV3]
        workspace.down()
        for number in range(200):
            bot.open_incident(severity=levels[number % 2])
        wait_until(lambda: "down" in bot.troubles)
        workspace.up()
        wait_until(lambda: len(cards(workspace)) > 0, 20)
        bot.settled(20)
    shown = cards(workspace)
    assert sorted(numbers(shown)) == list(range(1, 201)), "each once, none lost"
    severities = ["SEV-3" in m.text for m in shown]
    assert severities == sorted(severities, reverse=True), "highest severity first"


def test_behind_the_rate_limit_the_worst_come_first_and_a_digest_names_them_all(tmp_path: Path) -> None:
    with LocalWorkspace(rate_limits=True) as workspace, Bot(workspace, tmp_path / "bot.db") as bot:
        ana = workspace.person("ana")
        for number in range(40):
            level = Severity.SEV3 if number >= 37 else Severity.SEV4
            bot.open_incident(severity=level, title=f"trouble {number}")
        digest = ana.wait_for_message("40 open incidents", ALERTS, 8)
        assert "SEV-3" in digest.words
        assert "INC-40" in digest.words
        assert "on the way" in digest.words
        wait_until(lambda: {38, 39, 40} <= set(numbers(cards(workspace))), 10)
        limited = bot.troubles.count("limited")
        assert limited >= 1
        wait_until(lambda: len(cards(workspace)) >= 10, 15)
        assert bot.troubles.count("limited") <= limited + 3, "after a 429 it keeps the pace it was asked for"
        workspace.rate_limits(False)
        assert "refused" not in bot.troubles


def test_a_429_is_waited_out_and_nothing_is_shown_twice(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        workspace.fail("chat.postMessage", "ratelimited", times=2, retry_after_s=1)
        begun = time.monotonic()
        bot.open_incident()
        bot.settled()
        assert time.monotonic() - begun >= 2
        assert len(cards(workspace)) == 1
        assert bot.troubles == ["limited", "limited"]


def test_what_happened_while_slack_was_down_is_told_in_order(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        bot.connected()
        workspace.down()
        incident = bot.open_incident()
        for number in range(5):
            bot.want(
                Wanted(
                    f"incident:{incident.id}:note:{number}",
                    "incident-note",
                    incident.id,
                    "#" + ALERTS,
                    f"incident:{incident.id}:card",
                    3,
                    f"note {number}",
                )
            )
        wait_until(lambda: "down" in bot.troubles)
        assert not cards(workspace)
        assert bot.on_loop(bot.face.health())
        workspace.up()
        bot.settled(20)
        (card,) = cards(workspace)
        replies = workspace.person("ana").thread(card.channel, card.ts)[1:]
        assert [reply.text for reply in replies] == [f"note {number}" for number in range(5)]
        bot.connected()


@pytest.mark.parametrize("in_thread", [False, True])
def test_a_card_posted_just_before_kill_9_is_adopted(
    workspace: LocalWorkspace, tmp_path: Path, in_thread: bool
) -> None:
    """The post arrived, its ts was never stored: exactly what a kill between the two leaves behind."""
    key = "incident:1:note:9" if in_thread else "incident:1:card"
    with Bot(workspace, tmp_path / "bot.db") as bot:
        bot.open_incident()
        bot.settled()
        if in_thread:
            bot.want(Wanted(key, "incident-note", 1, "#" + ALERTS, "incident:1:card", 3, "said once"))
            bot.settled()
        posts = workspace.calls()["chat.postMessage"]
        bot.store.write(
            lambda tx: tx.run("UPDATE outbox SET ts = '', shown = 0, sending = 1 WHERE key = ?", (key,))
        )
    with Bot(workspace, tmp_path / "bot.db") as again:
        again.settled()
        assert workspace.calls()["chat.postMessage"] == posts, "found by its metadata, not posted twice"
        (card,) = cards(workspace)
        assert (card.reply_count == 1) is in_thread
        assert again.store.read("SELECT ts FROM outbox WHERE key = ?", (key,))[0][0]


def test_kill_9_between_the_post_and_its_record(workspace: LocalWorkspace, tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    there = [str(path), workspace.api_url, workspace.bot_token, workspace.app_token]
    died = subprocess.run([sys.executable, "-m", "tests.slack.dying", *there], cwd=ROOT, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert len(cards(workspace)) == 1, "Slack took it"
    with sqlite3.connect(path) as left:
        row = left.execute("SELECT ts, sending FROM outbox WHERE key = 'incident:1:card'").fetchone()
    left.close()
    assert row == ("", 1)
    with Bot(workspace, path) as bot:
        bot.settled()
        ana = workspace.person("ana")
        (card,) = cards(workspace)
        bot.connected()
        ana.press(card, "Acknowledge")
        ana.wait_for_message("Ana Souza has it", ALERTS)
        assert len(cards(workspace)) == 1


def test_a_deleted_card_is_posted_anew(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        bot.settled()
        workspace.fail("chat.update", "message_not_found")
        bot.want(Wanted(f"incident:{incident.id}:card", "incident-card", incident.id, "#" + ALERTS, rank=3))
        bot.settled()
        assert len(cards(workspace)) == 2
        found = bot.scene.incident(incident.id)
        assert found is not None
        assert found.thread == cards(workspace)[1].ts, "people's replies to the new card are heard"


def test_a_refused_card_keeps_its_error_and_does_not_hold_up_the_others(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        bot.want(Wanted("note:lost", "incident-note", 1, "C0NOTTHERE1", payload="lost", rank=1))
        bot.open_incident()
        wait_until(lambda: len(cards(workspace)) == 1)
        errors = "SELECT error FROM outbox WHERE key = 'note:lost' AND error <> ''"
        wait_until(lambda: bot.store.read(errors))
        assert "channel_not_found" in str(bot.store.read(errors))
        assert "refused" in bot.troubles


def test_what_slack_will_not_draw_is_said_in_words(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        workspace.fail("chat.postMessage", "invalid_blocks")
        bot.open_incident()
        bot.settled()
        (card,) = cards(workspace)
        assert "INC-1" in card.words


def test_wishes_that_pile_up_are_one_edit(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        bot.settled()
        for _ in range(300):
            bot.want(Wanted(f"incident:{incident.id}:card", "incident-card", incident.id, "", rank=3))
        bot.settled()
        assert workspace.calls()["chat.update"] <= 6


def test_a_channel_name_that_is_taken_is_not_taken_over(workspace: LocalWorkspace, tmp_path: Path) -> None:
    workspace.person("ana").create_channel("inc-1-database-production")
    with Bot(workspace, tmp_path / "bot.db") as bot:
        bot.open_incident(severity=Severity.SEV1)
        bot.settled()
        assert workspace.channel_id("inc-1-database-production-2")
        assert an_incident(1).ref == "INC-1"


def test_a_line_for_an_own_channel_that_was_archived_is_let_go(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        bot.open_incident(severity=Severity.SEV1)
        bot.settled()
        found = bot.scene.incident(1)
        assert found is not None
        assert found.own_channel
        workspace.fail("chat.postMessage", "is_archived", times=1)
        bot.want(Wanted(f"{note_key(1, 9)}{OWN}", "handover", 1, found.own_channel, rank=1, payload="words"))
        bot.settled()
        assert bot.backlog() == 0
        assert "refused" not in bot.troubles
        assert not bot.store.read("SELECT 1 FROM outbox WHERE key LIKE '%:own'", ())


def test_the_plans_channel_is_made_where_it_is_missing(tmp_path: Path) -> None:
    with (
        LocalWorkspace(channels=(ChannelSeed("general"),)) as workspace,
        Bot(workspace, tmp_path / "bot.db") as bot,
    ):
        bot.open_incident()
        bot.settled()
        assert len(cards(workspace)) == 1


def test_a_channel_that_the_bot_is_not_in_is_joined(tmp_path: Path) -> None:
    with (
        LocalWorkspace(channels=(ChannelSeed("general"), ChannelSeed(ALERTS, app=False))) as workspace,
        Bot(workspace, tmp_path / "bot.db") as bot,
    ):
        bot.open_incident()
        bot.settled()
        assert len(cards(workspace)) == 1


def test_slack_refreshes_the_socket_and_presses_go_on(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        bot.connected()
        before = workspace.calls()["apps.connections.open"]
        workspace.ask_to_reconnect("refresh_requested")
        wait_until(lambda: workspace.calls()["apps.connections.open"] > before)
        bot.connected()
        ana = workspace.person("ana")
        # What was on its way over the old socket is lost, and the person is told so: they say it again.
        wait_until(lambda: ana.slash("/dr status", workspace.channel_id(ALERTS)).ok)
        ana.wait_for_message("Ready", ALERTS)


def test_the_face_starts_while_slack_is_down_and_connects_when_it_is_back(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    workspace.down()
    with Bot(workspace, tmp_path / "bot.db") as bot:
        assert bot.on_loop(bot.face.health())
        bot.open_incident()
        workspace.up()
        bot.connected()
        bot.settled()
        assert len(cards(workspace)) == 1
