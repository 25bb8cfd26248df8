"""Who is told when something does not go out, and what other rooms hear of it; on both engines."""

from __future__ import annotations

from bot.domain.outbound import Job, JobState, Later, Never, Unknown
from bot.store import outbound as rows
from bot.store.database import Tx
from tests.outbound.conftest import Line
from tests.outbound.fake import FakeEnd


def test_what_is_refused_is_told_and_the_next_goes_on(line: Line, fake: FakeEnd) -> None:
    fake.always["fake:1:1"] = Never("422: no such component")
    line.ask(fake.job(1, 1), fake.job(1, 2))
    line.finish()
    assert line.states() == {"fake:1:1": "refused", "fake:1:2": "done"}
    assert fake.tries == ["fake:1:1", "fake:1:2"]
    assert line.journal() == ["not-sent-outside", "sent-outside"]
    (note,) = line.notes()
    assert note == (
        "Text 1 1: not sent. 422: no such component. Once that is mended, `outbound retry fake:1:1` sends it."
    )


def test_of_what_cannot_be_found_out_a_person_is_told(line: Line, fake: FakeEnd) -> None:
    fake.failures = ["cut"]
    fake.blind = Unknown("look at https://status.example for it")
    line.ask(fake.job(1, 1), fake.job(1, 2))
    line.finish()
    assert line.states() == {"fake:1:1": "unsure", "fake:1:2": "done"}
    (note,) = line.notes()
    assert note == (
        "Text 1 1: nobody can say whether it arrived, and drbot does not send it twice by itself. Look at"
        " https://status.example for it. If it is missing there, `outbound retry fake:1:1` sends it."
    )


def test_after_a_minute_each_thread_is_told_once_and_then_that_it_went_out(line: Line, fake: FakeEnd) -> None:
    fake.down()
    line.ask(fake.job(1, 1), fake.job(1, 2), fake.job(2, 1))
    line.play(55)
    assert line.notes(1) == []
    assert line.lane.trouble == ""
    line.play(70)
    waits = (
        "The status page does not take what drbot sends: “text 1 1” and 1 more wait since 03:00 UTC."
        " It does not answer. Nothing is lost, drbot goes on trying."
    )
    assert line.notes(1) == [waits]
    assert len(line.notes(2)) == 1
    assert line.lane.trouble.startswith("the status page takes nothing for 2 min")
    assert line.lane.trouble.endswith("it does not answer; 3 jobs wait, nothing is lost")
    line.restarted()
    line.play(600)
    assert line.notes(1) == [waits]
    line.ask(fake.job(3, 1))
    line.play(10)
    assert len(line.notes(3)) == 1
    fake.up()
    line.finish()
    assert line.lane.turn() > 0
    assert line.lane.trouble == ""
    assert line.notes(1)[1].startswith("Text 1 1: sent (taken), 1")
    assert line.notes(1)[1].endswith("late")
    assert len(line.notes(1)) == 2


def test_who_is_told_of_trouble(line: Line, fake: FakeEnd) -> None:
    heard: list[tuple[str, str, int]] = []
    line.on_trouble = lambda _tx, job: heard.append((job.key, job.state.value, job.attempts))
    line.restarted()
    fake.down()
    line.ask(fake.job(1, 1), fake.job(1, 2), fake.job(2, 1), fake.job(3, 1))
    line.lane.turn()
    assert heard == []
    line.play(1.5)
    assert fake.tries == ["fake:1:1", "fake:2:1"]
    assert sorted(heard) == [
        ("fake:1:1", "waiting", 1),
        ("fake:2:1", "waiting", 1),
        ("fake:3:1", "waiting", 0),
    ]  # one way is down, so whoever waits for it is in trouble; fake:1:2 is no nearer to that
    line.play(60)
    assert heard[3:] == [
        (key, "waiting", fake.tries[: at + 1].count(key)) for at, key in enumerate(fake.tries) if at > 2
    ]
    heard.clear()
    fake.up()
    fake.always["fake:2:1"] = Never("422")
    line.finish()
    assert ("fake:2:1", "refused") in {(key, state) for key, state, _ in heard}


def test_what_follows_is_stored_with_it_or_left_out_when_it_breaks(line: Line, fake: FakeEnd) -> None:
    def follow(tx: Tx, job: Job) -> None:
        assert job.state is JobState.DONE
        rows.send_later(tx, fake.job(2, 7))
        if job.key == "fake:1:2":
            raise ValueError("a hook that breaks")

    line.on_done = follow
    line.restarted()
    line.ask(fake.job(1, 1), fake.job(1, 2))
    line.finish()
    assert fake.keys == ["fake:1:1", "fake:1:2", "fake:2:7"]
    assert line.job("fake:2:7").state is JobState.DONE


def test_a_job_that_fails_alone_troubles_nobody_else(line: Line, fake: FakeEnd) -> None:
    heard: set[str] = set()
    line.on_trouble = lambda _tx, job: heard.add(job.key)
    line.restarted()
    fake.always["fake:1:1"] = Later("450 this one is greylisted")
    line.ask(fake.job(1, 1))
    line.play(100)
    line.ask(fake.job(2, 1))
    line.play(10)
    assert fake.marks == [(2, 1)]
    assert heard == {"fake:1:1"}
    assert len(line.notes(1)) == 1
