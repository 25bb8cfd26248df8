"""Whatever happens in whatever order, to an other end that can be asked: nothing lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.outbound import Job, Sent
from bot.store.journal import verify
from bot.store.opening import open_store
from tests.outbound.conftest import Line
from tests.outbound.fake import FakeEnd
from tests.store.conftest import Clock, Opened

THREADS = 3
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(1, THREADS)),
        st.tuples(st.just("play"), st.sampled_from([0, 1, 7, 65, 400])),
        st.tuples(st.sampled_from(["busy", "cut", "die before", "die after", "break"]), st.just(0)),
        st.tuples(st.sampled_from(["down", "up", "restart"]), st.just(0)),
        st.tuples(st.just("jump"), st.sampled_from([-1, 1])),
    ),
    min_size=4,
    max_size=40,
)


class Killed(BaseException):
    """kill -9: nothing of drbot runs after it."""


class Deadly(FakeEnd):
    """Also kills drbot before or after it takes something, and breaks the sender after that."""

    def send(self, job: Job, remote: str) -> Sent:
        if self.failures[:1] == ["die before"]:
            self.failures.pop(0)
            raise Killed
        deadly = self.failures.pop(0) if self.failures[:1] in (["die after"], ["break"]) else ""
        sent = super().send(job, remote)
        if deadly == "die after":
            raise Killed
        if deadly == "break":
            raise KeyError("a field that it does not have")
        return sent


class Life:
    """A line under these events. Only what is stored outlives a kill."""

    def __init__(self, line: Line, end: Deadly) -> None:
        self.line, self.end = line, end
        self.asked = dict.fromkeys(range(1, THREADS + 1), 0)

    def happen(self, what: str, how: int) -> None:
        if what == "ask":
            self.asked[how] += 1
            self.line.ask(self.end.job(how, self.asked[how]))
        elif what == "play":
            self.play(how)
        elif what in ("down", "up"):
            getattr(self.end, what)()
        elif what == "restart":
            self.line.restarted()
        elif what == "jump":
            self.line.time.jump(how)
        else:
            self.end.failures.append(what)

    def play(self, seconds: float) -> None:
        for _ in range(50):
            try:
                self.line.play(seconds, lambda: not self.line.open())
            except Killed:
                self.line.restarted()
            else:
                return
        raise AssertionError("it dies for ever")


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path: Path = tmp_path_factory.mktemp("any") / "drbot.db"
    clock, url = Clock(), f"sqlite:///{path}"
    store = open_store(url, clock)
    yield Opened(store, url, clock, lambda: store)
    store.close()


def test_whatever_happens(where: Opened) -> None:
    @settings(max_examples=120, deadline=None)
    @given(EVENTS)
    @example([("ask", 1), ("ask", 1), ("die after", 0), ("play", 7), ("down", 0), ("play", 65), ("jump", -1)])
    @example([("cut", 0), ("ask", 1), ("down", 0), ("play", 7), ("restart", 0), ("ask", 2), ("break", 0)])
    def live(events: list[tuple[str, int]]) -> None:
        for table in ("outbound", "outbox"):
            where.store.write(lambda tx, table=table: tx.run(f"DELETE FROM {table}"))  # type: ignore[misc]
        end = Deadly()
        life = Life(Line(where, end), end)
        life.line.open_incidents(THREADS)
        for what, how in events:
            life.happen(what, how)
        end.up()
        life.play(1_200)
        for thread, count in life.asked.items():
            assert [number for one, number in end.marks if one == thread] == list(range(1, count + 1))
        assert set(life.line.states().values()) <= {"done"}

    live()
    sent = where.store.read("SELECT COUNT(*) FROM journal WHERE kind = 'sent-outside'")[0][0]
    assert sent > 100  # it was no test of nothing
    assert verify(where.store) is None
