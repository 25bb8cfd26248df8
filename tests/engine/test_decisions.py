"""Who may ask, approve, deny and cancel; and that exactly one press wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.answer import Refusal, UsageError
from bot.domain.incident import Incident, IncidentState
from bot.domain.run import Run, RunState
from bot.domain.severity import Severity
from bot.store import incidents
from bot.store.journal import of_run
from tests.engine.conftest import STRANGER, World, person


def declare(world: World, number: int = 7, state: IncidentState = IncidentState.OPEN) -> int:
    incident = Incident(number, "slow", Severity.SEV2, state, "api", "staging", "c", "2026-01-01T00:00:00Z")
    world.store.write(lambda tx: incidents.save(tx, incident, tx.now))
    return number


def test_a_proposal_shows_what_will_be_done(world: World) -> None:
    (world.shelf.root / "item@hall@1").touch()
    incident = declare(world)
    run = world.runs.propose(person("ana"), "low-shelve", {"place": "hall"}, incident=incident)
    assert run.state is RunState.PROPOSED
    assert run.plan.before == ("Look at the shelf",)
    assert run.plan.undo == ("Take plants away", "Take books away")
    assert run.plan.facts == (("Items", "1"),)
    assert (run.target, run.environment, run.incident) == ("staging/hall", "staging", 7)
    assert world.runs.get(run.id) == run
    assert [entry.data["digest"] for entry in of_run(world.store, run.id)] == [run.digest]
    card = world.store.read("SELECT channel, parent, rank FROM outbox WHERE key = ?", (f"run:{run.id}:card",))
    assert card == [("#belezza-alerts", "incident:7:card", 2)]


def test_the_same_request_is_one_run(world: World) -> None:
    asked = [
        world.runs.propose(person("ana"), "low-shelve", {"place": "hall"}, request_key="T1") for _ in "ab"
    ]
    assert asked[0].id == asked[1].id
    assert len(world.runs.recent()) == 1


def test_a_dry_run_stores_nothing(world: World) -> None:
    run = world.runs.propose(person("leo"), "destructive-shelve", {"place": "hall"}, dry_run=True)
    assert (run.id, run.state) == (0, RunState.PROPOSED)
    assert run.plan.steps == ("Put books there", "Put plants there")
    assert world.runs.recent() == []
    assert world.store.read("SELECT 1 FROM outbox") == world.store.read("SELECT 1 FROM journal") == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs place="),
        ({"place": "hall", "pause_s": "long"}, "pause_s: expected a number"),
        ({"place": "hall", "colour": "red"}, "no parameter 'colour'"),
    ],
)
def test_wrong_parameters_are_named_with_an_example(world: World, given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        world.runs.propose(person("ana"), "low-shelve", given)
    assert said in str(raised.value)
    assert "run low-shelve place=hall" in str(raised.value)


def test_what_does_not_exist_is_said(world: World) -> None:
    with pytest.raises(UsageError, match="no action 'fly'"):
        world.runs.propose(person("ana"), "fly", {})
    with pytest.raises(UsageError, match="no INC-9"):
        world.runs.propose(person("ana"), "low-shelve", {"place": "hall"}, incident=9)
    with pytest.raises(UsageError, match="no RUN-9"):
        world.runs.approve(person("ana"), 9)
    with pytest.raises(Refusal, match="no such shelf"):
        world.ask(how="refuse-survey")


def test_who_may_ask(world: World) -> None:
    with pytest.raises(Refusal, match=r"only on-call may ask for\. Ask Ana Lima, Rui Costa"):
        world.ask("leo")
    with pytest.raises(Refusal, match="the plan does not name you"):
        world.runs.propose(STRANGER, "look-shelve", {"place": "hall"})


def refused(world: World, who: str, run: Run, digest: str = "", typed: str = "") -> str:
    with pytest.raises(Refusal) as raised:
        world.runs.approve(person(who), run.id, digest, typed)
    assert world.runs.get(run.id).state is RunState.PROPOSED
    last = of_run(world.store, run.id)[-1]
    assert (last.kind, last.data["because"]) == ("press-refused", str(raised.value))
    return str(raised.value)


def test_destructive_needs_a_second_person_and_the_typed_word(world: World) -> None:
    run = world.ask("rui", "destructive")
    assert world.runs.confirm_word(run) == "hall"
    assert [able.id for able in world.runs.approvers(run)] == ["eva"]
    assert "second person, and you asked for this run yourself. Ask Eva Reis." in refused(world, "rui", run)
    assert "approved by approver only. Ask Eva Reis." in refused(world, "ana", run)
    assert "type 'hall'" in refused(world, "eva", run, typed="hell")
    approved = world.runs.approve(person("eva"), run.id, run.digest[:8], "hall")
    assert (approved.state, approved.approved_by) == (RunState.APPROVED, "eva")


def test_high_alone_only_while_an_incident_is_open(world: World) -> None:
    alone = world.ask("ana", "high")
    assert "only while its incident is open" in refused(world, "ana", alone)
    declare(world, 8, IncidentState.RESOLVED)
    assert "only while its incident is open" in refused(world, "ana", alone)
    declare(world, 7)
    own = world.runs.propose(person("ana"), "high-shelve", {"place": "attic"}, incident=8)
    assert "only while its incident is open" in refused(world, "ana", own)
    assert world.runs.approve(person("ana"), alone.id).state is RunState.APPROVED
    assert world.runs.approve(person("rui"), own.id).state is RunState.APPROVED


def test_an_approval_names_the_plan_that_was_seen(world: World) -> None:
    run = world.ask()
    assert "not the plan of" in refused(world, "ana", run, digest="0" * 64)
    with pytest.raises(UsageError, match="too short"):
        world.runs.approve(person("ana"), run.id, run.digest[:7])
    assert world.runs.approve(person("ana"), run.id, run.digest).state is RunState.APPROVED


def test_drift_voids_the_approval(world: World) -> None:
    run = world.ask()
    (world.shelf.root / "item@hall@1").touch()
    with pytest.raises(Refusal, match=r"has changed since the plan was shown.*ask again"):
        world.runs.approve(person("ana"), run.id)
    void = world.runs.get(run.id)
    assert void.state is RunState.REFUSED
    assert "ask again" in void.outcome
    assert world.kinds(run) == ["run-proposed", "run-refused"]


def test_a_survey_that_cannot_look_decides_nothing(world: World) -> None:
    run = world.ask()
    (world.shelf.root / "dark").touch()
    with pytest.raises(Refusal, match="could not look just now: it is dark"):
        world.runs.approve(person("ana"), run.id)
    (world.shelf.root / "dark").unlink()
    assert world.runs.approve(person("ana"), run.id).state is RunState.APPROVED


def test_too_late_is_expired(world: World) -> None:
    pressed, forgotten, fresh = world.ask(), world.ask(), None
    world.clock.ahead = timedelta(minutes=14)
    fresh = world.ask()
    assert world.runs.expire() == []
    world.clock.ahead = timedelta(minutes=16)
    with pytest.raises(Refusal, match="expired at"):
        world.runs.approve(person("ana"), pressed.id)
    assert [run.id for run in world.runs.expire()] == [forgotten.id]
    states = [world.runs.get(run.id).state for run in (pressed, forgotten, fresh)]
    assert states == [RunState.EXPIRED, RunState.EXPIRED, RunState.PROPOSED]
    assert world.kinds(forgotten) == ["run-proposed", "run-expired"]


def test_fifty_presses_make_one_run_and_49_clear_answers(world: World) -> None:
    world.start()
    run = world.ask()
    surveys = world.shelf.calls.count("survey")

    def press(number: int) -> str:
        try:
            return world.runs.approve(person("ana" if number % 2 else "rui"), run.id, run.digest).state.value
        except Refusal as refusal:
            return str(refusal)

    with ThreadPoolExecutor(50) as hands:
        answers = list(hands.map(press, range(50)))
    assert answers.count("approved") == 1
    others = [answer for answer in answers if answer != "approved"]
    assert len(others) == 49
    assert all("was already approved by" in answer and "UTC" in answer for answer in others)
    assert world.ended(run).state is RunState.VERIFIED
    assert world.kinds(run).count("run-approved") == world.kinds(run).count("run-started") == 1
    assert world.shelf.calls.count("survey") == surveys + 1


def test_two_processes_that_looked_at_once_make_one_approval(
    world: World, another_world: Callable[[Path], World], tmp_path: Path
) -> None:
    other = another_world(tmp_path)
    run = world.ask()
    both = threading.Barrier(2, timeout=10)
    world.shelf.looked = other.shelf.looked = both.wait

    def press(where: World) -> str:
        try:
            return where.runs.approve(person("ana"), run.id).state.value
        except Refusal as refusal:
            return str(refusal)

    with ThreadPoolExecutor(2) as hands:
        answers = sorted(hands.map(press, (world, other)))
    assert "was already approved by Ana Lima" in answers[0]
    assert answers[1] == "approved"
    assert world.kinds(run).count("run-approved") == 1


def test_deny_and_cancel(world: World) -> None:
    denied, cancelled, approved = world.ask(), world.ask(), world.ask()
    with pytest.raises(Refusal, match="is stopped by whoever asked, or on-call"):
        world.runs.deny(person("leo"), denied.id)
    assert world.runs.deny(person("rui"), denied.id, "not now").outcome == "denied by Rui Costa: not now"
    assert world.runs.cancel(person("ana"), cancelled.id).state is RunState.CANCELLED
    world.runs.approve(person("rui"), approved.id)
    with pytest.raises(Refusal, match=r"was already approved by Rui Costa at .* starts now"):
        world.runs.deny(person("ana"), approved.id)
    assert world.runs.cancel(person("ana"), approved.id).state is RunState.CANCELLED
    with pytest.raises(Refusal, match="was denied by Rui Costa: not now at"):
        world.runs.approve(person("ana"), denied.id)
    world.start()
    assert world.runs.open() == []
    assert world.shelf.names(approved.id) == set()


def test_a_running_run_is_not_cancelled(world: World) -> None:
    world.start()
    run = world.ask(pause_s="0.5")
    world.runs.approve(person("ana"), run.id)
    while world.runs.get(run.id).state is RunState.APPROVED:
        pass
    with pytest.raises(Refusal, match=r"is running\. Nothing was stopped"):
        world.runs.cancel(person("ana"), run.id)
    assert world.ended(run).state is RunState.VERIFIED


def test_runs_outlive_the_process(world: World, tmp_path: Path) -> None:
    run = world.ask()
    world.runs.approve(person("ana"), run.id)
    world.close()
    again = World(tmp_path)
    again.start()
    assert again.ended(run).state is RunState.VERIFIED
    again.close()
