"""Calls, reopenings and a graver severity are read in the channel too, not only below a card far up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.announce import call_people
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seen import SeenMessage
from tests.slack.stage import PLAN, Bot

ALERTS = "belezza-alerts"
ANA = Person("ana", "Ana Souza")
TITLE = "“Connection pool of the booking API is exhausted”"


@pytest.fixture
def workspace() -> Iterator[LocalWorkspace]:
    with LocalWorkspace() as running:
        yield running


def aloud(workspace: LocalWorkspace, channel: str = ALERTS) -> list[SeenMessage]:
    """What of the threads stands in the channel itself."""
    return [
        one
        for one in workspace.person("ana").channel(channel)
        if one.body.get("subtype") == "thread_broadcast"
    ]


def reopen(bot: Bot, incident: Incident) -> None:
    bot.incidents.resolve(ANA, incident.id)
    bot.store.write(lambda tx: bot.incidents.reopen_within(tx, ANA, incident.id, "Ana Souza saw it again"))


def test_a_reopened_incident_says_so_in_the_channel_once_in_words_that_stand_alone(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        reopen(bot, incident)
        bot.settled()
    (line,) = aloud(workspace)
    assert line.text == (
        f"SEV-3 INC-1 {TITLE}: reopened, Ana Souza saw it again."
        " Acknowledge on the card, or with `/dr ack INC-1`."
    )


def test_graver_is_said_in_the_channel_and_milder_or_lesser_news_stay_in_the_thread(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        bot.incidents.set_severity(ANA, incident.id, Severity.SEV4)
        bot.incidents.note(ANA, incident.id, "looking at it")
        bot.settled()
        assert aloud(workspace) == []
        bot.incidents.set_severity(ANA, incident.id, Severity.SEV3, "all salons")
        bot.settled()
    (line,) = aloud(workspace)
    assert line.text.startswith(f"SEV-3 INC-1 {TITLE}: Ana Souza set SEV-3 (was SEV-4): all salons.")


def test_who_is_called_is_called_in_the_channel_too_and_pinged_once(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        bot.store.write(lambda tx: call_people(tx, PLAN, incident, 5, ["bruno"], "CTO was told"))
        bot.settled()
        ana = workspace.person("ana")
        ping = f"<@{workspace.person('bruno').id}>"
    (line,) = aloud(workspace)
    assert line.words == f"SEV-3 INC-1 {TITLE}: CTO was told {ping}"
    everywhere = {
        one.ts: one.words for one in (*ana.channel(ALERTS), *ana.thread(line.channel, line.thread_ts))
    }
    assert sum(words.count(ping) for words in everywhere.values()) == 1


def test_in_its_own_channel_it_is_said_aloud_as_well_without_a_second_ping(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident(severity=Severity.SEV1)
        bot.settled()
        found = bot.incidents.get(incident.id)
        bot.store.write(lambda tx: call_people(tx, PLAN, found, 5, ["bruno"], "CTO was told"))
        bot.settled()
        (line,) = aloud(workspace, found.own_channel)
    assert line.words == f"SEV-1 INC-1 {TITLE}: CTO was told"


def test_a_line_that_was_posted_just_before_kill_9_is_found_and_not_said_twice(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        reopen(bot, incident)
        bot.settled()
        posts = workspace.calls()["chat.postMessage"]
        bot.store.write(
            lambda tx: tx.run(
                "UPDATE outbox SET ts = '', shown = 0, sending = 1 WHERE kind = 'incident-news'"
            )
        )
    with Bot(workspace, tmp_path / "bot.db") as again:
        again.settled()
        assert workspace.calls()["chat.postMessage"] == posts
    assert len(aloud(workspace)) == 1
