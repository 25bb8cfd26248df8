"""What comes next in a drill, decided without looking: every one ends, nothing risky follows a failure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.drill import Drill, DrillPart, DrillState, PartState, parse_drill_ref
from bot.domain.run import PlanText, Run, RunState
from bot.domain.walk import Doing
from bot.drills.progress import Approve, Ask, End, Rest, Settle, next_move

ENDED = [state for state in RunState if state.ended]


def run(number: int, state: RunState, started_at: str = "2026-11-23T03:00:01Z") -> Run:
    return Run(
        number, "low-shelve", "Furnish", "low", "staging/hall", "staging", {}, {}, PlanText((), (), (), ()),
        "d", state, "ana", "", "", started_at=started_at, outcome="so it ended",
    )  # fmt: skip


def drill(*parts: DrillPart, state: DrillState = DrillState.UNDER_WAY) -> Drill:
    return Drill(3, "restore", "Restore", state, "ana", "2026-11-23T03:00:00Z", parts=parts)


def part(state: PartState = PartState.TODO, looks: bool = False, number: int = 0) -> DrillPart:
    return DrillPart(Doing("rehearse-shelf"), looks, state, number)


def test_one_after_the_other() -> None:
    todo = drill(part(), part())
    assert next_move(todo, {}) == Ask(0)
    doing = todo.with_part(0, part(PartState.DOING, number=5))
    assert next_move(doing, {}) == Rest()
    assert next_move(doing, {5: run(5, RunState.RUNNING)}) == Rest()
    assert next_move(doing, {5: run(5, RunState.PROPOSED)}) == Approve(0, 5)
    held = next_move(doing, {5: run(5, RunState.VERIFIED)})
    assert held == Settle(0, PartState.HELD, "so it ended")
    assert next_move(todo.with_part(0, part(PartState.HELD, number=5)), {}) == Ask(1)
    assert next_move(drill(part(PartState.HELD), part(PartState.HELD)), {}) == End()


def test_what_was_refused_before_it_began_is_asked_for_again() -> None:
    doing = drill(part(PartState.DOING, number=5))
    assert next_move(doing, {5: run(5, RunState.REFUSED, started_at="")}) == Ask(0)
    refused = next_move(doing, {5: run(5, RunState.REFUSED)})
    assert refused == Settle(0, PartState.FAILED, "RUN-5 refused: so it ended")


def test_after_a_failure_only_looks_are_run() -> None:
    failed = drill(part(PartState.FAILED), part(), part(looks=True))
    move = next_move(failed, {})
    assert isinstance(move, Settle)
    assert (move.index, move.state) == (1, PartState.SPARED)
    assert next_move(failed.with_part(1, part(PartState.SPARED)), {}) == Ask(2)


@pytest.mark.parametrize("state", [DrillState.PASSED, DrillState.FAILED])
def test_what_is_over_rests(state: DrillState) -> None:
    assert next_move(drill(part(), state=state), {}) == Rest()


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(ENDED)), max_size=8))
def test_every_drill_ends_and_never_risks_more_after_a_failure(plan: list[tuple[bool, RunState]]) -> None:
    one = drill(*(part(looks=looks) for looks, _ in plan))
    runs: dict[int, Run] = {}
    for _ in range(4 * len(plan) + 1):
        move = next_move(one, runs)
        if isinstance(move, Ask):
            broken = any(before.state is PartState.FAILED for before in one.parts[: move.index])
            assert not broken or one.parts[move.index].only_looks
            number = move.index + 1
            runs[number] = run(number, plan[move.index][1])
            asked = replace(one.parts[move.index], state=PartState.DOING, run=number)
            one = one.with_part(move.index, asked)
        elif isinstance(move, Settle):
            settled = replace(one.parts[move.index], state=move.state, said=move.said)
            one = one.with_part(move.index, settled)
        else:
            assert move == End()
            break
    else:
        raise AssertionError("it never ended")
    for kept in one.parts:
        assert kept.state in (PartState.HELD, PartState.FAILED, PartState.SPARED)
        assert (kept.state is PartState.HELD) == (
            kept.run in runs and runs[kept.run].state is RunState.VERIFIED
        )


@pytest.mark.parametrize("text", ["DRILL-3", "drill-3", "drill3", " 3 "])
def test_how_people_write_it(text: str) -> None:
    assert parse_drill_ref(text) == 3


@pytest.mark.parametrize("text", ["", "DRILL-", "RUN-3", "²", "3.5", "9" * 12, "-3x"])
def test_what_is_no_drill(text: str) -> None:
    with pytest.raises(ValueError, match="say DRILL- and its number"):
        parse_drill_ref(text)
