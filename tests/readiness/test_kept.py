"""The board is measured behind whoever asks: nobody waits for S3, and everybody is told how old it is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.run import RunState
from bot.domain.standing import Light
from bot.oncall import Roster
from bot.plan.models import DrPlan
from bot.readiness.kept import Readiness
from bot.readiness.own import Own
from bot.store import runs as rows
from bot.store.database import iso
from bot.store.sqlite import SqliteStore
from tests.readiness.conftest import Clock
from tests.readiness.measured import HANGS_S, LATE_S, Slow, until
from tests.slack.stage import a_run


def test_a_shell_measures_when_it_is_asked_and_again_only_when_that_is_old(
    readiness: Readiness, slow: Slow, clock: Clock
) -> None:
    assert readiness.latest is None
    assert readiness.board().standings[0].why == "measurement 1"
    clock.forward(seconds=59)
    assert readiness.board().standings[0].why == "measurement 1"
    clock.forward(seconds=2)
    assert readiness.board().standings[0].why == "measurement 2"
    assert readiness.board(now=True).standings[0].why == "measurement 3"


def test_whoever_asks_a_running_bot_waits_for_nothing(readiness: Readiness, slow: Slow) -> None:
    slow.gate.clear()
    readiness.start()
    until(lambda: slow.begun == 1)
    started = time.monotonic()
    board = readiness.board(patience_s=0.0)
    assert time.monotonic() - started < HANGS_S / 2
    assert (board.measured_at, board.measuring, board.standings[0].light) == ("", True, Light.UNKNOWN)


def test_the_first_question_waits_a_moment_for_the_first_answer(readiness: Readiness) -> None:
    readiness.start()
    board = readiness.board()
    assert (board.standings[0].why, board.measuring) == ("measurement 1", False)


def test_what_is_old_is_shown_with_its_age_while_it_is_measured_anew(
    readiness: Readiness, slow: Slow, clock: Clock
) -> None:
    readiness.start()
    readiness.board()
    slow.gate.clear()
    clock.forward(minutes=4)
    board = readiness.board(patience_s=0.0)
    assert (board.standings[0].why, board.measuring) == ("measurement 1", True)
    assert board.age_s(clock.now) == 240
    assert board.ages_s["backup"] == 300
    slow.gate.set()
    until(lambda: readiness.latest is not None and readiness.latest.standings[0].why == "measurement 2")


def test_what_is_fresh_is_not_measured_again(readiness: Readiness, slow: Slow, clock: Clock) -> None:
    readiness.start()
    for _ in range(5):
        readiness.board()
        clock.forward(seconds=10)
    assert slow.begun == 1


def test_now_means_after_the_question(readiness: Readiness, slow: Slow) -> None:
    """One that was under way has looked at some parts before: it does not count."""
    slow.gate.clear()
    readiness.start()
    until(lambda: slow.begun == 1)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(readiness.board, True)
        until(lambda: readiness._wanted == 2)
        slow.gate.set()
        assert asked.result(LATE_S).standings[0].why == "measurement 2"


def test_many_who_ask_share_one_measurement(readiness: Readiness, slow: Slow) -> None:
    readiness.start()
    readiness.board()
    slow.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(readiness.board, True) for _ in range(8)]
        until(lambda: slow.begun == 2)
        slow.gate.set()
        assert all(one.result(LATE_S).measured_at for one in asked)
    assert slow.begun <= 3


def test_a_question_has_an_end_though_the_measurement_has_none(readiness: Readiness, slow: Slow) -> None:
    readiness.start()
    readiness.board()
    slow.gate.clear()
    assert readiness.board(now=True, patience_s=0.1).standings[0].why == "measurement 1"


def test_a_measurement_that_breaks_leaves_the_last_one_and_the_next_turn(
    readiness: Readiness, slow: Slow
) -> None:
    readiness.start()
    readiness.board()
    slow.breaks = True
    assert readiness.board(now=True).standings[0].why == "measurement 1"
    slow.breaks = False
    assert readiness.board(now=True).standings[0].why == "measurement 3"


def test_it_is_measured_every_so_often_without_being_asked(
    slow: Slow, store: SqliteStore, clock: Clock
) -> None:
    own = Own(DrPlan(), store, (), lambda: "none", tuple, lambda: Roster(("ana",)))
    readiness = Readiness(slow, own, clock, every_s=0.02)
    readiness.start()
    try:
        until(lambda: slow.begun >= 3)
    finally:
        readiness.stop()
    assert slow.stopped


def test_stopping_ends_a_measurement_under_way_and_what_waits_for_it(
    readiness: Readiness, slow: Slow
) -> None:
    slow.gate.clear()
    readiness.start()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(readiness.board, True)
        until(lambda: slow.begun == 1)
        started = time.monotonic()
        readiness.stop()
        asked.result(LATE_S)
    assert time.monotonic() - started < HANGS_S / 2


def test_who_is_on_call_is_asked_behind_the_board_too(slow: Slow, store: SqliteStore, clock: Clock) -> None:
    own = Own(DrPlan(), store, (), lambda: "none", tuple, lambda: Roster((), "PagerDuty", "it is silent"))
    readiness = Readiness(slow, own, clock)
    (line,) = [one for one in readiness.board().watched if one.key == "on-call"]
    assert (line.light, line.why) == (Light.AMBER, "it is silent")


@pytest.mark.parametrize(("risk", "times"), [("low", 2), ("look", 1)])
def test_the_end_of_a_run_makes_the_measurement_old(
    readiness: Readiness, slow: Slow, store: SqliteStore, clock: Clock, risk: str, times: int
) -> None:
    readiness.board()
    ended = replace(
        a_run(1), risk=risk, state=RunState.VERIFIED, ended_at=iso(clock.now + timedelta(seconds=1))
    )
    store.write(lambda tx: rows.insert(tx, ended))
    readiness.board()
    assert slow.begun == times
