"""The card's life as the people of the channel see it, through real Bolt and a Slack-compatible server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.messages import Ears
from bot.slack.asked import Asked
from bot.store.database import StoreDown
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


def test_every_way_of_asking_is_answered(workspace: LocalWorkspace, bot: Bot) -> None:
    ana, davi = workspace.person("ana"), workspace.person("davi")
    assert ana.slash("/dr status", workspace.channel_id(ALERTS)).ok
    status = ana.wait_for_message("Ready", ALERTS)
    assert status.private
    assert any(block["type"] == "table" for block in status.blocks)

    davi.slash("/dr ack INC-1", workspace.channel_id(ALERTS))
    assert davi.wait_for_message("does not name you", ALERTS).private

    ana.slash("/dr boom", workspace.channel_id(ALERTS))
    broken = ana.wait_for_message("Something broke", ALERTS)
    assert "secret detail" not in broken.words

    ana.say("@drbot hello there", ALERTS)
    ana.wait_for_message("heard hello there", ALERTS)
    ana.say("status", ana.direct())
    assert not ana.wait_for_message("Ready", ana.direct()).private

    ana.slash("/dr report INC-1", workspace.channel_id(ALERTS))
    ana.wait_for_message("shortened to what Slack can show", ALERTS)
    wait_until(lambda: any(m.body.get("files") for m in ana.channel(ana.direct())))


def test_app_home_shows_what_is_open_and_its_buttons_answer_in_a_modal(
    workspace: LocalWorkspace, bot: Bot
) -> None:
    ana = workspace.person("ana")
    bot.open_incident()
    bot.scene.runs[12] = a_run()
    ana.open_home()
    wait_until(ana.home)
    view = ana.home()
    assert view is not None
    assert "1 open incident" in view.words
    assert "Waiting for approval" in view.words
    ana.press(view, "Status")
    assert "Ready" in ana.wait_for_modal("Status").words
    ana.press(view, "dr:home:incident:1")
    shown = ana.wait_for_modal("Incident")
    assert "Acknowledge" in shown.buttons
    ana.press(view, "Declare an incident")
    ana.submit(ana.wait_for_modal("Declare"), {"text": 'Half of "São Paulo" is down', "severity": "SEV-2"})
    wait_until(lambda: bot.console.lines[-1][0].startswith("declare"))
    assert bot.console.lines[-1][0] == "declare \"Half of 'São Paulo' is down\" sev=2"


def test_what_people_say_under_the_card_is_heard_corrected_and_forgotten(
    workspace: LocalWorkspace, bot: Bot
) -> None:
    ana = workspace.person("ana")
    card = ana.wait_for_message(bot.open_incident().ref, ALERTS)
    bot.settled()
    said = ana.say("root cause: a migration", ALERTS, card.ts)
    words = "SELECT text, author, marks, deleted FROM messages"
    wait_until(lambda: bot.store.read(words))
    ana.edit(said, "root cause: a missing index")
    wait_until(lambda: bot.store.read(words)[0][0] == "root cause: a missing index")
    ana.react(said, "dart")
    ana.pin(said)
    wait_until(lambda: {"dart", "pushpin"} <= set(str(bot.store.read(words)[0][2]).split('"')))
    assert bot.store.read(words)[0][1] == "ana"
    ana.delete(said)
    wait_until(lambda: bot.store.read(words)[0][3] == 1)


def test_from_want_to_card_takes_a_tenth_of_a_second_when_idle(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    bot.open_incident()
    bot.settled()
    waits = []
    for number in range(2, 12):
        begun = time.monotonic()
        bot.open_incident()
        wait_until(lambda: bot.backlog() == 0, 5)
        waits.append(time.monotonic() - begun)
        assert ana.wait_for_message(f"INC-{number}", ALERTS)
    assert sorted(waits)[len(waits) // 2] <= 0.1


def test_presses_stay_quick_while_the_console_is_slow(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    bot.console.gate.clear()
    begun = time.monotonic()
    for _ in range(12):
        assert ana.slash("/dr status", workspace.channel_id(ALERTS)).ok
    assert time.monotonic() - begun < 3, "acknowledged before any work"
    bot.console.gate.set()
    wait_until(lambda: len([m for m in ana.ephemerals(ALERTS) if "Ready" in m.words]) == 12)


def test_the_same_press_delivered_twice_is_said_once(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    asked = Asked("hello", ana.id, "ana", workspace.channel_id(ALERTS), key="trigger-1")
    for _ in range(3):
        bot.on_loop(bot.face.reception.answer(asked))
    assert len(bot.console.lines) == 1
    assert bot.console.lines[0][2].request_key == "slack:trigger-1"
    assert ana.wait_for_message("heard hello", ALERTS).private


def test_a_message_is_put_on_an_incident_by_its_shortcut(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    incident = bot.open_incident()
    said = ana.say("the deploy of 02:50 <!channel> & co", ALERTS)
    ana.shortcut(said, "add_to_incident")
    form = ana.wait_for_modal("Add to incident")
    ana.submit(form, {"incident": incident.ref, "text": "the deploy of 02:50"})
    wait_until(lambda: bot.console.lines)
    assert bot.console.lines[0][0] == "note INC-1 the deploy of 02:50"


def test_words_that_could_not_be_kept_are_delivered_again(
    workspace: LocalWorkspace, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = workspace.person("ana")
    card = ana.wait_for_message(bot.open_incident().ref, ALERTS)
    bot.settled()
    kept, tries = Ears.posted, []

    def fails_once(ears: Ears, *said: str) -> bool:
        tries.append(said)
        if len(tries) == 1:
            raise StoreDown("the disk is full; nothing was stored")
        return kept(ears, *said)

    monkeypatch.setattr(Ears, "posted", fails_once)
    ana.say("it began at 02:50", ALERTS, card.ts)
    wait_until(lambda: bot.store.read("SELECT text FROM messages"))
    assert len(tries) == 2


def test_a_reviewed_run_is_approved_where_it_was_shown(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    incident = bot.open_incident()
    bot.scene.runs[12] = a_run(incident=incident.id, risk="high")
    bot.want(Wanted(f"incident:{incident.id}:card", "incident-card", incident.id, "#" + ALERTS, rank=3))
    card = ana.wait_for_message("waits for approval", ALERTS)
    ana.press(card, "Review RUN-12")
    shown = ana.wait_for(lambda: next((m for m in ana.ephemerals(ALERTS) if "Check first" in m.words), None))
    ana.press(shown, "Approve")
    wait_until(lambda: len(bot.console.lines) == 2)
    assert bot.console.lines[1][0] == f"approve RUN-12 digest={a_run().digest}"
    answer = ana.wait_for_message("approve RUN-12: noted", ALERTS)
    assert answer.buttons == ["Show RUN-12"]
