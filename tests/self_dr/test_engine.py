"""A memory brought back beside the engine's old workflows: nothing is resumed, and new runs are lived."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from bot.domain.run import RunState
from bot.engine import system_url
from bot.self_dr import back_up, restore
from tests.engine.conftest import World, go, person


@pytest.mark.slow
def test_a_run_that_was_running_is_not_resumed_by_the_engine(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    before = World(tmp_path / "before")
    reached = threading.Event()
    hold = threading.Event()

    def mark(name: str) -> None:
        if name == "in plants":
            reached.set()
            hold.wait(30)

    before.shelf.mark = mark
    before.start()
    run = before.ask()
    before.runs.approve(person("rui"), run.id)
    assert reached.wait(20)
    where = back_up(before.database_url, str(tmp_path / "copies"), {}).where
    engine_db = Path(system_url(before.database_url).removeprefix("sqlite:///"))
    url = f"sqlite:///{tmp_path}/after/drbot.db"
    before.stop(drain_s=0.1)  # as if the host had died: the workflow stays pending
    hold.set()
    before.close()
    for one in engine_db.parent.glob(f"{engine_db.name}*"):
        shutil.copy(one, tmp_path / "after" / one.name)

    done = restore(url, where, {}, "#alerts", "ana")
    assert done.settled.stopped == (run.ref,)
    after = World(tmp_path / "after")
    try:
        engine = after.start()
        found = after.runs.get(run.id)
        assert found.state is RunState.STOPPED
        fresh = go(after)
        assert fresh.state is RunState.VERIFIED
        assert engine.status().stranded == ()
        assert after.shelf.calls.count("plants") == 1
        assert after.runs.get(run.id) == found
        assert after.locks() == 0
    finally:
        after.close()
