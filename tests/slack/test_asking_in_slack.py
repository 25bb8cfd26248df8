"""Every way of asking as people do it, through real Bolt and a Slack-compatible server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
    bruno = workspace.person("bruno").id
    ana.edit(said, "@bruno found a missing index")
    wait_until(lambda: bot.store.read(words)[0][0] == f"<@{bruno}|Bruno Lima> found a missing index")
    ana.react(said, "dart")
    ana.pin(said)
    wait_until(lambda: {"dart", "pushpin"} <= set(str(bot.store.read(words)[0][2]).split('"')))
    assert bot.store.read(words)[0][1] == "ana"
    ana.delete(said)
    wait_until(lambda: bot.store.read(words)[0][3] == 1)


def test_a_press_is_acknowledged_before_any_work(workspace: LocalWorkspace, bot: Bot) -> None:
    ana = workspace.person("ana")
    bot.console.gate.clear()
    for _ in range(12):
        assert ana.slash("/dr status", workspace.channel_id(ALERTS)).ok
    bot.console.gate.set()
    wait_until(lambda: len([m for m in ana.ephemerals(ALERTS) if "Ready" in m.words]) == 12)


@pytest.mark.disaster(21)
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
