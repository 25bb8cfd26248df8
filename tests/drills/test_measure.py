"""What is read from the journal of a drill's runs, and how it is judged. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.drill import DrillPart, PartState
from bot.domain.entry import Entry, Json
from bot.domain.run import Run, RunState
from bot.domain.walk import Doing
from bot.drills.measure import GROUPS, Measured, Rehearsed, group_of, measure
from bot.drills.verdict import Promises, judge
from bot.drills.words import clock, span
from tests.drills.test_progress import run

BEGAN = "2026-11-23T11:12:00.000000Z"
HELD = DrillPart(Doing("rehearse-restore", "Rehearse a restore"), state=PartState.HELD, run=1)
PROMISES = Promises(4 * 3600.0, 3600.0)


def entry(kind: str, after_s: float, **data: Json) -> Entry:
    at = (datetime.fromisoformat(BEGAN) + timedelta(seconds=after_s)).astimezone(UTC).isoformat()
    return Entry(1, at, kind, "drbot", data, None, 1, "", "")


def story(**values: str) -> list[tuple[Run, list[Entry]]]:
    """One run as the engine journals it: seconds since the drill began."""
    told: dict[str, Json] = dict(values)
    return [
        (
            run(1, RunState.VERIFIED),
            [
                entry("run-proposed", 1.5, title="x"),
                entry("run-approved", 2.0),
                entry("run-started", 2.5),
                entry("guard-passed", 3.0, phase="before", index=0, title="Check the backup", said="ok"),
                entry("step-done", 33.0, phase="steps", index=0, title="Load it", said="loaded", values=told),
                entry("step-done", 39.0, phase="steps", index=1, title="Verify it", said="equal"),
                entry("check-passed", 40.0, phase="after", index=0, title="Ask it", said="answers"),
                entry("check-passed", 42.0, phase="after", index=1, title="Drop it", said="dropped"),
                entry("run-verified", 42.1, outcome="dropped"),
            ],
        )
    ]


def test_each_phase_has_its_seconds_and_cleaning_up_is_no_recovery() -> None:
    found = measure(BEGAN, story())
    assert found.recovered_s == pytest.approx(40.0)
    expected = {"survey": 2.5, "guards": 0.5, "load": 30.0, "verify": 6.0, "smoke test": 1.0, "clean up": 2.0}
    assert found.by_group() == pytest.approx(expected)
    assert list(found.by_group()) == [name for name in GROUPS if name in found.by_group()]
    assert found.rehearsed == ()


def test_what_came_back_is_read_from_the_evidence() -> None:
    values = {
        "backup": "b1", "data of": "2026-11-23T02:00:00+01:00", "newest row": "2026-11-23T00:59:58Z",
        "rows": "12", "tables": "three", "bytes": "9" * 30,
    }  # fmt: skip
    (came,) = measure(BEGAN, story(**values)).rehearsed
    assert came == Rehearsed(
        "RUN-1", "b1", "2026-11-23T01:00:00Z", "2026-11-23T00:59:58Z", 12, None, None, entry("", 33.0).at
    )


def test_a_run_that_never_began_measures_nothing() -> None:
    found = measure(BEGAN, [(run(1, RunState.REFUSED), [entry("run-proposed", 1.0)])])
    assert (found.recovered_s, [one.group for one in found.phases]) == (None, ["survey"])
    assert measure(BEGAN, []) == Measured((), (), None)


def test_a_clock_that_went_back_takes_no_time_away() -> None:
    early = [(run(1, RunState.VERIFIED), [entry("run-proposed", 5.0), entry("run-started", 1.0)])]
    assert [one.seconds for one in measure(BEGAN, early).phases] == [5.0, 0.0]


@pytest.mark.parametrize(
    ("place", "title", "group"),
    [
        ("before", "Load is possible", "guards"),
        ("steps", "Load b1 into a database of its own", "load"),
        ("steps", "Hand the shadow over to belezza", "hand over"),
        ("steps", "Defuse it: no mail leaves", "hand over"),
        ("steps", "Make the copy of production harmless, as a restore would", "hand over"),
        ("steps", "Restore 20261123F into a directory beside", "load"),
        ("steps", "Replay the archive up to its end, out of reach", "load"),
        ("steps", "Stop the copy and remove it", "clean up"),
        ("steps", "Drop the database of the rehearsal", "clean up"),
        ("after", "Check that nothing of the rehearsal is left", "clean up"),
        ("after", "Note beside b1 that it was rehearsed", "clean up"),
        ("steps", "Make a drill record beside it (drbot-drill-….belezza.ai)", "switch"),
        ("steps", "Wait until every name server of Route 53 has it", "switch"),
        ("steps", "Resolve it until it answers secondary", "smoke test"),
        ("steps", "Remove the drill record", "clean up"),
        ("after", "Check that api.belezza.ai is as it was and no drill record is left", "clean up"),
        ("steps", "Swap the shadow", "switch"),
        ("steps", "Something unheard of", "load"),
        ("after", "Something unheard of", "verify"),
        ("after", "Ask it for its tables", "smoke test"),
        ("undo", "Drop what is left", "take back"),
        ("nowhere", "", "verify"),
    ],
)
def test_a_step_belongs_to_a_coarse_phase(place: str, title: str, group: str) -> None:
    assert group_of(place, title) == group


def judged(rto_s: float | None = 72.4, state: PartState = PartState.HELD, **came: str) -> object:
    rehearsed = (Rehearsed("RUN-1", **came),) if came else ()  # type: ignore[arg-type]
    part = replace(HELD, state=state, said="" if state is PartState.HELD else "RUN-1 undone: tables differ")
    return judge([part], Measured((), rehearsed, rto_s), BEGAN, PROMISES)


@pytest.mark.parametrize(
    ("given_", "passed", "said"),
    [
        (
            {"backup": "b1", "data_of": "2026-11-23T11:00:00Z"},
            True,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept. RPO 1 h promised and kept: 12 min.",
        ),
        (
            {"backup": "b1", "data_of": "2026-11-23T02:00:00Z"},
            False,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept."
            " RPO 1 h promised, 9 h 12 min measured: the backup is from 02:00 UTC.",
        ),
        (
            {"newest_row": "2026-11-22T11:12:00Z"},
            False,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept. RPO 1 h promised, 24 h measured:"
            " the newest row that came back is from 2026-11-22 11:12 UTC.",
        ),
        (
            {"backup": "b1"},
            False,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept."
            " RPO 1 h promised, not measured: RUN-1 did not say of when its data is.",
        ),
        (
            {"data_of": "2026-11-23T11:20:00Z"},
            True,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept. RPO 1 h promised and kept: 0 s.",
        ),
        (
            {"backup": "b1", "data_of": "2026-11-24T11:12:00Z"},
            False,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept. RPO 1 h promised, not measured:"
            " the data of RUN-1 is of 24 h later than it was measured, so a clock is wrong.",
        ),
        (  # a long drill: what was archived since its beginning came back, too
            {"backup": "b1", "data_of": "2026-11-23T14:00:00Z", "asked_at": "2026-11-23T14:05:00Z"},
            True,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept. RPO 1 h promised and kept: 0 s.",
        ),
        (
            {"data_of": "2026-11-23T11:12:20Z", "asked_at": "2026-11-23T11:12:30Z"},
            True,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept. RPO 1 h promised and kept: 10 s.",
        ),
        (
            {"data_of": "2026-11-23T10:12:20Z", "asked_at": "2026-11-23T11:12:30Z"},
            False,
            "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept. RPO 1 h promised, 1 h measured:"
            " the copy that takes over held the data of 10:12 UTC.",
        ),
        ({}, True, "Recovery worked, in 1 min 12 s. RTO 4 h promised and kept."),
    ],
)
def test_the_verdict_is_a_sentence(given_: dict[str, str], passed: bool, said: str) -> None:
    verdict = judged(**given_)  # type: ignore[arg-type]
    assert (verdict.said, verdict.passed, verdict.recovered) == (said, passed, True)  # type: ignore[attr-defined]


def test_a_failed_recovery_has_no_rto_and_still_says_how_old_the_data_was() -> None:
    verdict = judged(state=PartState.FAILED, backup="b1", data_of="2026-11-23T02:00:00Z")
    assert (verdict.passed, verdict.recovered, verdict.rto_s) == (False, False, None)  # type: ignore[attr-defined]
    assert verdict.said == (  # type: ignore[attr-defined]
        "Recovery did not work: Rehearse a restore: RUN-1 undone: tables differ."
        " RPO 1 h promised, 9 h 12 min measured: the backup is from 02:00 UTC."
    )


def test_a_clock_that_was_set_back_meanwhile_measures_no_recovery() -> None:
    found = measure(BEGAN, story())
    (one, entries), *_ = story()
    late = [replace(at, at=entry("", 30.0 - 3600.0 + number).at) for number, at in enumerate(entries[4:])]
    wrong = measure(BEGAN, [(one, [*entries[:4], *late])])
    assert (found.set_back_s, wrong.recovered_s) == (0.0, None)
    verdict = judge([HELD], wrong, BEGAN, PROMISES)
    assert (verdict.passed, verdict.recovered, verdict.within_rto) == (False, True, False)
    assert verdict.said == (
        "Recovery worked. RTO 4 h promised, not measured: drbot's clock was set back by"
        " 59 min 33 s meanwhile."
    )


@given(
    after=st.lists(st.floats(-(10**5), 10**5), min_size=1, max_size=12),
    data=st.floats(-(10**5), 10**5),
)
def test_whatever_the_clocks_say_nothing_took_less_than_no_time(after: list[float], data: float) -> None:
    of = entry("", data).at
    told = [
        entry(
            "step-done",
            at,
            phase="steps",
            index=0,
            title="Load",
            said="",
            values={"backup": "b", "data of": of},
        )
        for at in after
    ]
    found = measure(BEGAN, [(run(1, RunState.VERIFIED), told)])
    verdict = judge([HELD], found, BEGAN, PROMISES)
    assert verdict.rto_s is None or verdict.rto_s >= 0
    assert verdict.rpo_s is None or verdict.rpo_s >= 0
    assert "−" not in verdict.said
    steps = [0.0, *after]
    if any(later < before - 6 for before, later in pairwise(steps)) or data > after[-1] + 601:
        assert not verdict.passed


def test_looks_alone_rehearse_nothing() -> None:
    looked = replace(HELD, only_looks=True)
    verdict = judge([looked, looked], Measured((), (), 2.0), BEGAN, PROMISES)
    assert (verdict.passed, verdict.recovered, verdict.rto_s) == (False, False, None)
    assert verdict.said == "Recovery was not rehearsed: every part of this drill only looks."
    assert judge([looked, HELD], Measured((), (), 2.0), BEGAN, PROMISES).passed


def test_of_several_databases_the_oldest_counts() -> None:
    two = (
        Rehearsed("RUN-1", data_of="2026-11-23T11:00:00Z"),
        Rehearsed("RUN-2", data_of="2026-11-23T02:00:00Z"),
    )
    assert judge([HELD], Measured((), two, 9.0), BEGAN, PROMISES).within_rpo is False
    silent = (two[0], Rehearsed("RUN-2", backup="b"))
    assert "RUN-2 did not say" in judge([HELD], Measured((), silent, 9.0), BEGAN, PROMISES).said


def test_nothing_promised_is_nothing_missed() -> None:
    came = (Rehearsed("RUN-1", data_of="2020-01-01T00:00:00Z"),)
    verdict = judge([HELD], Measured((), came, 9.0), BEGAN, Promises())
    assert (verdict.passed, verdict.said) == (True, "Recovery worked, in 9 s.")
    assert verdict.rpo_s is not None, "measured all the same"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"), (0.04, "40 ms"), (0.4, "0.4 s"), (41.26, "41.3 s"), (59.94, "59.9 s"), (59.96, "1 min"),
        (72.4, "1 min 12 s"), (3599.7, "1 h"), (3600, "1 h"), (33_120, "9 h 12 min"), (86_400, "24 h"),
        (3 * 86_400 + 4 * 3600, "3 d 4 h"), (31 * 86_400, "31 d"), (-5, "−5 s"),
    ],
)  # fmt: skip
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert span(seconds) == said


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_clock_never_breaks(text: str, day: str) -> None:
    assert isinstance(clock(text, day), str)


def test_what_a_look_found_red_is_told_and_fails_nothing() -> None:
    red = [
        entry("check-passed", 2.0, phase="after", title="Look", said=f"bucket {n} is open.", light="red")
        for n in range(3)
    ]
    found = measure(BEGAN, [(run(1, RunState.VERIFIED), red)])
    verdict = judge([HELD], found, BEGAN, PROMISES)
    assert verdict.passed
    assert verdict.said.endswith("Its looks found: bucket 0 is open; bucket 1 is open. And 1 more.")
