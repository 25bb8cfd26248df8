"""What every way out keeps, against its real other end: a way joins in `ways.py`."""

from __future__ import annotations

import pytest

from bot.domain.outbound import Job, JobState, Later, Never, Sent, Unknown
from bot.store import outbound as rows
from tests.outbound.ways import OtherEnd
from tests.store.conftest import Opened

# The ways know nothing of the store: one engine is enough.
pytestmark = pytest.mark.parametrize("opened", ["sqlite"], indirect=True)


class Begun:
    """Jobs as the lane hands them over: stored, and begun."""

    def __init__(self, opened: Opened, end: OtherEnd) -> None:
        self._store = opened.store
        self.end = end

    def job(self, thread: int, number: int) -> Job:
        new = self.end.job(thread, number)
        self._store.write(lambda tx: rows.send_later(tx, new))
        stored = rows.job_of(self._store.read, new.key)
        assert stored is not None
        begun = self._store.write(lambda tx: rows.mark_sending(tx, stored))
        assert begun is not None
        return begun

    def again(self, job: Job) -> Job:
        begun = self._store.write(lambda tx: rows.mark_sending(tx, job))
        assert begun is not None
        return begun

    def found(self, job: Job, remote: str = "") -> Sent | None:
        """What a look finds; None as well where the way leaves it to a person, and then always."""
        if self.end.tells is not None:
            return self.end.sender.find(job, remote)
        with pytest.raises(Unknown) as unknown:
            self.end.sender.find(job, remote)
        assert len(str(unknown.value)) > 10
        return None


@pytest.fixture
def begun(opened: Opened, other_end: OtherEnd) -> Begun:
    return Begun(opened, other_end)


def test_it_is_taken_and_named(begun: Begun) -> None:
    job = begun.job(1, 1)
    sent = begun.end.sender.send(job, "")
    assert begun.end.taken() == [(1, 1)]
    assert isinstance(sent, Sent)
    assert job.way is begun.end.sender.way


def test_the_second_of_a_thread_goes_to_the_first(begun: Begun) -> None:
    first = begun.end.sender.send(begun.job(1, 1), "")
    begun.end.sender.send(begun.job(1, 2), first.remote)
    begun.end.sender.send(begun.job(2, 1), "")
    assert begun.end.taken() == [(1, 1), (1, 2), (2, 1)]


def test_what_was_done_is_found(begun: Begun) -> None:
    job = begun.job(1, 1)
    sent = begun.end.sender.send(job, "")
    found = begun.found(job)
    if begun.end.tells:
        assert found is not None
        assert found.remote == sent.remote
    else:
        assert found is None
    assert begun.end.taken() == [(1, 1)]


def test_what_was_not_done_is_not_found(begun: Begun) -> None:
    first = begun.end.sender.send(begun.job(1, 1), "")
    assert begun.found(begun.job(1, 2), first.remote) is None
    assert begun.found(begun.job(2, 1)) is None


@pytest.mark.parametrize("fails_at", [1, 2])
def test_busy_is_later_and_nothing_was_taken(begun: Begun, fails_at: int) -> None:
    remote = begun.end.sender.send(begun.job(1, 1), "").remote if fails_at == 2 else ""
    job = begun.job(1, fails_at)
    begun.end.fail("busy")
    with pytest.raises(Later) as later:
        begun.end.sender.send(job, remote)
    assert str(later.value)
    assert later.value.after_s >= 0
    assert (1, fails_at) not in begun.end.taken()
    begun.end.sender.send(begun.again(job), remote)
    assert begun.end.taken()[-1] == (1, fails_at)


def test_refused_is_never_and_says_why(begun: Begun) -> None:
    begun.end.fail("refuse")
    with pytest.raises(Never) as never:
        begun.end.sender.send(begun.job(1, 1), "")
    assert len(str(never.value)) > 10
    assert begun.end.taken() == []


def test_nobody_there_is_later(begun: Begun) -> None:
    job = begun.job(1, 1)
    begun.end.down()
    with pytest.raises(Later):
        begun.end.sender.send(job, "")
    if begun.end.tells:
        with pytest.raises(Later):
            begun.end.sender.find(job, "")
    begun.end.up()
    begun.end.sender.send(begun.again(job), "")
    assert begun.end.taken() == [(1, 1)]


def test_an_answer_that_is_lost_is_unknown_and_looked_for(begun: Begun) -> None:
    job = begun.job(1, 1)
    begun.end.fail("cut")
    # Where taken twice is the same there, it may say that it simply is to be sent again.
    with pytest.raises((Unknown, Later) if getattr(begun.end, "same_twice", False) else Unknown):
        begun.end.sender.send(job, "")
    assert begun.end.taken() == [(1, 1)]
    assert job.state is JobState.SENDING
    assert (begun.found(job) is not None) is bool(begun.end.tells)
