"""The way back as a run of its own, and plans that are no longer what was approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from actions.plan import Plan
from bot.domain.answer import Refusal
from bot.domain.run import RunState
from bot.store import runs as rows
from tests.engine.conftest import World, go, person
from tests.engine.toys import ACTIONS


def test_undo_is_a_run_of_its_own_and_once(world: World) -> None:
    world.start()
    run = go(world)
    undo = world.runs.undo(person("ana"), run.id)
    assert undo.undo_of == run.id
    assert undo.plan.steps == ("Take plants away", "Take books away")
    assert world.runs.undo(person("rui"), run.id).id == undo.id
    world.runs.approve(person("ana"), undo.id, digest=undo.digest)
    assert world.ended(undo).state is RunState.VERIFIED
    taken_back = world.runs.get(run.id)
    assert (taken_back.state, taken_back.undone_by) == (RunState.UNDONE, undo.id)
    assert world.shelf.names(run.id) == set()
    with pytest.raises(Refusal, match=f"already taken back by RUN-{undo.id}"):
        world.runs.undo(person("ana"), run.id)


def test_undo_only_while_the_way_back_is_open(world: World) -> None:
    world.start()
    run = go(world)
    world.clock.ahead = timedelta(hours=2)
    with pytest.raises(Refusal, match="is closed now"):
        world.runs.undo(person("ana"), run.id)
    with pytest.raises(Refusal, match="only a verified run"):
        world.runs.undo(person("ana"), world.ask().id)


def test_a_changed_plan_is_refused_before_the_first_step(world: World) -> None:
    run = world.ask()
    world.runs.approve(person("ana"), run.id)
    world.actions["low-shelve"] = replace(ACTIONS["low-shelve"], plan=lambda order, seen: Plan((), (), ()))
    world.start()
    ended = world.ended(run)
    assert ended.state is RunState.REFUSED
    assert "digest differs" in ended.outcome
    assert world.locks() == 0


def test_a_changed_plan_after_the_first_step_is_stopped(world: World) -> None:
    run = world.ask()
    world.runs.approve(person("ana"), run.id)
    world.store.write(lambda tx: rows.begin_step(tx, run.id, 1))
    del world.actions["low-shelve"]
    world.start()
    ended = world.ended(run)
    assert ended.state is RunState.STOPPED
    assert "no longer there" in ended.outcome


def test_an_approval_that_found_no_engine_is_refused(world: World) -> None:
    run = world.ask()
    world.runs.approve(person("ana"), run.id)
    world.clock.ahead = timedelta(minutes=20)
    world.start()
    ended = world.ended(run)
    assert ended.state is RunState.REFUSED
    assert "no engine ran for 20 minutes" in ended.outcome
