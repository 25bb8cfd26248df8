"""How long a walk takes: in all, by step, and how much of it was waiting for people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.walk import Doing, StepState, Walk, WalkState, WalkStep, continued
from bot.domain.walk_clock import (
    Asking,
    Promise,
    clock_text,
    length_text,
    measured,
    rested,
    stamped,
    step_text,
)

RTO = Promise("RTO", 4 * 3600.0)


def at(second: int) -> str:
    return f"2026-03-01T03:{second // 60:02d}:{second % 60:02d}+00:00"


def walk_of(*steps: WalkStep) -> Walk:
    return Walk(1, "full", "Full", "production", "ana", at(0), steps)


def step(state: StepState = StepState.TODO, now: int = 0, of: WalkStep | None = None) -> WalkStep:
    return stamped(replace(of or WalkStep("Pull", does=(Doing("pull"),)), state=state), at(now))


def test_a_step_takes_from_its_first_run_to_its_end_and_says_what_waited() -> None:
    held = step(StepState.HELD, 100, of=step(StepState.DOING, 10))
    clock = measured(walk_of(held), [Asking(0, at(10), at(70))], at(200))
    assert clock.steps[0] is not None
    assert (clock.steps[0].took_s, clock.steps[0].waited_s) == (90.0, 60.0)
    assert (clock.total_s, clock.waited_s) == (200.0, 60.0)
    assert step_text(clock.steps[0]) == "1 min 30 s, 1 min of it waiting"


def test_work_by_hand_is_waiting_for_people() -> None:
    by_hand = step(StepState.BY_HAND, 5)
    under_way = measured(walk_of(by_hand), (), at(65))
    assert under_way.waited_s == 60.0
    done = continued(walk_of(by_hand), 0, "on", "Ana")
    held = stamped(done.steps[0], at(125))
    assert measured(walk_of(held), (), at(500)).waited_s == 120.0


def test_where_it_stood_failed_and_was_tried_again_it_waited() -> None:
    failed = step(StepState.FAILED, 30, of=step(StepState.DOING, 10))
    again = stamped(continued(walk_of(failed), 0, "retry", "Ana").steps[0], at(90))
    held = step(StepState.HELD, 120, of=step(StepState.DOING, 91, of=again))
    clock = measured(walk_of(held), (), at(120))
    assert clock.steps[0] is not None
    assert (clock.steps[0].took_s, clock.steps[0].waited_s) == (110.0, 60.0)


def test_a_failed_step_that_the_next_one_mends_waits_for_nobody() -> None:
    failed = step(StepState.FAILED, 30, of=step(StepState.DOING, 10))
    mending = replace(step(StepState.DOING, 30), only_if_failed=True)
    assert measured(walk_of(failed, mending), (), at(300)).waited_s == 0.0


def test_what_stood_when_it_was_stopped_is_counted() -> None:
    failed = step(StepState.FAILED, 30, of=step(StepState.DOING, 10))
    stopped = replace(rested(walk_of(failed), at(90)), state=WalkState.STOPPED, ended_at=at(90))
    assert measured(stopped, (), at(9999)).waited_s == 60.0


def test_it_says_so_while_under_way_and_at_its_end() -> None:
    by_hand = step(StepState.BY_HAND, 0)
    walk = walk_of(by_hand)
    assert clock_text(walk, measured(walk, (), at(760)), RTO, at(760)) == (
        "12 min 40 s of 4 h RTO, 12 min 40 s of it waiting for people"
    )
    held = replace(walk_of(step(StepState.HELD, 40)), state=WalkState.DONE, ended_at=at(1263))
    said = clock_text(held, measured(held, (), at(2000)), RTO, at(2000))
    assert said == "Recovered in 21 min 3 s; RTO 4 h"


def test_the_objective_counts_since_the_incident_was_opened() -> None:
    opened = Promise("RTO", 600.0, "INC-7", "2026-03-01T02:58:00+00:00")
    held = replace(walk_of(step(StepState.HELD, 40)), state=WalkState.DONE, ended_at=at(540))
    said = clock_text(held, measured(held, (), at(540)), opened, at(540))
    assert said == "Recovered in 9 min; RTO 10 min; INC-7 was opened 11 min before; past the RTO by 1 min"


def test_a_step_that_was_passed_by_is_no_recovery() -> None:
    passed = replace(walk_of(step(StepState.PASSED, 40)), state=WalkState.DONE, ended_at=at(60))
    assert clock_text(passed, measured(passed, (), at(60)), RTO, at(60)).startswith("Ended after 1 min")


def test_who_only_looked_recovered_nothing() -> None:
    looked = WalkStep("Look", does=(Doing("look-at-application", looks=True),))
    walk = replace(walk_of(step(StepState.HELD, 40, of=looked)), state=WalkState.DONE, ended_at=at(60))
    assert clock_text(walk, measured(walk, (), at(60)), RTO, at(60)).startswith("Ended after 1 min")


def test_without_an_objective_only_the_time_is_said() -> None:
    walk = walk_of(step(StepState.DOING, 0))
    assert clock_text(walk, measured(walk, (), at(7)), Promise(), at(7)) == "7 s so far"
    held = replace(walk_of(step(StepState.HELD, 7)), state=WalkState.DONE, ended_at=at(7))
    assert clock_text(held, measured(held, (), at(9)), Promise(), at(9)) == "7 s in all"


@pytest.mark.parametrize(
    ("length_s", "said"),
    [(0, "0 s"), (40, "40 s"), (760, "12 min 40 s"), (3600, "1 h"), (7505, "2 h 5 min"), (3605, "1 h"),
     (97200, "1 d 3 h"), (14400, "4 h")],
)  # fmt: skip
def test_lengths_are_said_in_their_two_greatest_units(length_s: float, said: str) -> None:
    assert length_text(length_s) == said


STATES = st.sampled_from([one for one in StepState if one is not StepState.TODO])


@given(st.lists(st.tuples(STATES, st.integers(0, 50)), min_size=1, max_size=8), st.integers(0, 600))
def test_whatever_a_step_goes_through_waiting_is_part_of_it(
    moves: list[tuple[StepState, int]], later: int
) -> None:
    now, one = 0, WalkStep("Pull")
    for state, pause in moves:
        now += pause
        one = stamped(replace(one, state=state), at(now))
    clock = measured(walk_of(one), (), at(now + later))
    assert clock.steps[0] is not None
    assert 0 <= clock.steps[0].waited_s <= clock.steps[0].took_s <= clock.total_s
