"""What becomes of an approved run: verified, refused, failed, undone, stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.answer import Refusal
from bot.domain.run import RunState
from bot.engine.service import system_url
from bot.store import runs as rows
from bot.store.database import StoreDown, Tx, from_iso
from bot.store.journal import of_run
from bot.store.postgres import PostgresStore
from tests.engine.conftest import World, go, person
from tests.engine.toys import ALL_PIECES


def test_a_run_that_holds_is_verified_with_its_evidence(world: World) -> None:
    world.start()
    run = go(world)
    assert run.state is RunState.VERIFIED
    assert run.evidence == ("found 0 items", "put books there", "put plants there", "counted 4 pieces")
    assert (run.position, run.current, run.outcome) == (4, "", "counted 4 pieces")
    assert run.undo_until > run.ended_at
    assert world.shelf.names(run.id) == ALL_PIECES
    assert world.kinds(run) == [
        "run-proposed", "run-approved", "run-started", "guard-passed", "step-done", "step-done",
        "check-passed", "run-verified",
    ]  # fmt: skip
    step = of_run(world.store, run.id)[4]
    assert step.data["values"] == {"name": "books"}
    assert step.data["title"] == "Put books there"
    assert world.locks() == 0
    assert world.store.read("SELECT kind, wanted FROM outbox WHERE key = ?", (f"run:{run.id}:card",))


def test_approval_to_first_step_within_a_second(world: World) -> None:
    world.start()
    run = go(world)
    passed = of_run(world.store, run.id)[3]
    assert passed.kind == "guard-passed"
    assert from_iso(passed.at) - from_iso(run.approved_at) < timedelta(seconds=1)


def test_a_look_runs_at_once(world: World) -> None:
    world.start()
    run = world.ended(world.ask("leo", "look"))
    assert run.state is RunState.VERIFIED
    assert run.approved_by == ""
    assert not run.undo_until


def test_a_guard_refuses_and_nothing_was_changed(world: World) -> None:
    world.start()
    run = go(world, how="refuse-guard")
    assert run.state is RunState.REFUSED
    assert "the shelf is full" in run.outcome
    assert "Nothing was changed" in run.outcome
    assert world.shelf.names(run.id) == set()
    assert world.kinds(run)[-2:] == ["step-failed", "run-refused"]
    assert world.locks() == 0


def test_a_guard_that_breaks_fails_the_run(world: World) -> None:
    world.start()
    run = go(world, how="crash-guard")
    assert run.state is RunState.FAILED
    assert "RuntimeError: the lamp is broken" in run.outcome


def test_the_first_step_may_refuse_at_its_own_look(world: World) -> None:
    world.start()
    assert go(world, how="refuse-books").state is RunState.REFUSED


def test_a_first_step_that_was_broken_off_may_not_claim_that_nothing_was_done(world: World) -> None:
    run = world.ask(how="refuse-books")
    world.runs.approve(person("ana"), run.id)
    world.store.write(lambda tx: rows.begin_step(tx, run.id, 1))
    world.start()
    assert world.ended(run).state is RunState.UNDONE


def test_a_later_refusal_takes_back(world: World) -> None:
    world.start()
    run = go(world, how="refuse-plants")
    assert run.state is RunState.UNDONE
    assert world.shelf.names(run.id) == set()


def test_failed_verification_takes_back(world: World) -> None:
    world.start()
    run = go(world, how="fail-check")
    assert run.state is RunState.UNDONE
    assert "they wobble" in run.outcome
    assert world.shelf.names(run.id) == set()
    assert world.kinds(run)[-4:] == ["step-failed", "step-done", "step-done", "run-undone"]
    assert world.locks() == 0


@pytest.mark.parametrize("how", ["no-undo break-plants", "break-plants break-undo-books"])
def test_stopped_half_way_calls_a_person(world: World, how: str) -> None:
    world.start()
    run = go(world, how=how)
    assert run.state is RunState.STOPPED
    assert "A person must look" in run.outcome or "a person must look" in run.outcome
    assert world.locks() == 0
    [(payload,)] = world.store.read("SELECT payload FROM outbox WHERE key = ?", (f"run:{run.id}:stopped",))
    assert run.ref in payload
    assert "the shelf broke" in payload


def test_transient_is_tried_again(world: World) -> None:
    world.start()
    run = go(world, how="again-books")
    assert run.state is RunState.VERIFIED
    assert world.shelf.calls.count("books") == 3


def test_transient_to_the_end_takes_back(world: World) -> None:
    world.start()
    run = go(world, how="never-plants")
    assert run.state is RunState.UNDONE
    assert "tried 3 times" in run.outcome


def test_an_overrun_is_stopped_holds_its_target_and_does_not_go_on(world: World) -> None:
    world.start()
    run = go(world, how="slow-books")
    assert run.state is RunState.STOPPED
    assert "0.3 s" in run.outcome
    assert world.locks() == 1
    waiting = world.ask()
    with pytest.raises(Refusal, match=f"RUN-{run.id} works on staging/hall"):
        world.runs.approve(person("ana"), waiting.id)
    world.shelf.gate.set()
    end = time.monotonic() + 10
    while world.locks() and time.monotonic() < end:
        time.sleep(0.02)
    assert world.locks() == 0
    assert "after-the-end" not in world.shelf.names(run.id)
    late = of_run(world.store, run.id)[-1]
    assert "must not go on" in str(late.data["said"])
    world.runs.approve(person("ana"), waiting.id)
    assert world.ended(waiting).state is RunState.VERIFIED


def test_two_approved_runs_on_one_target(world: World) -> None:
    first, second = world.ask(pause_s="0.3"), world.ask()
    world.runs.approve(person("ana"), first.id)
    world.runs.approve(person("ana"), second.id)
    world.start()
    ended = {world.ended(first).state: first, world.ended(second).state: second}
    assert set(ended) == {RunState.VERIFIED, RunState.REFUSED}
    refused = world.runs.get(ended[RunState.REFUSED].id)
    assert f"RUN-{ended[RunState.VERIFIED].id} works on staging/hall since" in refused.outcome
    assert world.locks() == 0


def test_progress_is_shown_while_it_runs(world: World) -> None:
    world.start()
    run = world.ask(pause_s="0.4")
    world.runs.approve(person("ana"), run.id)
    seen: set[str] = set()
    while not (now := world.runs.get(run.id)).state.ended:
        seen.add(now.current)
        time.sleep(0.01)
    assert "Put books there: half of it is there" in seen


def test_where_the_workflows_are_kept() -> None:
    assert system_url("sqlite:///var/drbot.db") == "sqlite:///var/drbot-engine.db"
    assert system_url("sqlite:////srv/drbot.db") == "sqlite:////srv/drbot-engine.db"
    assert system_url("postgresql://bot@db/drbot") == "postgresql://bot@db/drbot"


def test_the_same_in_postgresql_memory_and_workflows_in_one_database(
    system_database: str, tmp_path: Path
) -> None:
    world = World(tmp_path, store=PostgresStore(system_database))
    try:
        all_ends(world, system_database)
    finally:
        world.close()


def all_ends(world: World, url: str) -> None:
    engine = world.start(url)
    verified, undone, refused = (
        go(world),
        go(world, place="attic", how="fail-check"),
        go(world, how="refuse-guard"),
    )
    assert verified.state is RunState.VERIFIED
    assert undone.state is RunState.UNDONE
    assert refused.state is RunState.REFUSED
    undo = world.runs.undo(person("ana"), verified.id)
    world.runs.approve(person("ana"), undo.id)
    assert world.ended(undo).state is RunState.VERIFIED
    assert engine.status().stranded == ()
    assert world.locks() == 0


def test_a_run_halted_by_a_store_that_was_away_goes_on_when_it_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.ledger.STORE_PATIENCE_S", 0.05)
    monkeypatch.setattr("bot.engine.service.TIDY_EVERY_S", 0.2)
    away, write = threading.Event(), world.store.write

    def shaky(work: Callable[[Tx], object]) -> object:
        if away.is_set():
            raise StoreDown("the disk is full; nothing was stored")
        return write(work)

    monkeypatch.setattr(world.store, "write", shaky)
    engine = world.start()
    run = world.ask(pause_s="0.3")
    world.runs.approve(person("ana"), run.id)
    wait_until(lambda: bool(world.shelf.names(run.id)))
    away.set()
    wait_until(lambda: not engine.living)
    assert world.runs.get(run.id).state is RunState.RUNNING
    away.clear()
    assert world.ended(run).state is RunState.VERIFIED
    assert world.kinds(run).count("step-done") == 2
    assert world.locks() == 0
    assert engine.status().ready


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
