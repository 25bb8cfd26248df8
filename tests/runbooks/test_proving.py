"""A look that is to prove a recovery fails its step where it finds red; others stop nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.run import RunState
from bot.domain.walk import Doing, Propose, Rest, Settle, WalkStep, continued, next_step
from tests.runbooks.test_next_step import CHANGES, LOOKS, D, F, H, P, run, step, walk

RED = (("db DOWN", "red"), ("redis UP", "green"), ("1 of 3 replicas", "red"))
FOUND = "RUN-9 found: db DOWN; 1 of 3 replicas"


def looked(does: tuple[Doing, ...], runs: tuple[int, ...] = (9,)) -> WalkStep:
    return step(D, runs=runs, does=0) if not does else replace(step(D, runs=runs), does=does)


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        ((step(H),), looked((LOOKS,)), ()),  # the last step of a recovery
        ((step(H),), looked((LOOKS,)), (step(),)),  # in the middle, before it goes on
        ((step(H, does=0),), looked((LOOKS,)), ()),  # a person did it by hand
        ((step(P),), looked((LOOKS,)), ()),  # and where a person went on past it
        ((step(H), replace(step(H), does=(LOOKS,))), looked((LOOKS,)), ()),
        ((), looked((CHANGES, LOOKS), (8, 9)), ()),  # in the step that changed something
        ((step(H),), looked((LOOKS, LOOKS)), ()),  # the first of several looks
        ((), looked((LOOKS,)), (step(only_if=True),)),  # what follows is for this very failure
    ],
)
def test_a_look_that_proves_and_finds_red_is_a_failure(
    before: tuple[WalkStep, ...], now: WalkStep, after: tuple[WalkStep, ...]
) -> None:
    made = walk(*before, now, *after)
    move = next_step(made, {9: run(9, RunState.VERIFIED, *RED)})
    assert move == Settle(len(before), F, FOUND, len(now.runs) - 1)
    failed = replace(now, state=F, said=FOUND, held=len(now.runs) - 1)
    again = next_step(made.with_step(len(before), failed), {})
    if after and after[0].only_if_failed:
        assert again == Propose(len(before) + 1, 0)
    else:
        assert again == Rest(len(before), standing=True), "it never finishes on it, nor goes on"
    tried = continued(made.with_step(len(before), failed), len(before), "on", "Ana")
    assert next_step(tried, {}) == Propose(len(before), len(now.runs) - 1), "it looks again, and only that"


@pytest.mark.parametrize(
    ("before", "now", "after", "judged"),
    [
        ((), looked((LOOKS,)), (step(),), RED),  # the trouble that the runbook is for
        ((replace(step(H), does=(LOOKS,)),), looked((LOOKS,)), (step(),), RED),
        ((), looked((LOOKS,)), (), RED),  # a runbook that only looks
        ((step(H),), looked((LOOKS,)), (), (("full to 81 %", "amber"), ("UP", "green"), ("told", ""))),
        ((step(H),), looked((CHANGES,)), (), RED),  # a change that verified itself
    ],
)
def test_a_look_that_is_there_to_know_stops_nothing(
    before: tuple[WalkStep, ...],
    now: WalkStep,
    after: tuple[WalkStep, ...],
    judged: tuple[tuple[str, str], ...],
) -> None:
    move = next_step(walk(*before, now, *after), {9: run(9, RunState.VERIFIED, *judged)})
    assert move == Settle(len(before), H, "RUN-9 verified: so it ended", 1)


def test_what_is_looked_at_before_a_change_of_the_same_step_is_told_to_that_change() -> None:
    made = walk(step(H), looked((LOOKS, CHANGES)))
    assert next_step(made, {9: run(9, RunState.VERIFIED, *RED)}) == Propose(1, 1)


def test_a_long_finding_is_cut() -> None:
    told = run(9, RunState.VERIFIED, ("x" * 900, "red"))
    assert len(told.found_red) == 400
    assert told.found_red.endswith("…")
