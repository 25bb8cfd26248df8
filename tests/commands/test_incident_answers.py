"""What `declare`, `sev` and `resolve` answer: what follows, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.domain.alert import Alert, AlertStatus, Notification
from bot.domain.answer import Answer
from bot.house import House, build
from bot.scene import PlanScene
from bot.settings import Settings
from bot.slack.cards.incident import incident_card
from bot.slack.cards.items import items_card
from bot.store import incidents as rows
from bot.workspace.seen import words_of

BEGAN = datetime.now(UTC)
DOWN = {"alertname": "PostgresDown", "job": "postgres", "severity": "critical", "env": "production"}


class Desk:
    def __init__(self, house: House) -> None:
        self.house = house

    def say(self, line: str, who: str = "ana", face: str = "shell") -> Answer:
        person = self.house.plan.person(who)
        assert person is not None
        return self.house.console.execute(line, person, Where(face))

    def alert(self, name: str, status: AlertStatus = AlertStatus.FIRING, minutes: int = 0) -> None:
        at = BEGAN + timedelta(minutes=minutes)
        ends_at = None if status is AlertStatus.FIRING else at
        said = {"summary": "PostgreSQL is down: the API is unreachable"}
        one = Alert("alertmanager", name, status, at - timedelta(seconds=30), ends_at, DOWN, said)
        self.house.intake.accept(Notification((one,), receiver="drbot")).result(timeout=10)
        while self.house.correlator.fold_once():
            pass

    def shown(self, key: str) -> None:
        """As if Slack had it."""
        self.house.store.write(
            lambda tx: tx.run(
                "UPDATE outbox SET ts = '1.000001', channel = 'C0ALERTS01', shown = wanted WHERE key = ?",
                (key,),
            )
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    house = build(Settings(database_url=f"sqlite:///{tmp_path / 'drbot.db'}"))
    yield Desk(house)
    house.close()


def test_declare_says_where_its_card_is_and_who_is_told_when(desk: Desk) -> None:
    opened = desk.say("declare checkout is down sev=1")
    assert opened.lines[0] == "Its card is in #belezza-alerts. A channel of its own is made."
    assert opened.lines[1].startswith("It is to be answered by ")
    assert (
        "`ack INC-1`. While nobody does, drbot tells On-call engineer now, Engineering lead at"
        in (opened.lines[1])
    )
    assert opened.presses == (("Show INC-1", "incident INC-1"),)
    minor = desk.say("declare logo is blurred sev=4")
    assert minor.lines[0] == "Its card is in #belezza-alerts."


def test_in_slack_the_channel_is_a_link(desk: Desk) -> None:
    desk.say("declare checkout is down sev=1")
    desk.shown("incident:1:card")
    opened = desk.say("declare logo is blurred", face="slack")
    assert opened.lines[0] == "Its card is in <#C0ALERTS01>."
    card = items_card(opened)
    assert "Its card is in <#C0ALERTS01>." in words_of(card.blocks)
    assert "Show INC-2" in words_of(card.blocks)


def test_sev_says_that_an_acknowledgement_counts_no_longer_and_who_is_told_again(desk: Desk) -> None:
    desk.say("declare checkout is slow sev=3")
    desk.say("ack INC-1")
    graver = desk.say("sev INC-1 1 half of the salons")
    assert graver.lines[0] == "Your acknowledgement was for SEV-3: SEV-1 needs a new one."
    assert "drbot tells On-call engineer now" in graver.lines[1]
    desk.say("ack INC-1")
    assert desk.say("sev INC-1 3").lines == (), "milder asks nobody again"
    others = desk.say("sev INC-1 2", "bruno")
    assert others.lines[0] == "Ana Souza's acknowledgement was for SEV-3: SEV-2 needs a new one."


def test_resolve_while_an_alert_fires_says_what_that_means_and_it_is_so(desk: Desk) -> None:
    desk.alert("f1")
    ended = desk.say("resolve INC-1", "carla")
    assert ended.lines == (
        "1 of its alerts still fires. While it goes on, nobody is told again and INC-1 stays over;"
        " what fires anew opens a new incident.",
        "Not over? `declare TITLE` opens one to work in. Known? `silence INC-1 for=2h` hushes it.",
    )
    found = rows.get(desk.house.store, 1)
    assert found is not None
    card = words_of(incident_card(found, name=desk.house.plan.called).blocks)
    assert "resolved by Carla Dias *while 1 alert still fires*" in card
    desk.alert("f1")
    assert rows.get(desk.house.store, 2) is None, "the same firing, told again"
    desk.alert("f1", AlertStatus.RESOLVED, minutes=1)
    over = rows.get(desk.house.store, 1)
    assert over is not None
    assert "still fire" not in words_of(incident_card(over).blocks)
    desk.alert("f1", minutes=2)
    anew = rows.get(desk.house.store, 2)
    assert anew is not None
    assert anew.is_open


def test_several_that_fire_are_counted_in_the_plural(desk: Desk) -> None:
    desk.alert("f1")
    desk.alert("f2")
    assert desk.say("resolve INC-1").lines[0].startswith("2 of its alerts still fire. While they go on,")


@pytest.mark.parametrize("written", [False, True])
def test_a_second_end_says_that_the_report_further_up_is_the_one(desk: Desk, written: bool) -> None:
    desk.say("declare checkout is down sev=3")
    first = desk.say("resolve INC-1")
    assert first.title == "INC-1 is resolved. The report's draft follows in its thread."
    desk.shown("incident:1:report")
    if written:
        desk.say('report edit INC-1 section=Root-Cause text="The disk was full."')
    ana = desk.house.plan.person("ana")
    assert ana is not None
    incidents = desk.house.incidents
    desk.house.store.write(lambda tx: incidents.reopen_within(tx, ana, 1, "seen again"))
    again = desk.say("resolve INC-1")
    said = "The report further up in this thread is drafted anew, with the new end."
    if written:
        said = (
            "The report further up in this thread stays as people wrote it:"
            " `/dr report diff INC-1` shows what the new end changes."
        )
    assert again.title.removeprefix("INC-1 is resolved. ") == said.replace("this thread", "its thread")
    told = desk.house.store.read("SELECT payload FROM outbox WHERE kind = 'incident-note' ORDER BY key")
    assert [row[0] for row in told].count(said) == 1


def test_the_card_of_a_reopened_incident_knows_when_it_came_back(desk: Desk) -> None:
    desk.say("declare checkout is down sev=3")
    desk.say("resolve INC-1")
    ana, house = desk.house.plan.person("ana"), desk.house
    assert ana is not None
    house.store.write(lambda tx: house.incidents.reopen_within(tx, ana, 1, "seen again"))
    found = rows.get(house.store, 1)
    assert found is not None
    scene = PlanScene(house.store, house.plan, house.runs, house.actions, ())
    assert scene.aid(found).reopened_at == found.updated_at
