"""One engine at a time: the others stand by, take over, and never work on what they do not hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.run import RunState
from bot.engine import system_url
from bot.engine.lease import Holder, Lease
from tests.engine.conftest import World, person


def test_a_lease_is_one_holder_s_until_it_ends(world: World) -> None:
    first = Lease(world.store, Holder("a", "1", 10, "x"))
    second = Lease(world.store, Holder("b", "1", 10, "y"))
    assert first.take()
    assert first.take()
    assert not second.take()
    assert world.store.write(first.ours)
    assert not world.store.write(second.ours)
    world.clock.ahead = timedelta(seconds=16)
    assert second.take()
    assert not first.take()
    assert not world.store.write(first.ours)
    first.give_back()
    assert not first.take()
    second.give_back()
    assert first.take()


def test_a_dead_process_of_this_machine_holds_nothing(world: World) -> None:
    here = Holder.here()
    gone = Holder(here.host, here.namespace, 2**22 - 1, "x")
    assert Holder.parse(str(here)) == here
    assert gone.surely_dead(here)
    assert Holder(here.host, here.namespace, here.pid, "other nonce").surely_dead(here)
    assert not Holder(here.host, here.namespace, os.getppid(), "x").surely_dead(here)
    assert not Holder("elsewhere", here.namespace, 2**22 - 1, "x").surely_dead(here)
    assert Lease(world.store, gone).take()
    assert Lease(world.store, here).take()


@pytest.mark.disaster(54)
def test_a_shell_finds_the_engine_taken_and_the_engine_hears_of_its_approval(
    world: World, another_world: Callable[[Path], World], tmp_path: Path
) -> None:
    elsewhere = Lease(world.store, Holder("elsewhere", "1", 1, "x"))
    assert elsewhere.take()
    engine = world.start(standby=True)
    assert not engine.status().ours
    assert engine.status().holder == "elsewhere pid 1"
    shell = another_world(tmp_path)
    run = shell.ask()
    shell.runs.approve(person("ana"), run.id)
    elsewhere.give_back()
    assert shell.ended(run).state is RunState.VERIFIED
    assert engine.status().ours
    assert engine.status().ready
    engine.stop()


def test_two_engines_in_one_process_refuse_each_other(
    world: World, another_world: Callable[[Path], World], tmp_path: Path
) -> None:
    world.start()
    (tmp_path / "second").mkdir()
    with pytest.raises(RuntimeError, match="another engine runs in this process"):
        another_world(tmp_path / "second").start()


@pytest.mark.disaster(54)
def test_who_lost_the_lease_stops_working_on_it(world: World) -> None:
    engine = world.start()
    run = world.ask(pause_s="0.5")
    world.runs.approve(person("ana"), run.id)
    while not world.shelf.names(run.id):
        pass
    world.store.write(lambda tx: tx.run("UPDATE leases SET holder = 'elsewhere/1/1/x'"))
    assert engine.stop()
    assert world.runs.get(run.id).state is RunState.RUNNING
    assert "plants-left" not in world.shelf.names(run.id)
    world.store.write(lambda tx: tx.run("DELETE FROM leases"))
    world.start()
    assert world.ended(run).state is RunState.VERIFIED
    assert world.kinds(run).count("step-done") == 2


def test_a_halted_run_goes_on_in_the_next_engine(world: World) -> None:
    world.start()
    run = world.ask(pause_s="1.5")
    world.runs.approve(person("ana"), run.id)
    while not world.shelf.names(run.id):
        pass
    assert not world.stop(drain_s=0.1)
    assert world.runs.get(run.id).state is RunState.RUNNING
    world.start()
    assert world.ended(run).state is RunState.VERIFIED
    assert world.kinds(run).count("run-started") == 1
    assert world.locks() == 0


def test_a_lost_system_database_loses_no_run(world: World, tmp_path: Path) -> None:
    world.start()
    run = world.ask(pause_s="1.0")
    world.runs.approve(person("ana"), run.id)
    while not world.shelf.names(run.id):
        pass
    world.stop(drain_s=0.0)
    (tmp_path / "drbot-engine.db").unlink()
    world.start()
    assert world.ended(run).state is RunState.VERIFIED
    assert world.kinds(run).count("guard-passed") == 1
    assert world.shelf.calls.count("guard") == 1


def test_a_store_begun_anew_is_not_confused_by_old_workflows(world: World, tmp_path: Path) -> None:
    old, new = world, tmp_path / "new"
    new.mkdir()
    old.start()
    old.runs.approve(person("ana"), old.ask().id)
    running = old.ask(place="attic", pause_s="1.0")
    old.runs.approve(person("ana"), running.id)
    while not old.shelf.names(running.id):
        pass
    old.stop(drain_s=0.0)
    another = World(new)
    try:
        engine = another.start(system_url(old.database_url))
        run = another.ask()
        another.runs.approve(person("ana"), run.id)
        assert another.ended(run).state is RunState.VERIFIED
        assert engine.status().stranded == ()
    finally:
        another.close()
