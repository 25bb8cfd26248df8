"""The story where people live it: talk, resolve, one press, a list with buttons, a reminder, a digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.commands.console import Where
from bot.store.database import utc_now
from bot.workspace.runner import LocalWorkspace
from tests.action_items.faced import ALERTS, Faced

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Faced]:
    with LocalWorkspace() as workspace, Faced(workspace, tmp_path) as faced:
        yield faced


def nine(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(9), UTC)


def test_from_what_was_promised_to_what_is_done(bot: Faced) -> None:
    ana, bruno = bot.ana, bot.bruno
    ana.slash("/dr declare the pool is exhausted sev=3", ALERTS)
    card = bot.seen("the pool is exhausted", "INC-1")
    ana.say("we are back to normal", ALERTS, card.ts)
    ana.say("ACTION: raise the pool to 40, owner Bruno, by tomorrow", ALERTS, card.ts)
    bruno.say("action item: write the runbook for pool exhaustion", ALERTS, card.ts)
    bot.heard(3)
    ana.slash("/dr resolve INC-1", ALERTS)
    over = bot.seen("INC-1 is over")
    assert over.ts == card.ts
    assert over.buttons == ["Report", "Timeline", "Keep 2 action items"]

    ana.press(over, "Keep 2 action items")
    listed = bot.seen("2 action items are kept.", thread=card.ts)
    assert listed.private
    assert listed.buttons == ["Done", "Done"]
    assert "raise the pool to 40" in listed.words
    assert "Bruno Lima" in listed.words
    bot.seen("Ana Souza kept 2 action items: AI-1", thread=card.ts)
    bot.until(lambda: bot.seen("INC-1 is over").buttons == ["Report", "Timeline", "2 action items"])

    due = bot.house.store.read("SELECT due FROM action_items WHERE id = 1")[0][0]
    assert due == (utc_now().date() + timedelta(days=1)).isoformat()
    assert bot.remind(nine(due)) == 1
    call = bot.seen("AI-1 “raise the pool to 40” is due", thread=card.ts)
    assert f"<@{bruno.id}>" in str(call.blocks), "Slack tells Bruno that it is about him"
    assert bot.remind(nine(due)) == 0

    bruno.slash("/dr items owner=me", ALERTS)
    own = bruno.wait_for_message("1 action item is open", ALERTS, 20)
    bruno.press(own, "Done")
    bot.until(lambda: bot.house.store.read("SELECT state FROM action_items WHERE id = 1") == [("done",)])
    bot.seen("Bruno Lima did AI-1", thread=card.ts)

    assert "was posted" in bot.post_digest(utc_now() + timedelta(days=8))
    digest = bot.seen("Weekly digest,")
    assert "1 incident, 0 the week before." in digest.words
    assert "AI-2 write the runbook" in digest.words


def test_a_channel_that_is_archived_is_no_end(bot: Faced) -> None:
    """The reminder comes in the home channel instead, and calls its owner there."""
    bot.ana.slash("/dr declare bookings fail sev=2", ALERTS)
    channel = bot.ana.wait_for(lambda: _own_channel(bot), 20)
    bot.ana.slash("/dr item add INC-1 raise the pool owner=bruno due=tomorrow", ALERTS)
    bot.seen("AI-1 is kept")
    bot.ana.slash("/dr resolve INC-1", ALERTS)
    bot.seen("INC-1 is over")
    client = WebClient(bot.workspace.bot_token, base_url=bot.workspace.api_url)
    client.conversations_archive(channel=channel)
    due = bot.house.store.read("SELECT due FROM action_items")[0][0]
    assert bot.remind(nine(due)) == 1
    call = bot.seen("AI-1 “raise the pool” is due")
    assert f"<@{bot.bruno.id}>" in str(call.blocks)
    assert not [m for m in bot.ana.channel(channel) if "is due" in m.words]


def test_hostile_words_in_a_list_stay_words(bot: Faced) -> None:
    bot.ana.slash("/dr declare x sev=3", ALERTS)
    bot.seen("INC-1")
    someone = bot.house.plan.person("ana")
    assert someone is not None
    for number in range(12):
        line = f"item add INC-1 {number} <!channel> *b* `c` <https://evil.example|x> {'y' * 300}"
        bot.house.console.execute(line, someone, Where("shell"))
    bot.ana.slash("/dr items", ALERTS)
    listed = bot.seen("12 action items are open")
    assert listed.buttons == ["Done"] * 10
    assert "AI-12" in listed.words, "what has no button has a line"
    assert "<!channel>" not in str(listed.blocks)


def _own_channel(bot: Faced) -> str:
    found = bot.house.store.read("SELECT channel FROM incidents WHERE thread = ''")
    return str(found[0][0]) if found else ""
