"""A walk on the real engine: each branch of what a step can come to."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.domain.answer import Refusal
from bot.domain.run import RunState
from bot.domain.walk import StepState, WalkState
from bot.slack.cards.walk import walk_card
from tests.runbooks.conftest import DO, LOOK, House, refusal, until

Make = Callable[..., House]
T, H, F = StepState.TODO, StepState.HELD, StepState.FAILED
JUDGE = "{action: look-shelve, params: {place: hall, how: judge}}"
BY_HAND = "{title: Tell everybody, command: echo done}"


def step(title: str, *does: str, only_if: str = "") -> str:
    decided = f", only_if: {only_if}" if only_if else ""
    return f'{{title: "{title}", does: [{", ".join(does)}]{decided}}}'


def do(how: str = "", place: str = "hall", risk: str = "low") -> str:
    return f"{{action: {risk}-shelve, params: {{place: {place}, how: {how or 'well'}}}}}"


def test_looks_run_at_once_and_changes_wait_for_their_approval(house: Make) -> None:
    made = house(step("Look", LOOK), step("Furnish", DO), BY_HAND)
    walk = made.begin(incident=made.incident().id)
    run = made.waiting_run(walk)
    assert made.states(walk) == [H, StepState.DOING, T]
    assert (run.requested_by, run.incident, run.state) == ("ana", 1, RunState.PROPOSED)
    assert "waits for approval by Ana Lima" in made.runbooks.view(made.walk(walk)).waits
    made.approve(walk)
    assert made.rests(walk).steps[2].state is StepState.BY_HAND
    made.runbooks.go_on(made.person("rui"), walk.id)
    until(lambda: made.walk(walk).state is WalkState.DONE)
    ended = made.walk(walk)
    assert ended.said == "3 of 3 steps held"
    assert "done by hand by Rui Costa" in ended.steps[2].said
    assert made.kinds(1) == ["runbook-started", *["runbook-step-done"] * 3, "runbook-done"]


def test_if_restart_fails_redeploy_and_what_follows_goes_on(house: Make) -> None:
    made = house(
        step("Restart", do("break-books")),
        step("If restart fails, redeploy", do(), only_if="failed"),
        step("Look", LOOK),
    )
    walk = made.begin()
    failed = made.approve(walk)
    assert failed.state is RunState.UNDONE
    made.approve(walk)
    until(lambda: made.walk(walk).state is WalkState.DONE)
    assert made.states(walk) == [F, H, H]
    assert made.walk(walk).said == "2 of 3 steps held, 1 failed and what follows held"


def test_where_the_restart_held_nothing_is_redeployed(house: Make) -> None:
    made = house(step("Restart", do()), step("Redeploy", do(), only_if="failed"), step("Look", LOOK))
    walk = made.begin()
    made.approve(walk)
    until(lambda: made.walk(walk).state is WalkState.DONE)
    assert made.states(walk) == [H, StepState.SPARED, H]
    assert len(made.runs_of(walk)) == 2


def test_what_is_looked_at_to_prove_it_and_is_red_is_no_recovery(house: Make) -> None:
    made = house(step("Look", JUDGE), step("Restart", do()), step("Verify", LOOK, JUDGE))
    broken = made.shelf.root / "broken"
    broken.touch()
    walk = made.begin(incident=made.incident().id)
    made.approve(walk)
    stood = made.rests(walk)
    assert made.states(walk) == [H, H, F], "what was red before the change stopped nothing"
    assert stood.state is WalkState.UNDER_WAY
    assert stood.steps[2].said == "RUN-4 found: the shelf is broken"
    shown = made.runbooks.view(stood)
    assert shown.waits == "It stands at step 3, Verify."
    said = str(walk_card(shown).blocks)
    assert "RUN-4 found: the shelf is broken" in said
    assert "Try again" in said
    assert made.kinds(1)[-1] == "runbook-step-failed"

    broken.unlink()
    made.runbooks.go_on(made.person("ana"), walk.id)
    until(lambda: made.walk(walk).state is WalkState.DONE)
    assert made.walk(walk).said == "3 of 3 steps held"
    assert made.walk(walk).steps[2].runs == (3, 5), "what had held was not looked at again"


def test_it_stops_at_the_first_failed_step_and_continues_there(house: Make) -> None:
    made = house(step("Restart", LOOK, do("break-books")), step("Look", LOOK))
    walk = made.begin()
    made.approve(walk)
    stood = made.rests(walk)
    assert made.states(walk) == [F, T]
    assert "RUN-2 undone: it did not hold" in stood.steps[0].said
    assert made.runbooks.view(stood).waits == "It stands at step 1, Restart."
    looked = stood.steps[0].runs[0]
    made.runbooks.go_on(made.person("ana"), walk.id)
    again = made.waiting_run(walk)
    assert again.id == 3, "tried again as a new run"
    assert made.walk(walk).steps[0].runs == (looked, 3), "what had held was not done again"
    made.runs.deny(made.person("rui"), again.id, "not now")
    assert made.rests(walk).steps[0].state is StepState.NOT_RUN
    assert "not now" in made.walk(walk).steps[0].said
    made.runbooks.go_on(made.person("ana"), walk.id, "skip", "it is up again")
    until(lambda: made.walk(walk).state is WalkState.DONE)
    assert made.walk(walk).steps[0].said == "skipped by Ana Lima: it is up again"


def test_a_refused_survey_is_told_and_a_person_goes_on_past_it(house: Make) -> None:
    made = house(step("End queries", do("refuse-survey")), step("Look", LOOK))
    walk = made.begin()
    stood = made.rests(walk)
    assert (stood.steps[0].state, stood.steps[0].said) == (StepState.REFUSED, "there is no such shelf")
    assert made.states(walk)[1] is T, "a refusal is never passed by itself"
    made.runbooks.go_on(made.person("ana"), walk.id)
    until(lambda: made.walk(walk).state is WalkState.DONE)
    assert made.states(walk) == [StepState.PASSED, H]


def test_a_refusal_before_a_decision_waits_and_then_takes_the_decision(house: Make) -> None:
    made = house(step("Restart", do("refuse-survey")), step("Redeploy", do(), only_if="failed"))
    walk = made.begin()
    assert made.rests(walk).run is None
    made.runbooks.go_on(made.person("ana"), walk.id)
    assert made.waiting_run(walk).state is RunState.PROPOSED


def test_a_guard_that_refuses_and_a_run_taken_back_stop_it(house: Make) -> None:
    made = house(step("Restart", do("refuse-guard")), step("Redeploy", do(), only_if="failed"))
    walk = made.begin()
    made.approve(walk)
    assert made.rests(walk).steps[0].state is StepState.REFUSED
    made.runbooks.go_on(made.person("ana"), walk.id, "retry")
    run = made.waiting_run(walk)
    made.runs.cancel(made.person("ana"), run.id)
    until(lambda: made.states(walk)[0] is StepState.NOT_RUN)
    assert made.states(walk) == [StepState.NOT_RUN, T]


def test_a_survey_that_cannot_look_is_a_failure(house: Make) -> None:
    made = house(step("Restart", do()), step("Redeploy", LOOK, only_if="failed"))
    (made.shelf.root / "dark").touch()
    walk = made.begin()
    stood = made.rests(walk)
    assert made.states(walk) == [F, F]
    assert "it is dark" in stood.steps[1].said


def test_stopping_takes_back_what_waits_and_nothing_that_runs(house: Make) -> None:
    made = house(step("Restart", do()), step("Look", LOOK))
    walk = made.begin(incident=made.incident().id)
    run = made.waiting_run(walk)
    stopped = made.runbooks.stop(made.person("rui"), walk.id, "wrong shelf")
    assert stopped.said == "stopped by Rui Costa: wrong shelf"
    ended = made.runs.get(run.id)
    assert (ended.state, ended.outcome) == (RunState.CANCELLED, "cancelled: RB-1 was stopped by Rui Costa")
    assert made.kinds(1) == ["runbook-started", "runbook-stopped"]
    assert "is over" in refusal(lambda: made.runbooks.go_on(made.person("ana"), walk.id))
    assert made.states(walk)[1] is T


def test_stopping_lets_a_run_go_on(house: Make) -> None:
    made = house(step("Restart", "{action: low-shelve, params: {place: hall, pause_s: 0.3}}"))
    walk = made.begin()
    run = made.waiting_run(walk)
    made.runs.approve(made.person("rui"), run.id)
    until(lambda: made.runs.get(run.id).state is RunState.RUNNING)
    made.runbooks.stop(made.person("ana"), walk.id)
    assert made.runs.wait(run.id, 10).state is RunState.VERIFIED


def test_an_older_card_and_a_second_press_change_nothing(house: Make) -> None:
    made = house("{title: One, command: x}", "{title: Two, command: y}", step("Look", LOOK))
    walk = made.begin()
    until(lambda: made.states(walk)[0] is StepState.BY_HAND)
    ana = made.person("ana")
    made.runbooks.go_on(ana, walk.id, step=1)
    until(lambda: made.states(walk)[1] is StepState.BY_HAND)
    assert "is at step 2 now" in refusal(lambda: made.runbooks.go_on(ana, walk.id, step=1))
    assert made.states(walk) == [H, StepState.BY_HAND, T]


def test_the_same_runbook_for_the_same_trouble_begins_once(house: Make) -> None:
    made = house(step("Restart", do()))
    one, other = made.incident().id, made.incident().id
    first = made.begin(incident=one)
    begun = made.runbooks.start(made.person("rui"), "Shelves", "", one)
    assert (begun.walk.id, begun.fresh) == (first.id, False)
    assert made.begin(incident=other).id != first.id


def test_fifty_presses_of_two_people_are_one_walk(house: Make) -> None:
    made = house(step("Restart", do()), started=False)
    incident = made.incident().id

    def press(number: int) -> int:
        return made.begin(("ana", "rui")[number % 2], incident).id

    with ThreadPoolExecutor(25) as pool:
        assert set(pool.map(press, range(50))) == {1}
    made.start()
    assert made.waiting_run(made.runbooks.get(1)).id == 1
    assert made.kinds(incident) == ["runbook-started"]


def test_fifty_words_are_one_step(house: Make) -> None:
    made = house("{title: One, command: x}", "{title: Two, command: y}", step("Look", LOOK))
    walk = made.begin()
    until(lambda: made.states(walk)[0] is StepState.BY_HAND)

    def press(number: int) -> bool:
        try:
            made.runbooks.go_on(made.person(("ana", "rui")[number % 2]), walk.id, step=1)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(25) as pool:
        assert sum(pool.map(press, range(50))) == 1
    until(lambda: made.states(walk)[1] is StepState.BY_HAND)


def test_who_may(house: Make) -> None:
    changing = house(step("Restart", do()), step("Look", LOOK))
    assert "low risk" in refusal(lambda: changing.begin("leo"))
    walk = changing.begin()
    for press in (
        lambda: changing.runbooks.go_on(changing.person("leo"), walk.id),
        lambda: changing.runbooks.stop(changing.person("leo"), walk.id),
    ):
        assert "Ask Ana Lima" in refusal(press)


def test_anyone_of_the_plan_may_look(house: Make) -> None:
    looking = house(step("Look", LOOK))
    walk = looking.begin("leo")
    until(lambda: looking.walk(walk).state is WalkState.DONE)


def test_it_hears_of_the_end_of_a_run_and_does_not_wait_for_its_next_look(house: Make) -> None:
    made = house(*[step(f"Look {number}", LOOK) for number in range(8)], poll_s=3_600)
    walk = made.begin()
    until(lambda: made.walk(walk).state is WalkState.DONE)


def test_a_plan_that_changes_does_not_change_a_walk(house: Make) -> None:
    made = house(step("Restart", do()), BY_HAND)
    walk = made.begin()
    made.waiting_run(walk)
    assert [one.title for one in made.walk(walk).steps] == ["Restart", "Tell everybody"]
    assert made.walk(walk).steps[0].does[0].params == {"place": "hall", "how": "well"}


def test_who_began_and_is_on_call_no_more_is_named_and_what_to_do(house: Make) -> None:
    made = house(BY_HAND, step("Furnish", do()))
    walk = made.begin()
    assert made.rests(walk).steps[0].state is StepState.BY_HAND
    made.store.write(lambda tx: tx.run("UPDATE walks SET started_by = 'leo' WHERE id = ?", (walk.id,)))
    made.runbooks.go_on(made.person("rui"), walk.id)
    until(lambda: made.states(walk)[1] is StepState.REFUSED)
    said = made.walk(walk).steps[1].said
    assert said.startswith("Leo Dias began, and may not ask now: stop it and begin it anew.")
    assert "only on-call may ask for. Ask Ana Lima, Rui Costa." in said
