"""What the engine writes is safe to write twice, and waits for a store that is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.plan import Evidence
from bot.domain.run import RunState
from bot.engine.durable import Halted
from bot.engine.lease import Holder, Lease
from bot.engine.ledger import Ledger, Mark
from bot.engine.phase import Done, Patience
from bot.store.database import StoreDown
from bot.store.journal import of_run
from tests.engine.conftest import World, person


@pytest.fixture
def ledger(world: World) -> Ledger:
    lease = Lease(world.store, Holder.here())
    assert lease.take()
    return Ledger(world.store, lease, "#belezza-alerts", Patience(0.01))


def test_each_line_is_written_once(world: World, ledger: Ledger) -> None:
    run = world.ask()
    world.runs.approve(person("ana"), run.id)
    guard, step = Mark("before", 0, "Look"), Mark("steps", 0, "Put", 1)
    seen = Done("done", "found it", Evidence("found it"))
    broke = Done("failed", "it broke")
    for _ in range(2):
        ledger.begin(run.id)
        ledger.close(run.id, guard, seen)
        ledger.close(run.id, step, broke)
        assert ledger.open(run.id, guard).kept == Done("done", "found it")
        assert ledger.open(run.id, step).kept == broke
    ledger.finish(run.id, RunState.STOPPED, "stopped")
    ledger.finish(run.id, RunState.VERIFIED, "verified after all")
    assert world.kinds(run) == [
        "run-proposed", "run-approved", "run-started", "guard-passed", "step-failed", "run-stopped",
    ]  # fmt: skip
    ended = world.runs.get(run.id)
    assert (ended.state, ended.position, ended.outcome) == (RunState.STOPPED, 1, "stopped")
    assert ledger.begin(run.id) is None


def test_the_light_of_what_was_found_is_kept_with_its_sentence(world: World, ledger: Ledger) -> None:
    """In the row, where the incident's card reads it, and in the journal."""
    run = world.ask()
    world.runs.approve(person("ana"), run.id)
    ledger.begin(run.id)
    for index, (said, light) in enumerate(
        (("3 were read", ""), ("the disk is full", "red"), ("ok", "green"))
    ):
        found = Evidence(said, light=light)  # type: ignore[arg-type]
        ledger.close(run.id, Mark("after", index, "Look"), Done("done", said, found))
    kept = world.runs.get(run.id)
    assert kept.judged == (("3 were read", ""), ("the disk is full", "red"), ("ok", "green"))
    data = [entry.data for entry in of_run(world.store, run.id) if entry.kind == "check-passed"]
    assert [one.get("light", "") for one in data] == ["", "red", "green"]


def test_a_step_knows_that_it_was_begun_before(world: World, ledger: Ledger) -> None:
    run = world.ask()
    first, second = Mark("steps", 0, "Put", 1), Mark("steps", 1, "Put more", 2)
    repeated = [ledger.open(run.id, mark).repeated for mark in (first, first, second, first)]
    assert repeated == [False, True, False, True]
    assert not ledger.open(run.id, Mark("after", 0, "Count")).repeated
    assert ledger.began(run.id)


@pytest.mark.disaster(46)
def test_a_store_that_is_away_is_waited_for(
    world: World, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.ask()
    write, failures = world.store.write, iter([True, True, False])

    def shaky(work: object) -> object:
        if next(failures, False):
            raise StoreDown("away")
        return write(work)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store, "write", shaky)
    assert ledger.began(run.id) is False


@pytest.mark.disaster(46)
def test_a_store_that_stays_away_halts_the_run(
    world: World, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = world.ask()
    monkeypatch.setattr("bot.engine.ledger.STORE_PATIENCE_S", 0.05)
    world.store.close()
    with pytest.raises(Halted):
        ledger.began(run.id)
