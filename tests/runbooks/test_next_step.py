"""What comes next, decided without looking: every walk ends, no step follows one that failed unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.run import PlanText, Run, RunState
from bot.domain.walk import (
    Doing,
    Finish,
    How,
    Propose,
    Rest,
    Settle,
    StepState,
    Walk,
    WalkState,
    WalkStep,
    continued,
    next_step,
    parse_walk_ref,
    standing_at,
)

ENDED = [state for state in RunState if state.ended]
FINE = (StepState.HELD, StepState.SPARED, StepState.PASSED)


def run(number: int, state: RunState, *judged: tuple[str, str]) -> Run:
    return Run(
        number, "low-shelve", "Furnish", "low", "staging/hall", "staging", {}, {}, PlanText((), (), (), ()),
        "d", state, "ana", "", "", outcome="so it ended",
        evidence=tuple(said for said, _ in judged), lights=tuple(light for _, light in judged),
    )  # fmt: skip


def walk(*steps: WalkStep) -> Walk:
    return Walk(3, "shelves", "Shelves", "staging", "ana", "", steps)


def step(state: StepState = StepState.TODO, does: int = 1, only_if: bool = False, **more: object) -> WalkStep:
    doing = tuple(Doing(f"low-shelve-{number}") for number in range(does))
    made = WalkStep("Furnish", does=doing, only_if_failed=only_if, state=state)
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name


T, H, F, R, N, P, S, D, B = (
    StepState.TODO,
    StepState.HELD,
    StepState.FAILED,
    StepState.REFUSED,
    StepState.NOT_RUN,
    StepState.PASSED,
    StepState.SPARED,
    StepState.DOING,
    StepState.BY_HAND,
)


@pytest.mark.parametrize(
    ("steps", "move"),
    [
        ([step()], Propose(0, 0)),
        ([step(does=0)], Settle(0, B)),
        ([step(B, does=0)], Rest(0, standing=True)),
        ([step(H), step()], Propose(1, 0)),
        ([step(H)], Finish()),
        ([step(F)], Rest(0, standing=True)),
        ([step(F), step()], Rest(0, standing=True)),
        ([step(F), step(only_if=True)], Propose(1, 0)),
        ([step(F), step(H, only_if=True), step()], Propose(2, 0)),
        ([step(F), step(F, only_if=True), step()], Rest(1, standing=True)),
        ([step(F), step(F, only_if=True), step(only_if=True)], Propose(2, 0)),
        ([step(F), step(F, only_if=True)], Rest(1, standing=True)),
        ([step(R), step()], Rest(0, standing=True)),
        ([step(R), step(only_if=True)], Rest(0, standing=True)),
        ([step(N), step(only_if=True)], Rest(0, standing=True)),
        ([step(P), step(only_if=True)], Propose(1, 0)),
        ([step(P), step()], Propose(1, 0)),
        ([step(H), step(S, only_if=True), step()], Propose(2, 0)),
        ([step(H), step(S, only_if=True)], Finish()),
        ([step(runs=(1,), held=1, does=2)], Propose(0, 1)),
        ([step(D, runs=(9,)), step()], Rest(0)),
    ],
)
def test_each_branch(steps: list[WalkStep], move: object) -> None:
    assert next_step(walk(*steps), {}) == move


def test_a_step_only_for_failure_is_not_needed_after_success() -> None:
    for before in (H, S):
        move = next_step(walk(step(H), step(before, only_if=before is S), step(only_if=True)), {})
        assert isinstance(move, Settle)
        assert (move.step, move.state) == (2, S)


@pytest.mark.parametrize(
    ("state", "expected", "held"),
    [
        (RunState.VERIFIED, H, 1),
        (RunState.FAILED, F, 0),
        (RunState.UNDONE, F, 0),
        (RunState.STOPPED, F, 0),
        (RunState.REFUSED, R, 0),
        (RunState.DENIED, N, 0),
        (RunState.CANCELLED, N, 0),
        (RunState.EXPIRED, N, 0),
    ],
)
def test_how_a_run_ends_is_how_its_step_ends(state: RunState, expected: StepState, held: int) -> None:
    move = next_step(walk(step(D, runs=(9,))), {9: run(9, state)})
    assert move == Settle(0, expected, f"RUN-9 {state.value}: so it ended", held)


@pytest.mark.parametrize("state", [RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING])
def test_a_run_that_goes_on_is_waited_for(state: RunState) -> None:
    waiting = walk(step(D, runs=(9,)))
    assert next_step(waiting, {9: run(9, state)}) == Rest(0)
    assert standing_at(waiting) is None


@pytest.mark.parametrize("state", [WalkState.DONE, WalkState.STOPPED])
def test_what_is_over_does_nothing(state: WalkState) -> None:
    assert next_step(replace(walk(step()), state=state), {}) == Rest()


def test_what_held_in_a_step_is_not_done_again() -> None:
    stood = walk(step(F, does=3, runs=(4, 5), held=1, said="RUN-5 failed"))
    again = continued(stood, 0, "on", "Ana")
    assert (again.steps[0].attempt, again.steps[0].runs) == (2, (4,))
    assert next_step(again, {}) == Propose(0, 1)
    refused = walk(step(R, does=3, runs=(4, 5), held=2, said="nothing to do"))
    assert continued(refused, 0, "retry", "Ana").steps[0].runs == (4, 5)


def test_a_step_done_by_hand_cannot_be_tried_again() -> None:
    with pytest.raises(ValueError, match="by hand"):
        continued(walk(step(B, does=0)), 0, "retry", "Ana")


@pytest.mark.parametrize(("text", "number"), [("RB-3", 3), ("rb3", 3), (" 12 ", 12)])
def test_refs(text: str, number: int) -> None:
    assert parse_walk_ref(text) == number


@pytest.mark.parametrize("text", ["", "RUN-3", "RB-", "٣", "1" * 10])
def test_what_is_no_ref(text: str) -> None:
    with pytest.raises(ValueError, match="say RB- and its number"):
        parse_walk_ref(text)


LOOKS = Doing("look-shelve", looks=True)
CHANGES = Doing("low-shelve")


class Life:
    """A walk with a conductor that does what is decided, and a world that draws how each run ends."""

    def __init__(self, steps: list[WalkStep], draw: st.DataObject) -> None:
        self.walk = walk(*steps)
        self.runs: dict[int, Run] = {}
        self.draw = draw
        self.proposed: list[tuple[int, int, int]] = []

    def under_way(self) -> list[Run]:
        return [one for one in self.runs.values() if not one.state.ended]

    def live(self, moves: int = 400) -> bool:
        """Whether it came to its end."""
        for _ in range(moves):
            move = next_step(self.walk, self.runs)
            if isinstance(move, Finish):
                return True
            if isinstance(move, Propose):
                self.propose(move)
            elif isinstance(move, Settle):
                one = self.walk.steps[move.step]
                settled = replace(one, state=move.state, said=move.said, held=move.held)
                self.walk = self.walk.with_step(move.step, settled)
            elif move.standing:
                assert move.step == standing_at(self.walk)
                how: How = self.draw.draw(st.sampled_from(["on", "skip"]), "person")
                self.walk = continued(self.walk, move.step or 0, how, "Ana", "because")
            else:
                number = self.walk.run
                assert number is not None
                # Runs do not fail for ever, so that a person's patience is enough.
                state = RunState.VERIFIED if number > 60 else self.draw.draw(st.sampled_from(ENDED), "end")
                light = (
                    "green" if number > 60 else self.draw.draw(st.sampled_from(["", "green", "red"]), "light")
                )
                self.runs[number] = run(number, state, ("it is so", light))
        return False

    def propose(self, move: Propose) -> None:
        assert self.under_way() == [], "never two at once"
        one = self.walk.steps[move.step]
        before = self.walk.steps[move.step - 1].state if move.step else H
        assert before in FINE or (before is F and one.only_if_failed), (before, one)
        assert before not in (H, S) or not one.only_if_failed, "spared where the step before held"
        assert all(after.state is T for after in self.walk.steps[move.step + 1 :])
        request = (move.step, move.doing, one.attempt)
        assert request not in self.proposed, "each is asked for once"
        self.proposed.append(request)
        number = len(self.runs) + 1
        self.runs[number] = run(number, RunState.PROPOSED)
        doing = replace(one, state=D, runs=(*one.runs[: move.doing], number))
        self.walk = self.walk.with_step(move.step, doing)


plans = st.lists(
    st.tuples(st.lists(st.booleans(), max_size=3), st.booleans()), min_size=1, max_size=6
)  # for each step: whether each of its actions looks; only if the one before failed


@given(plans, st.data())
def test_every_walk_ends_and_never_runs_what_it_must_not(
    plan: list[tuple[list[bool], bool]], data: st.DataObject
) -> None:
    steps = [
        replace(
            step(only_if=only_if and number > 0), does=tuple(LOOKS if looks else CHANGES for looks in does)
        )
        for number, (does, only_if) in enumerate(plan)
    ]
    life = Life(steps, data)
    assert life.live()
    ended = life.walk.steps
    assert all(one.state in (*FINE, F) for one in ended)
    assert ended[-1].state is not F, "it does not finish on a failure"
    changed = [number for number, one in enumerate(ended) if one.changes]
    for one in ended[changed[0] + 1 :] if changed else ():
        if one.state is H and not one.changes:
            assert not any(life.runs[number].found_red for number in one.runs), "nor on what it found red"
