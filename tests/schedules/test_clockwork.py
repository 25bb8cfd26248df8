"""The clockwork: the thread that wakes, in the process that is the engine, on either store."""

from __future__ import annotations

import os

import psycopg
import pytest

from bot.domain.run import RunState
from bot.store.database import StoreDown
from bot.store.journal import verify
from tests.schedules.conftest import AFTER, NIGHTLY, Build, at_night, until


def test_a_schedule_is_lived_by_the_real_engine(build: Build) -> None:
    world = build().start()
    until(lambda: world.store.read("SELECT 1 FROM schedules"))
    world.clock.to("2026-11-24T02:00:01")
    until(lambda: [run.state for run in world.asked()] == [RunState.VERIFIED])
    (run,) = world.asked()
    assert (run.requested_by, run.params["place"]) == ("schedule:nightly", "hall")
    assert world.answer().run == run.id
    assert world.clockwork.trouble == ""
    assert verify(world.store) is None


def test_only_the_engines_own_process_keeps_schedules(build: Build) -> None:
    world = at_night(build())
    assert world.clockwork.turn() == ""
    assert world.asked() == []


def test_a_store_that_is_away_is_said_and_loses_nothing(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build().start()
    until(lambda: world.store.read("SELECT 1 FROM schedules"))

    def away(*_: object) -> None:
        raise StoreDown("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "read", away)
        until(lambda: world.clockwork.trouble == "schedules wait until the store answers: the disk is gone")
        world.clock.to("2026-11-24T02:00:01")
    until(lambda: [run.state for run in world.asked()] == [RunState.VERIFIED])
    until(lambda: world.clockwork.trouble == "")


def test_all_of_it_on_postgresql(build: Build, postgres_url: str) -> None:
    """Asked for once, lived by the engine, followed by what comes after it, told when it fails."""
    name = f"schedules_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}".encode())
    grave = {**NIGHTLY, "title": "Fails", "params": {"place": "attic", "how": "break-books"}}
    url = f"{postgres_url.rsplit('/', 1)[0]}/{name}"
    world = build(url=url, schedules={**AFTER, "grave": grave})
    world.answers.due()
    world.clock.to("2026-11-24T02:00:01")
    world.start()
    until(lambda: len(world.asked()) == 3 and all(run.state.ended for run in world.asked()), 40)
    assert sorted(run.state.value for run in world.asked()) == ["undone", "verified", "verified"]
    until(lambda: [one.alert_names for one in world.open()] == [("DrbotScheduledRunFailed",)])
    assert world.clockwork.trouble == ""
    assert verify(world.store) is None
