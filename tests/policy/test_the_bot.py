"""What drbot may ask for by itself: looks, and nothing else."""

from __future__ import annotations

import pytest

from bot.domain.answer import Refusal
from bot.domain.person import DRBOT, Person
from bot.domain.run import RunState
from tests.policy.conftest import Build

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
