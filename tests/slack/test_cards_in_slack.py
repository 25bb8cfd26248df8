"""The card's life as the people of the channel see it, through real Bolt and a Slack-compatible server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.store.outbox import Wanted
from bot.workspace.runner import LocalWorkspace
from tests.slack.stage import Bot, a_run, wait_until

ALERTS = "belezza-alerts"


@pytest.fixture
def workspace() -> Iterator[LocalWorkspace]:
    with LocalWorkspace() as running:
        yield running


@pytest.fixture
def bot(workspace: LocalWorkspace, tmp_path: Path) -> Iterator[Bot]:
    with Bot(workspace, tmp_path / "bot.db") as running:
        yield running.connected()


def test_an_incident_is_one_card_that_is_acknowledged_and_resolved_in_place(
    workspace: LocalWorkspace, bot: Bot
) -> None:
    ana, bruno = workspace.person("ana"), workspace.person("bruno")
    incident = bot.open_incident()

    card = ana.wait_for_message(incident.ref, ALERTS)
    assert "SEV-3" in card.words
    assert "Nobody has it yet" in card.words
    assert "3 firing, 2 over" in card.words
    assert card.buttons == [
        "Acknowledge", "End long queries", "Severity", "Note", "Why", "Report", "Resolve",
    ]  # fmt: skip

    assert ana.press(card, "Acknowledge").ok
    taken = ana.wait_for_message("Ana Souza has it", ALERTS)
    assert taken.ts == card.ts, "the card is edited, not posted again"
    assert "Acknowledge" not in taken.buttons
    assert ana.wait_for_message("INC-1: ack done", ALERTS).private

    assert bruno.press(taken, "Resolve").ok
    over = bruno.wait_for_message("is over", ALERTS)
    assert over.ts == card.ts
    assert over.buttons == ["Report", "Timeline"]
    assert len([m for m in ana.channel(ALERTS) if m.user == workspace.app_user_id and not m.private]) == 1


def test_a_runbook_button_is_a_command_line_and_a_second_delivery_is_not_a_second_run(
    workspace: LocalWorkspace, bot: Bot
) -> None:
    ana = workspace.person("ana")
    card = ana.wait_for_message(bot.open_incident().ref, ALERTS)
    ana.press(card, "End long queries")
    wait_until(lambda: bot.console.lines)
    line, person, where = bot.console.lines[0]
    assert line == "run end-long-queries environment=production incident=INC-1"
    assert person == "ana"
    assert where.face == "slack"
    assert where.request_key


def test_hostile_alert_text_pings_nobody(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    bad = "<!channel> <@U0BLZ0001> <!subteam^S1> @here & <https://evil.example|click> \u202e\x00"
    incident = bot.open_incident(title=bad, alert_names=(bad,), why=(bad,), component=bad, impact=bad)
    card = ana.wait_for_message(incident.ref, ALERTS)
    mrkdwn = [
        part["text"]
        for block in card.blocks
        for part in (block.get("text"), *block.get("fields", ()), *block.get("elements", ()))
        if isinstance(part, dict) and part.get("type") == "mrkdwn"
    ]
    for text in [card.text, *mrkdwn]:
        for live in ("<!channel", "<!subteam", "<@", "<https", "@here"):
            assert live not in text
    assert "&lt;!channel&gt;" in "".join(mrkdwn)


def test_from_sev_2_up_an_incident_has_a_channel_with_the_people_on_call(
    workspace: LocalWorkspace, bot: Bot
) -> None:
    ana = workspace.person("ana")
    bot.open_incident(severity=Severity.SEV2)
    card = ana.wait_for_message("Talk", ALERTS)
    own = workspace.channel_id("inc-1-database-production")
    assert f"<#{own}>" in card.words
    copy = ana.wait_for_message("INC-1", own)
    assert "Acknowledge" in copy.buttons
    ana.press(copy, "Acknowledge")
    ana.wait_for_message("Ana Souza has it", own)
    assert ana.wait_for_message("Ana Souza has it", ALERTS).ts == card.ts
    members = {channel["name"]: channel for channel in workspace.person("bruno").channels()}
    assert "inc-1-database-production" in members
    found = bot.scene.incident(1)
    assert found is not None
    assert (found.channel, found.thread) == (own, "")


def test_a_destructive_run_is_approved_by_typing_the_targets_name(
    workspace: LocalWorkspace, bot: Bot
) -> None:
    ana, bruno = workspace.person("ana"), workspace.person("bruno")
    incident = bot.open_incident()
    parent = ana.wait_for_message(incident.ref, ALERTS)
    bot.scene.runs[12] = a_run(incident=incident.id)
    bot.want(Wanted("run:12:card", "run-card", 12, "#" + ALERTS, f"incident:{incident.id}:card", 3))

    def in_thread() -> object:
        return next((m for m in bruno.thread(parent.channel, parent.ts) if "RUN-12" in m.words), None)

    wait_until(in_thread)
    assert bruno.wait_for_message("RUN-12", ALERTS), "what waits for approval is seen in the channel too"
    card = next(m for m in bruno.thread(parent.channel, parent.ts) if "RUN-12" in m.words)
    assert card.buttons == ["Approve…", "Deny", "Cancel"]
    bruno.press(card, "Approve…")
    form = bruno.wait_for_modal("Approve RUN-12")

    told = bruno.submit(form, {"typed": "production"})
    assert told.errors == {"typed": "That is not staging. Nothing was approved."}
    assert not bot.console.lines
    assert bruno.submit(form, {"typed": "staging"}).ok
    wait_until(lambda: bot.console.lines)
    assert bot.console.lines[0][0] == f"approve RUN-12 digest={a_run().digest} typed=staging"
    wait_until(lambda: not bruno.modals())

    bot.scene.runs[12] = a_run(
        incident=incident.id,
        state=RunState.RUNNING,
        position=3,
        current="Swap the names",
        approved_by="bruno",
    )
    bot.want(Wanted("run:12:card", "run-card", 12, "#" + ALERTS, f"incident:{incident.id}:card", 3))
    bot.settled()
    running = next(m for m in bruno.thread(parent.channel, parent.ts) if "RUN-12" in m.words)
    assert running.ts == card.ts
    assert running.words.count("✓") == 3
    assert running.buttons == []
    assert ana.thread(parent.channel, parent.ts)


def test_forms_complete_their_command_line(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    card = ana.wait_for_message(bot.open_incident().ref, ALERTS)
    ana.press(card, "Severity")
    ana.submit(ana.wait_for_modal("Severity of INC-1"), {"severity": "SEV-4", "text": "only one salon"})
    assert ana.wait_for_message("SEV-4", ALERTS).ts == card.ts
    ana.press(card, "Note")
    form = ana.wait_for_modal("Note on INC-1")
    assert not ana.submit(form, {"text": "   "}).ok
    ana.submit(form, {"text": 'it\'s the "pool" again & again'})
    wait_until(lambda: len(bot.console.lines) == 2)
    assert [line for line, _, _ in bot.console.lines] == [
        "sev INC-1 SEV-4 only one salon",
        'note INC-1 it\'s the "pool" again & again',
    ]
