"""An hour's outage of each way in turn: nothing lost, nothing doubled, order kept."""

from __future__ import annotations

import pytest

from bot.store.journal import verify
from tests.outbound.conftest import Line
from tests.outbound.ways import OtherEnd
from tests.store.conftest import Opened

HOUR_S = 3_600.0
THREADS, EACH = 3, 4


@pytest.fixture
def line(opened: Opened, other_end: OtherEnd) -> Line:
    made = Line(opened, other_end.sender)
    made.open_incidents(THREADS)
    return made


TROUBLES = ("whole", "restarts", "clock back", "clock ahead", "slow to come back")


@pytest.mark.parametrize(
    ("opened", "trouble"),
    [*(("sqlite", trouble) for trouble in TROUBLES), ("postgres", "restarts")],
    indirect=["opened"],
)
def test_an_hour(line: Line, other_end: OtherEnd, trouble: str) -> None:
    """Before, during and after it things are asked for; what waited has arrived two minutes after it."""
    wanted = [(thread, number) for number in range(1, EACH + 1) for thread in range(1, THREADS + 1)]
    ask = [other_end.job(*mark) for mark in wanted]
    line.ask(*ask[:2])
    line.play(5)
    assert other_end.taken() == wanted[:2]

    other_end.down()
    for quarter in range(4):
        line.ask(*ask[2 + 2 * quarter : 4 + 2 * quarter])
        line.play(HOUR_S / 4)
        if trouble == "restarts" and quarter < 3:
            line.restarted()
        if trouble.startswith("clock") and quarter == 1:
            line.time.jump(-1 if trouble == "clock back" else 1)
    assert other_end.taken() == wanted[:2]
    assert "nothing is lost" in line.lane.trouble

    other_end.up()
    if trouble == "slow to come back":
        other_end.fail("busy")
        other_end.fail("busy")
    line.ask(*ask[10:])
    line.play(240 if trouble == "slow to come back" else 120)
    check(line, other_end, wanted)


def check(line: Line, other_end: OtherEnd, wanted: list[tuple[int, int]]) -> None:
    taken = other_end.taken()
    assert sorted(taken) == sorted(wanted)
    for thread in range(1, THREADS + 1):
        assert [number for one, number in taken if one == thread] == list(range(1, EACH + 1))
    assert set(line.states().values()) == {"done"}
    assert line.journal() == ["sent-outside"] * len(wanted)
    assert line.lane.trouble == ""
    for thread in range(1, THREADS + 1):
        waited = [note for note in line.notes(thread) if "Nothing is lost" in note]
        assert len(waited) == 1, waited
    assert verify(line.store) is None
