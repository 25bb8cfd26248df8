"""What drbot may ask for by itself: looks, and what the plan schedules, of no more than low risk."""

from __future__ import annotations

import json

import pytest

from bot.domain.answer import Refusal
from bot.domain.person import DRBOT, Person
from bot.domain.run import Run, RunState
from bot.runs.asking import HeldBack
from bot.scene import PlanScene
from bot.slack.cards.run import run_card
from bot.store.journal import of_run
from tests.policy.conftest import Build, World

BOT = Person(DRBOT, DRBOT, known=True)


@pytest.mark.parametrize("ask", [[], ["on-call"]])
def test_the_bot_looks_whatever_the_plan_says_of_people(build: Build, ask: list[str]) -> None:
    world = build(risks={"look": {"ask": ask, "approve": []}})
    world.declare(7)
    run = world.runs.propose(BOT, "look-shelve", {"place": "hall"}, incident=7, request_key="first-look:7")
    assert (run.state, run.requested_by, run.incident) == (RunState.APPROVED, "drbot", 7)
    again = world.runs.propose(BOT, "look-shelve", {"place": "hall"}, incident=7, request_key="first-look:7")
    assert again.id == run.id


@pytest.mark.parametrize("risk", ["low", "high", "destructive"])
def test_the_bot_changes_nothing_by_itself(build: Build, risk: str) -> None:
    world = build(risks={risk: {"ask": [], "approve": [], "second_person": False}})
    with pytest.raises(Refusal, match="the bot only looks by itself"):
        world.runs.propose(BOT, f"{risk}-shelve", {"place": "hall"})
    run = world.ask(risk)
    with pytest.raises(Refusal, match="a person approves, never the bot"):
        world.runs.approve(BOT, run.id)


def test_a_stranger_of_that_name_is_a_stranger(build: Build) -> None:
    world = build()
    with pytest.raises(Refusal, match="the plan does not name you"):
        world.runs.propose(Person(DRBOT, DRBOT, known=False), "look-shelve", {"place": "hall"})


SCHEDULES = {
    "nightly": {"title": "Tidy the hall", "cron": "0 2 * * *", "action": "low-shelve"},
    "hourly": {"title": "Look at the hall", "cron": "0 * * * *", "action": "look-shelve"},
    "grave": {"title": "Rebuild the hall", "cron": "0 3 * * *", "action": "high-shelve"},
    "monthly": {"title": "Rehearse", "cron": "0 4 1 * *", "drill": "hall"},
}
DRILLS = {
    "tests": {
        "hall": {
            "title": "Hall test",
            "every": "monthly",
            "owner": "ana",
            "does": [{"action": "low-shelve", "params": {"place": "hall"}}],
        }
    }
}


def scheduled(world: World, name: str = "nightly", action: str = "low-shelve", key: str = "one") -> Run:
    return world.runs.scheduled(name, action, {"place": "hall"}, f"schedule:{name}:{key}")


def test_what_the_plan_schedules_begins_without_a_person(build: Build) -> None:
    world = build(schedules=SCHEDULES)
    run = scheduled(world)
    assert (run.state, run.requested_by, run.approved_by) == (
        RunState.APPROVED,
        "schedule:nightly",
        "schedule:nightly",
    )
    proposed, approved = of_run(world.store, run.id)
    assert proposed.data["because"] == "asked for by the plan's schedule “Tidy the hall”"
    assert (approved.kind, approved.actor, approved.data["digest"]) == (
        "run-approved",
        "schedule:nightly",
        run.digest,
    )
    assert scheduled(world).id == run.id
    assert world.end(run, RunState.VERIFIED).state is RunState.VERIFIED


def test_its_card_says_which_schedule_asked(build: Build) -> None:
    world = build(schedules=SCHEDULES)
    scene = PlanScene(world.store, world.plan, world.runs, world.actions, ())
    card = json.dumps(run_card(scheduled(world), scene.name).blocks, ensure_ascii=False)
    assert "asked by the plan's schedule “Tidy the hall”" in card
    assert "approved by the plan's schedule “Tidy the hall”" in card


def test_a_schedule_of_a_drill_asks_for_what_the_drill_does(build: Build) -> None:
    world = build(schedules=SCHEDULES, testing=DRILLS)
    assert scheduled(world, "monthly").requested_by == "schedule:monthly"
    with pytest.raises(Refusal, match="“Rehearse” does not name look-shelve"):
        scheduled(world, "monthly", "look-shelve", "two")


@pytest.mark.parametrize(
    ("name", "action", "told"),
    [
        ("daily", "low-shelve", "the plan has no schedule 'daily'"),
        ("nightly", "look-shelve", "“Tidy the hall” does not name look-shelve"),
        ("grave", "high-shelve", "a schedule starts look and low risk only, and “Furnish the shelf” is high"),
        ("nightly", "destructive-shelve", "is destructive risk: a person asks for it"),
    ],
)
def test_nothing_else_begins_in_a_schedules_name(build: Build, name: str, action: str, told: str) -> None:
    world = build(schedules=SCHEDULES)
    with pytest.raises(Refusal, match=told):
        scheduled(world, name, action)
    assert world.runs.recent() == []


def test_nobody_becomes_a_schedule_by_calling_themselves_one(build: Build) -> None:
    world = build(schedules=SCHEDULES)
    for known in (True, False):
        with pytest.raises(Refusal):
            world.runs.propose(Person("schedule:nightly", "x", known=known), "low-shelve", {"place": "hall"})
    run = world.ask()
    with pytest.raises(Refusal):
        world.runs.approve(Person("schedule:nightly", "x"), run.id)


def test_the_plans_own_rules_hold_a_schedule_back(build: Build) -> None:
    freeze = {
        "title": "Sale",
        "because": "everybody buys",
        "weekly": "mon 00:00 - tue 00:00",
        "risks": ["low"],
    }
    world = build(schedules=SCHEDULES, freezes=[freeze])
    with pytest.raises(HeldBack, match="Sale"):
        scheduled(world)
    assert scheduled(world, "hourly", "look-shelve").state is RunState.APPROVED
    world.clock.forward(days=1)
    assert scheduled(world).state is RunState.APPROVED


def test_a_schedule_counts_among_the_runs_an_hour(build: Build) -> None:
    world = build(schedules=SCHEDULES, limits={"per_hour": {"low": 1}})
    world.end(scheduled(world), RunState.VERIFIED)
    with pytest.raises(HeldBack, match="allows 1 low-risk runs an hour"):
        scheduled(world, key="two")


def test_a_schedule_waits_for_who_works_on_the_target(build: Build) -> None:
    world = build(schedules=SCHEDULES)
    first = world.ask()
    world.approve(first, "rui")
    assert world.ledger.begin(first.id) is not None
    with pytest.raises(HeldBack, match=f"{first.ref} works on staging/hall"):
        scheduled(world)
