"""The thread that applies what PagerDuty told outlives whatever breaks in one turn."""

from __future__ import annotations

from bot.domain.pager import Agent
from bot.domain.person import Person
from bot.paging.answers import Answers
from bot.paging.hearing import Hearing
from bot.paging.who import Who
from tests.paging.desk import BRUNO, Desk
from tests.paging.test_pages import paged
from tests.real.processes import wait_for


class Stumbling(Who):
    """Breaks until it is mended."""

    broken = True

    def did(self, agent: Agent) -> Person | None:
        if self.broken:
            raise LookupError("no idea who that was")
        return super().did(agent)


def test_a_turn_that_broke_is_told_and_made_up_for(desk: Desk) -> None:
    number = paged(desk)
    who = Stumbling(desk.plan, None)
    answers = Answers(desk.store, Hearing(desk.plan, desk.incidents), who)
    answers.start()
    try:
        desk.there.account.acknowledge(desk.only(), BRUNO)
        desk.answers.fold_once = lambda: 0  # type: ignore[method-assign]  # the thread alone does it
        desk.hear()
        wait_for("the trouble", lambda: "not applied (LookupError)" in answers.trouble)
        assert desk.get(number).acknowledged_by == ""
        who.broken = False
        wait_for("the answer", lambda: desk.get(number).acknowledged_by != "")
        wait_for("no trouble", lambda: answers.trouble == "")
    finally:
        answers.stop()
