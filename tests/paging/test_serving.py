"""The full circle through a real bot: paged, answered there, told here; killed anywhere, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paging.desk import ANA, BRUNO
from tests.paging.serving import Bot, settled
from tests.real.pagerduty import PagerDutyThere

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def bot(tmp_path: Path, there: PagerDutyThere) -> Iterator[Bot]:
    made = Bot(tmp_path, there)
    try:
        yield made
    finally:
        made.close()


def test_the_full_circle(bot: Bot, there: PagerDutyThere) -> None:
    bot.start()
    bot.say("declare", "checkout is down", "sev=1")
    settled("the page", lambda: len(there.account.incidents) == 1)
    page = there.account.only()
    assert page.title == "INC-1 SEV-1: checkout is down"

    there.account.acknowledge(page, BRUNO)
    settled("the acknowledgement", lambda: bot.state()[:2] == ("acknowledged", "bruno"))
    assert "clock-stopped" in bot.kinds()

    bot.say("note", "INC-1", "pool is full")
    settled("the note there", lambda: [one["content"] for one in page.notes] == ["Ana Souza: pool is full"])
    there.account.note(page, "restarted it", BRUNO)
    settled("the note here", lambda: bot.kinds().count("note-added") == 2)

    bot.say("resolve", "INC-1")
    settled("the end there", lambda: page.status == "resolved")
    settled("its webhooks", lambda: there.hooks.idle)
    settled("their effect", lambda: not bot.rows("SELECT key FROM pager_events WHERE folded = 0"))

    assert bot.state() == ("resolved", "bruno", "ana")
    assert there.actions == ["trigger", "resolve"]
    assert [one.path for one in there.writes if one.path != "/v2/enqueue"] == [f"/incidents/{page.id}/notes"]
    assert set(there.hooks.answers) == {200}
    assert bot.ready()["pager"] == "ok"
    assert bot.kinds().count("pager-answered") == 1
    assert bot.rows("SELECT COUNT(*) FROM incidents") == [(1,)]
    bot.stop()
    assert "could not be applied" not in bot.log


def test_killed_before_during_and_after_an_answer_it_is_applied_once(bot: Bot, there: PagerDutyThere) -> None:
    there.hooks.copies = 2
    bot.start()
    bot.say("declare", "checkout is down", "sev=1")
    settled("the page", lambda: len(there.account.incidents) == 1)
    bot.kill()
    page = there.account.only()
    there.account.acknowledge(page, ANA)  # while nobody hears it: sent again until somebody does

    bot.start()
    settled("one answer of 200", lambda: 200 in there.hooks.answers)
    bot.kill()  # stored, applied or not
    bot.start()
    settled("the acknowledgement", lambda: bot.state()[:2] == ("acknowledged", "ana"))
    settled("its webhooks", lambda: there.hooks.idle)

    bot.say("resolve", "INC-1", who="bruno")
    bot.kill()  # asked for, sent or not
    bot.start()
    settled("the end there", lambda: page.status == "resolved")
    settled("its webhooks", lambda: there.hooks.idle)
    settled("their effect", lambda: not bot.rows("SELECT key FROM pager_events WHERE folded = 0"))

    assert bot.state() == ("resolved", "ana", "bruno")
    assert list(there.account.incidents) == [page.id]
    assert page.log.count("acknowledged") == page.log.count("resolved") == 1
    assert "acknowledge" not in there.actions
    assert bot.kinds().count("incident-acknowledged") == 1
    assert bot.kinds().count("incident-resolved") == 1
    assert bot.kinds().count("pager-answered") == 1
    bot.stop()
