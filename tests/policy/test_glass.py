"""Break-glass: what it overrides and what it never does; sealed in the digest, announced, journalled."""

from __future__ import annotations

import pytest

from bot.domain.answer import Refusal
from bot.domain.glass import Glass, seal
from bot.domain.run import RunState
from bot.runs.brakes import NOT_NEEDED
from bot.runs.proposal import plan_of
from bot.store.journal import of_run
from tests.policy.conftest import Build

FROZEN = {
    "title": "Sale",
    "because": "we sell",
    "weekly": "mon 00:00 - tue 00:00",
    "risks": ["low", "destructive"],
}
WHY = "customers cannot pay"


def test_the_glass_is_sealed_announced_and_journalled(build: Build) -> None:
    world = build(freezes=[FROZEN])
    run = world.ask("low", "rui", break_glass=f" {WHY}\n")
    assert run.plan.glass == Glass("rui", WHY, ("freeze",))
    assert run.plan.warnings[0] == f"Break-glass by Rui Costa: “{WHY}”. It overrides a freeze."
    assert run.plan.warnings[1].startswith("Staging is frozen for low runs")
    plain = build().ask("low", place="hall")
    assert run.digest != plain.digest
    assert run.digest == seal(plain.digest, run.plan.glass)
    assert world.runs.get(run.id) == run
    assert plan_of(world.actions["low-shelve"], run)[1] == run.digest, "the engine would refuse it"
    broken = [entry for entry in of_run(world.store, run.id) if entry.kind == "glass-broken"]
    assert [(entry.actor, entry.data["reason"], entry.data["overrode"]) for entry in broken] == [
        ("rui", WHY, ["freeze"])
    ]
    assert any(f"“{WHY}”" in note and "RUN-1" in note for note in world.notes())
    assert world.approve(run).state is RunState.APPROVED


def test_who_may_and_with_what_reason(build: Build) -> None:
    world = build(freezes=[FROZEN])
    with pytest.raises(
        Refusal, match=r"frozen .*The glass is broken by approver only\. Ask Rui Costa, Eva Reis\."
    ):
        world.ask("low", "ana", break_glass=WHY)
    with pytest.raises(Refusal, match="needs a reason that others can read"):
        world.ask("low", "rui", break_glass="now")
    led = build(freezes=[FROZEN], break_glass={"roles": ["on-call"]})
    assert led.ask("low", "ana", break_glass=WHY).plan.glass


def test_it_never_overrides_the_second_person_nor_a_guard_nor_who_may_ask(build: Build) -> None:
    world = build(freezes=[FROZEN])
    run = world.ask("destructive", "rui", break_glass=WHY)
    with pytest.raises(Refusal, match="needs a second person, and you asked for this run yourself"):
        world.approve(run, "rui")
    with pytest.raises(Refusal, match="there is no such shelf"):
        world.runs.propose(
            world.person("rui"), "low-shelve", {"place": "x", "how": "refuse-survey"}, break_glass=WHY
        )
    with pytest.raises(Refusal, match="which only on-call may ask for"):
        world.ask("low", "eva", break_glass=WHY)
    assert world.approve(run, "eva").state is RunState.APPROVED


def test_nothing_to_override_is_said_and_not_used(build: Build) -> None:
    world = build()
    run = world.ask("low", "ana", break_glass=WHY)
    assert run.plan.glass is None
    assert run.plan.warnings == (NOT_NEEDED,)
    assert world.kinds(run) == ["run-proposed"]
    assert world.notes() == []


def test_it_overrides_what_it_named_and_not_what_came_later(build: Build) -> None:
    world = build(freezes=[FROZEN], limits={"per_hour": {"low": 1}})
    early = world.ask("low", "rui", break_glass=WHY)
    late = world.ask("low", "rui", place="attic", break_glass=WHY)
    assert world.approve(early).state is RunState.APPROVED
    with pytest.raises(Refusal) as raised:
        world.approve(late)
    assert "1 low-risk runs an hour" in str(raised.value)
    assert "frozen" not in str(raised.value)
    both = world.ask("low", "rui", place="attic", break_glass=WHY)
    assert both.plan.glass
    assert both.plan.glass.overrode == ("freeze", "limit")
    assert "It overrides a freeze, the limits an hour." in both.plan.warnings[0]
    assert world.approve(both).state is RunState.APPROVED


def test_the_glass_is_broken_although_the_same_waits_already_without(build: Build) -> None:
    world = build(freezes=[FROZEN | {"weekly": "mon 12:05 - tue 00:00"}])
    incident = world.declare()
    waiting = world.ask("low", "ana", incident=incident, join=True)
    world.clock.forward(minutes=6)
    with pytest.raises(
        Refusal, match="Costa, Eva Reis may override: ask again with `run ACTION … break_glass="
    ):
        world.approve(waiting)
    broken = world.ask("low", "rui", incident=incident, join=True, break_glass=WHY)
    assert broken.id != waiting.id
    assert broken.plan.glass
    again = world.ask("low", "rui", incident=incident, join=True, break_glass=WHY)
    assert again.id == broken.id, "one such run is enough"
    assert world.approve(broken, "eva").state is RunState.APPROVED


def test_it_passes_an_open_breaker_and_leaves_it_open(build: Build) -> None:
    world = build(limits={"per_target_hour": 100})
    for _ in range(3):
        world.go(RunState.FAILED)
    run = world.ask("low", "rui", break_glass=WHY)
    world.approve(run)
    world.end(run, RunState.VERIFIED)
    assert [one.target for one in world.runs.breakers()] == ["staging/hall"]


def test_the_undo_of_such_a_run_needs_no_glass(build: Build) -> None:
    world = build(freezes=[FROZEN])
    run = world.ask("low", "rui", break_glass=WHY)
    world.approve(run)
    world.end(run, RunState.VERIFIED)
    back = world.runs.undo(world.person("ana"), run.id)
    assert back.plan.glass is None
    assert plan_of(world.actions["low-shelve"], back)[1] == back.digest


def test_a_dry_run_says_what_would_stand_in_the_way(build: Build) -> None:
    world = build(freezes=[FROZEN])
    shown = world.ask("low", "leo", dry_run=True)
    assert shown.plan.warnings[0].startswith("Asked for now it would be refused: staging is frozen")


def test_data_that_customers_live_on_needs_an_open_incident(build: Build) -> None:
    world = build(environments={"staging": {"customers": True}})
    with pytest.raises(Refusal, match=r"serves customers, needs an open incident, and none is.*`declare"):
        world.ask("destructive", "ana")
    assert world.ask("high", "ana").state is RunState.PROPOSED
    assert world.ask("destructive", "rui", break_glass=WHY).plan.glass
    world.declare()
    run = world.ask("destructive", "ana")
    assert run.plan.glass is None
    with pytest.raises(Refusal, match=r"approved by approver only"):
        world.approve(run, "ana")
    assert world.approve(run, "rui").state is RunState.APPROVED


def test_nobody_approves_their_own_destructive_run_whatever_the_plan_says(build: Build) -> None:
    world = build(
        risks={"destructive": {"ask": ["on-call"], "approve": ["approver"], "second_person": False}}
    )
    run = world.ask("destructive", "rui")
    with pytest.raises(Refusal, match=r"second person, and you asked for this run yourself\. Ask Eva Reis"):
        world.approve(run, "rui")
