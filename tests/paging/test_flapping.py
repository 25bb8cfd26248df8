"""An incident that comes and goes ten times, worse and milder in between: each round rings."""

from __future__ import annotations

from bot.domain.severity import Severity
from bot.store.database import Tx
from tests.paging.desk import Desk


def reopen(desk: Desk, number: int) -> None:
    desk.tick()

    def work(tx: Tx) -> None:
        desk.incidents.reopen_within(tx, desk.person(), number, "it is back")

    desk.store.write(work)


def test_whatever_was_asked_of_a_page_before_each_round_rings(desk: Desk) -> None:
    number, round_number, ringing = desk.declare(Severity.SEV2), 1, 0
    assert desk.page(number, round_number)
    desk.settle()
    for flap in range(10):
        desk.incidents.set_severity(desk.person(), number, Severity.SEV1)
        desk.settle()
        desk.resolve(number)
        desk.settle()
        assert [one.status for one in desk.there.account.incidents.values()].count("triggered") == 0
        reopen(desk, number)
        round_number += 1
        assert desk.page(number, round_number)
        desk.settle()
        there = [one.status for one in desk.there.account.incidents.values()]
        ringing += there.count("triggered")
        assert there.count("triggered") == 1, f"flap {flap}, round {round_number} rang nobody: {there}"
        desk.incidents.set_severity(desk.person(), number, Severity.SEV2)
        desk.settle()
    assert ringing == 10
