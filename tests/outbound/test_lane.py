"""One way: order, patience, what is stored, and what is told; on both engines, with clocks that are set."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.entry import Json
from bot.domain.outbound import JobState, Later, Never, Unknown
from bot.store import outbound as rows
from bot.store.database import Store, StoreDown
from bot.store.journal import of_incident, verify
from tests.outbound.conftest import Line
from tests.outbound.fake import FakeEnd


def test_it_is_sent_stored_and_shown(line: Line, fake: FakeEnd) -> None:
    line.ask(fake.job(1, 1))
    line.time.forward(3)
    assert line.lane.turn() == 0.0
    assert line.lane.turn() == float("inf")
    job = line.job("fake:1:1")
    assert (job.state, job.remote, job.said, job.attempts) == (JobState.DONE, "id-fake:1:1", "taken", 1)
    (entry,) = of_incident(line.store, 1)
    assert entry.kind == "sent-outside"
    assert entry.data == {
        "key": "fake:1:1",
        "way": "statuspage",
        "action": "say",
        "about": "text 1 1",
        "state": "done",
        "remote": "id-fake:1:1",
        "answer": "taken",
        "attempts": 1,
        "late_s": 3.0,
        "said": "text 1 1: sent (taken)",
    }
    assert line.cards() == 1
    assert line.notes() == []


def test_asked_for_twice_it_is_sent_once(line: Line, fake: FakeEnd) -> None:
    line.ask(fake.job(1, 1), fake.job(1, 1))
    line.finish()
    line.ask(fake.job(1, 1))
    line.finish()
    assert fake.keys == ["fake:1:1"]


def test_the_first_of_a_thread_gives_its_id_to_all_others(line: Line, fake: FakeEnd) -> None:
    line.ask(fake.job(1, 1), fake.job(2, 1), fake.job(1, 2), fake.job(1, 3))
    line.finish()
    assert fake.marks == [(1, 1), (2, 1), (1, 2), (1, 3)]
    assert fake.remotes == ["", "", "id-fake:1:1", "id-fake:1:1"]


def test_a_thread_waits_for_its_first_and_other_threads_do_not(line: Line, fake: FakeEnd) -> None:
    fake.always["fake:1:1"] = Later("not this one")
    line.ask(fake.job(1, 1), fake.job(1, 2), fake.job(2, 1), fake.job(2, 2))
    line.play(20)
    assert fake.marks == [(2, 1), (2, 2)]
    assert line.job("fake:1:2").attempts == 0
    del fake.always["fake:1:1"]
    line.finish()
    assert fake.marks == [(2, 1), (2, 2), (1, 1), (1, 2)]


def test_a_lost_answer_is_looked_for_before_anything_is_sent_again(line: Line, fake: FakeEnd) -> None:
    fake.failures = ["cut"]
    line.ask(fake.job(1, 1), fake.job(1, 2))
    line.finish()
    assert fake.keys == ["fake:1:1", "fake:1:2"]
    assert fake.looks == ["fake:1:1"]
    assert line.job("fake:1:1").said == "found"
    assert line.journal() == ["sent-outside"] * 2


def test_five_lost_answers_are_enough(line: Line, fake: FakeEnd) -> None:
    fake.always["fake:1:1"] = Unknown("the answer was lost")
    line.ask(fake.job(1, 1))
    line.finish()
    assert line.states() == {"fake:1:1": "unsure"}
    assert len(fake.tries) == 5


def test_the_pauses_grow_to_a_minute_and_no_further(line: Line, fake: FakeEnd) -> None:
    fake.down()
    line.ask(fake.job(1, 1))
    when: list[float] = []
    fake.before = lambda: when.append(line.time.steady_s)
    line.play(400)
    gaps = [round(after - before) for before, after in itertools.pairwise(when)]
    assert gaps[:8] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_time_that_the_other_end_names_is_kept_within_reason(line: Line, fake: FakeEnd) -> None:
    for asked_s, waited_s in ((30.0, 30), (1e9, 900)):
        fake.always["fake:1:1"] = Later("429", asked_s)
        line.ask(fake.job(1, 1))
        fake.tries.clear()
        line.play(waited_s - 1, lambda: len(fake.tries) > 1)
        assert len(fake.tries) == 1
        line.ask(fake.job(2, 1))
        assert line.lane.turn() > 0.5  # it holds for the whole way
        line.play(2, lambda: len(fake.tries) > 1)
        assert len(fake.tries) == 2
        del fake.always["fake:1:1"]
        line.play(2_000, lambda: not line.open())
        line.store.write(lambda tx: tx.run("DELETE FROM outbound"))


def test_while_it_is_down_many_threads_are_one_probe_at_a_time(line: Line, fake: FakeEnd) -> None:
    fake.down()
    line.ask(*(fake.job(thread, 1) for thread in range(1, 41)))
    line.play(3_600)
    assert len(fake.tries) < 120
    assert len(set(fake.tries)) == 40  # each has its turn
    fake.up()
    fake.tries.clear()
    line.play(70)
    assert not line.open()
    assert len(fake.tries) == 40


def test_what_comes_new_does_not_wait_for_a_job_that_fails_alone(line: Line, fake: FakeEnd) -> None:
    fake.always["fake:1:1"] = Later("450 this one is greylisted")
    line.ask(fake.job(1, 1))
    line.play(300)
    line.ask(fake.job(2, 1))
    line.play(6)
    assert fake.marks == [(2, 1)]


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("restart", [False, True])
def test_a_clock_that_jumps_an_hour_makes_nobody_wait_longer(
    line: Line, fake: FakeEnd, hours: float, restart: bool
) -> None:
    fake.down()
    line.ask(fake.job(1, 1), fake.job(1, 2))
    line.play(120)
    line.time.jump(hours)
    if restart:
        line.restarted()
    tried = len(fake.tries)
    line.play(61)
    assert tried < len(fake.tries) <= tried + 8
    fake.up()
    line.play(61)
    assert fake.marks == [(1, 1), (1, 2)]
    assert verify(line.store) is None


def test_a_sender_that_breaks_ends_nothing(line: Line, fake: FakeEnd) -> None:
    """It broke after the other end had taken it: that is found out, and nothing is doubled."""
    fake.always["fake:1:1"] = ValueError("no such key")
    line.ask(fake.job(1, 1), fake.job(2, 1))
    line.lane.turn()
    assert "failed with ValueError" in line.lane.trouble
    job = line.job("fake:1:1")
    assert (job.state, job.said) == (
        JobState.SENDING,
        "drbot itself failed with ValueError; its log says more",
    )
    fake.keys.append("fake:1:1")
    line.play(10)
    assert fake.marks == [(2, 1)]
    line.play(61)
    assert line.job("fake:1:1").said == "found"
    assert line.lane.trouble == ""


def test_an_end_that_cannot_be_stored_is_kept_until_it_can(
    line: Line, fake: FakeEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.ask(fake.job(1, 1))

    def down(*_: object) -> None:
        raise StoreDown("the disk is full")

    with monkeypatch.context() as patch:
        fake.before = lambda: patch.setattr(line.store, "write", down)
        assert line.lane.turn() == 1.0
        assert line.lane.trouble == "the status page waits until the store answers: the disk is full"
        assert line.lane.turn() == 1.0
    fake.before = lambda: None
    line.finish()
    assert (fake.keys, fake.looks) == (["fake:1:1"], [])
    assert line.journal() == ["sent-outside"]


def test_two_processes_do_not_begin_the_same(line: Line, fake: FakeEnd) -> None:
    line.ask(fake.job(1, 1))
    job = line.job("fake:1:1")
    store: Store = line.store
    assert store.write(lambda tx: rows.mark_sending(tx, job)) is not None
    assert store.write(lambda tx: rows.mark_sending(tx, job)) is None


def test_a_restored_memory_looks_before_it_sends(line: Line, fake: FakeEnd) -> None:
    line.ask(fake.job(1, 1), fake.job(1, 2), fake.job(2, 1))
    fake.keys.append("fake:1:1")  # sent after the copy was made
    line.store.write(rows.mark_unsure)
    line.restarted()
    line.finish()
    assert fake.marks == [(2, 1), (1, 2)] or fake.marks == [(1, 2), (2, 1)]
    assert set(fake.looks) == {"fake:1:1", "fake:1:2", "fake:2:1"}


def test_texts_are_bounded(line: Line, fake: FakeEnd) -> None:
    job = fake.job(1, 1)
    huge: dict[str, Json] = {**job.payload, "text": "x" * 100_000, "list": ["\ud800\0y"]}
    line.ask(type(job)("k", job.way, "t", "say", "\udc80" + "a" * 500, huge))
    stored = line.job("k")
    assert (len(stored.about), len(str(stored.payload["text"]))) == (200, 20_000)
    assert stored.payload["list"] == ["?y"]
    fake.always["k"] = Never("\0\ud800words " * 10_000)
    line.finish()
    assert len(line.job("k").said) <= 500
