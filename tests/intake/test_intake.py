"""The queue before the store: batches, refusals, and who is told what."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.alert import Notification
from bot.intake import Busy, Intake
from bot.store.alerts import Accepted
from bot.store.database import StoreDown
from bot.store.sqlite import SqliteStore
from tests.intake.desk import Desk, firing


def held(desk: Desk) -> threading.Event:
    """Keep the writer inside a transaction until the event is set."""
    gate = threading.Event()
    desk.store.submit(lambda tx: gate.wait(20))
    return gate


def one(fingerprint: str) -> Notification:
    return Notification((firing(fingerprint),))


def test_what_comes_meanwhile_is_committed_together_and_each_is_answered_for_itself(desk: Desk) -> None:
    commits: list[tuple[int, int]] = []
    intake = Intake(desk.store, lambda notifications, alerts, _s: commits.append((notifications, alerts)))
    gate = held(desk)
    answers = [intake.accept(one(f"f{number % 40}")) for number in range(80)]
    assert intake.waiting == 80
    assert not intake.calm(0)
    assert not any(answer.done() for answer in answers)
    gate.set()
    got = [answer.result(10) for answer in answers]
    assert got == [Accepted(1, 0, 0)] * 40 + [Accepted(0, 0, 1)] * 40
    assert intake.calm(10)
    assert intake.waiting == 0
    assert commits == [(1, 1), (79, 79)]


def test_one_alert_alone_is_no_rush_and_a_rush_passes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.intake.MOMENT_S", 1.0)
    desk.intake.accept(one("alone")).result(10)
    assert desk.intake.calm(0)
    for answer in [desk.intake.accept(one(f"f{number}")) for number in range(200)]:
        answer.result(10)
    assert not desk.intake.calm(0)
    assert desk.intake.calm(10)


def test_too_much_waiting_is_refused_and_what_was_taken_is_stored(desk: Desk) -> None:
    intake = Intake(desk.store, waiting_limit=10)
    gate = held(desk)
    taken = [intake.accept(one(f"f{number}")) for number in range(10)]
    with pytest.raises(Busy, match="10 alerts wait"):
        intake.accept(one("one too many"))
    gate.set()
    assert [answer.result(10).new for answer in taken] == [1] * 10
    assert intake.accept(one("one too many")).result(10).new == 1


def test_one_notification_larger_than_the_limit_is_taken_when_nothing_waits(desk: Desk) -> None:
    intake = Intake(desk.store, waiting_limit=10)
    large = Notification(tuple(firing(f"f{number}") for number in range(50)))
    assert intake.accept(large).result(10).new == 50


def test_a_store_that_takes_too_long_is_not_waited_for(desk: Desk) -> None:
    intake = Intake(desk.store, patience_s=0)
    gate = held(desk)
    taken = intake.accept(one("f1"))
    with pytest.raises(Busy, match="has not answered"):
        intake.accept(one("f2"))
    gate.set()
    assert taken.result(10).new == 1


def test_a_full_disk_is_told_to_each_and_forgotten_when_there_is_room(desk: Desk) -> None:
    pages = desk.store.read("PRAGMA page_count")[0][0]
    desk.store.write(lambda tx: tx.run(f"PRAGMA max_page_count = {pages + 3}"))
    large = Notification(tuple(firing(f"f{number}") for number in range(500)))
    with pytest.raises(StoreDown, match="full"):
        desk.intake.accept(large).result(10)
    assert "full" in desk.intake.trouble
    desk.store.write(lambda tx: tx.run("PRAGMA max_page_count = 1000000"))
    assert desk.intake.accept(large).result(10).new == 500
    assert desk.intake.trouble == ""


def test_one_notification_that_cannot_be_stored_costs_the_others_nothing(desk: Desk) -> None:
    gate = held(desk)
    answers: list[Future[Accepted]] = [desk.intake.accept(one("first"))]
    answers += [desk.intake.accept(one(name)) for name in ("a", "broken \ud800", "b")]
    gate.set()
    assert [answers[number].result(10).new for number in (0, 1, 3)] == [1, 1, 1]
    assert isinstance(answers[2].exception(10), UnicodeEncodeError)
    assert desk.store.read("SELECT COUNT(*) FROM alerts") == [(3,)]


def test_a_closed_store_refuses_everything_that_waits(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "drbot.db")
    intake = Intake(store)
    store.close()
    with pytest.raises(StoreDown, match="closed"):
        intake.accept(one("f1")).result(10)
    assert intake.waiting == 0


def test_many_threads_lose_nothing(desk: Desk) -> None:
    def post(thread: int) -> int:
        answers = [desk.intake.accept(one(f"{thread}-{number}")) for number in range(200)]
        return sum(answer.result(20).new for answer in answers)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(post, range(8))) == 1_600
    assert desk.store.read("SELECT COUNT(*) FROM alerts WHERE judged = 0") == [(1_600,)]
    assert desk.intake.waiting == 0
