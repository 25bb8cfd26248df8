"""An hour without Slack: nothing lost, nothing doubled, order kept, and what comes late says so."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.announce import about, call_people
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.slack import announcer, connect, pace
from bot.slack.cards.spoken import late_since, spoken_card
from bot.store.database import Tx, iso
from bot.store.outbox import Waiting
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seen import SeenMessage
from tests.real.proxy import Proxy, proxy
from tests.slack.stage import PLAN, Bot, wait_until

ROOT = Path(__file__).parents[2]
ALERTS = "belezza-alerts"
ANA = Person("ana", "Ana Souza")
DOWN = timedelta(minutes=60)


class Earlier:
    """A clock that stands an hour and two minutes before now, and is moved from there."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) - DOWN - timedelta(minutes=2)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def workspace() -> Iterator[LocalWorkspace]:
    with LocalWorkspace() as running:
        yield running


@pytest.fixture
def way(workspace: LocalWorkspace) -> Iterator[Proxy]:
    there = urllib.parse.urlsplit(workspace.api_url)
    assert there.hostname
    assert there.port
    with proxy((there.hostname, there.port)) as between:
        yield between


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for Slack asks again at once: the hour is on the memory's clock, not on the test's."""
    monkeypatch.setattr(announcer, "DOWN_LONGEST_S", 0.2)
    monkeypatch.setattr(connect, "TIMEOUT_S", 2.5)
    monkeypatch.setattr(pace, "POST_PACE_S", 0.05)


def through(way: Proxy, workspace: LocalWorkspace) -> str:
    return f"{way.url}{urllib.parse.urlsplit(workspace.api_url).path}"


def card_of(workspace: LocalWorkspace, number: int) -> SeenMessage | None:
    found = [
        one
        for one in workspace.person("ana").channel(ALERTS)
        if one.user == workspace.app_user_id and f"INC-{number} " in one.text
        if not one.private and not one.thread_ts.replace(one.ts, "")
    ]
    assert len(found) <= 1, f"INC-{number} has one card"
    return found[0] if found else None


def said_in(workspace: LocalWorkspace, number: int) -> list[SeenMessage]:
    card = card_of(workspace, number)
    return workspace.person("ana").thread(card.channel, card.ts)[1:] if card else []


def begin(way: Proxy, outage: str) -> None:
    """Nobody listens, it says that it is down, it does not answer, or it takes the post and is cut off."""
    if outage == "refuse":
        way.refuse()
    elif outage == "503":
        way.answer(503, b"gone")
    elif outage == "hang":
        way.hang()
    else:
        way.cut(1)


def at_least(workspace: LocalWorkspace, many: int) -> bool:
    return len(said_in(workspace, 1)) >= many


def trouble_comes(bot: Bot, what: str) -> None:
    before = bot.troubles.count(what)
    wait_until(lambda: bot.troubles.count(what) > before, 15)


def test_an_hour_without_slack_is_told_afterwards_each_once_in_order_and_marked(
    workspace: LocalWorkspace, way: Proxy, tmp_path: Path
) -> None:
    clock = Earlier()
    wanted: dict[int, list[tuple[str, str]]] = {}
    with Bot(workspace, tmp_path / "bot.db", api_url=through(way, workspace), clock=clock) as bot:

        def note(incident: Incident, words: str) -> None:
            said_at = clock().strftime("%H:%M")
            bot.incidents.note(ANA, incident.id, words)
            wanted.setdefault(incident.id, []).append((f"Ana Souza: {words}", said_at))

        bot.connected()
        small = bot.open_incident(severity=Severity.SEV4)
        worse = bot.open_incident(severity=Severity.SEV3)
        bot.settled()
        grave: Incident | None = None
        for quarter, outage in enumerate(("refuse", "503", "hang", "cut")):
            begin(way, outage)
            for step in range(3):
                note(small, f"small {quarter}.{step}")
                note(worse, f"worse {quarter}.{step}")
                if grave:
                    note(grave, f"grave {quarter}.{step}")
                clock.forward(minutes=5)
            if quarter == 1:
                grave = bot.open_incident(severity=Severity.SEV1)
                bot.incidents.set_severity(ANA, worse.id, Severity.SEV2, "half of the salons")
                trouble = about(bot.incidents.get(worse.id))
                graver = f"{trouble}: Ana Souza set SEV-2 (was SEV-3): half of the salons."
                press = f"Acknowledge on the card, or with `/dr ack {worse.ref}`."
                wanted[worse.id].append((f"{graver} {press}", clock().strftime("%H:%M")))
            trouble_comes(bot, "down")
        assert grave
        clock.now = datetime.now(UTC)
        note(grave, "said when Slack was almost back")
        workspace.fail("chat.postMessage", "ratelimited", times=2, retry_after_s=1)
        way.passing()
        bot.settled(30)
        assert "limited" in bot.troubles
        assert not {"refused", "broken"} & set(bot.troubles)

    for number, lines in wanted.items():
        seen = said_in(workspace, number)
        assert [one.words.rpartition(":_ ")[2] for one in seen] == [said for said, _ in lines]
        late = [f"late, from {said_at} UTC: {said}" for said, said_at in lines]
        fresh = lines[-1][0] if number == grave.id else late[-1]
        assert [one.text for one in seen] == [*late[:-1], fresh], "on time is not late, late is"
    worst, least = said_in(workspace, grave.id), said_in(workspace, small.id)
    shown_before = [one for one in least if one.ts < worst[0].ts]
    assert len(shown_before) <= 1, "one was on its way when Slack went; then the worst first"
    card = card_of(workspace, worse.id)
    assert card
    assert "SEV-2" in card.text
    assert "late" not in card.words, "the card is the present"


def test_kill_9_while_it_catches_up_neither_loses_nor_doubles(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    clock, path = Earlier(), tmp_path / "bot.db"
    workspace.down()
    with Bot(workspace, path, clock=clock) as bot:
        incident = bot.open_incident()
        for number in range(60):
            bot.incidents.note(ANA, incident.id, f"note {number}")
            clock.forward(minutes=0.9)
    workspace.up()
    there = [str(path), workspace.api_url, workspace.bot_token, workspace.app_token]
    for enough in (1, 12, 30):
        dying = subprocess.Popen([sys.executable, "-m", "tests.slack.killed", *there], cwd=ROOT)
        try:
            wait_until(partial(at_least, workspace, enough), 30)
        finally:
            dying.send_signal(signal.SIGKILL)
            dying.wait(10)
        assert len(said_in(workspace, 1)) < 60, "killed in the middle"
    with Bot(workspace, path) as again:
        again.settled(20)
    assert [one.text.partition(" UTC: ")[2] for one in said_in(workspace, 1)] == [
        f"Ana Souza: note {number}" for number in range(60)
    ]


def test_what_was_said_in_one_moment_keeps_its_order_past_nine(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    """Their keys end in the journal's number: 9 comes before 10, which sorting letters would not say."""
    with Bot(workspace, tmp_path / "bot.db") as bot:
        workspace.down()
        incident = bot.open_incident()

        def together(tx: Tx) -> None:
            for number in range(8, 13):
                call_people(tx, PLAN, incident, number, (), f"line {number}")

        bot.store.write(together)
        workspace.up()
        bot.settled(20)
    assert [one.text for one in said_in(workspace, 1)] == [
        f"{about(incident)}: line {number}" for number in range(8, 13)
    ]


def test_who_is_called_by_name_is_pinged_and_nobody_else(workspace: LocalWorkspace, tmp_path: Path) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        bot.store.write(
            lambda tx: call_people(tx, PLAN, incident, 5, ["bruno"], "Bruno Lima leads, not @ana <!here>")
        )
        bot.settled()
        bruno = workspace.person("bruno").id
        (reply,) = said_in(workspace, 1)
    assert reply.words == f"{about(incident)}: Bruno Lima leads, not @ana &lt;!here&gt; <@{bruno}>"


def test_where_slack_does_not_tell_who_is_who_the_words_still_come(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    with Bot(workspace, tmp_path / "bot.db") as bot:
        incident = bot.open_incident()
        bot.settled()
        workspace.fail("users.list", "missing_scope", times=5)
        bot.store.write(lambda tx: call_people(tx, PLAN, incident, 5, ["bruno"], "Bruno Lima leads"))
        bot.settled()
    assert [one.words for one in said_in(workspace, 1)] == [f"{about(incident)}: Bruno Lima leads"]


NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_row(ts: str = "", said: str = "hello") -> Waiting:
    return Waiting(
        "incident:1:note:4", "incident-note", 1, "#a", "", 1, 1, ts, False, "", said, iso(NOON), "", ""
    )


@pytest.mark.parametrize(
    ("minutes", "late"),
    [(0, ""), (2, ""), (2.1, "12:00 UTC"), (60, "12:00 UTC"), (13 * 60, "2026-03-01 12:00 UTC"), (-60, "")],
)
def test_late_is_two_minutes_and_names_the_day_where_it_was_another(minutes: float, late: str) -> None:
    assert late_since(a_row(), NOON + timedelta(minutes=minutes)) == late


def test_a_post_that_came_in_time_and_was_only_found_later_is_not_late() -> None:
    in_time = f"{(NOON + timedelta(seconds=3)).timestamp():.6f}"
    assert late_since(a_row(in_time), NOON + timedelta(hours=1)) == ""


def test_a_late_handover_keeps_its_own_words_under_the_mark() -> None:
    row = Waiting(
        "k", "handover", 1, "#a", "", 1, 1, "", False, "", "## INC-1\n\n- one\n- two", iso(NOON), "", ""
    )
    card = spoken_card(row, (), "12:00 UTC")
    assert card.text == "late, from 12:00 UTC: INC-1"
    assert [block["type"] for block in card.blocks] == ["context", "header", "section"]
