"""A dropped table comes back, the way back leads back, and nothing is worse than before."""

from __future__ import annotations

import pytest

from actions.cluster_moment import said
from actions.cluster_restore import restore_to_time
from actions.plan import Refused
from tests.actions.running import planned, run, undo
from tests.real.backrest import ROWS, Prepared, RealCluster

RUN = 7


def test_a_dropped_table_comes_back_and_the_way_back_leads_back(world: RealCluster) -> None:
    world.tell("insert into usuarios values (2000, 'just before')")
    at = world.moment()
    world.tell("drop table usuarios cascade")
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(at))
    done = run(plan, world.tools, RUN)
    assert world.rows() == ROWS + 2
    assert "counted" in " ".join(one.said for one in done)
    assert world.beside() == {f"data__old_{RUN}"}
    undo(plan, world.tools, RUN)
    assert world.ask("select to_regclass('usuarios')") is None
    assert world.beside() == {f"data__undone_{RUN}"}


def test_it_is_safe_to_run_every_step_twice(prepared: Prepared, world: RealCluster) -> None:
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    run(plan, world.tools, RUN, times=2)
    assert world.rows() == ROWS
    undo(plan, world.tools, RUN, times=2)
    assert world.rows() == ROWS + 1
    assert world.beside() == {f"data__undone_{RUN}"}


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-22T21:55:00", "has no time zone"),
        ("yesterday", "no point in time"),
        ("2099-01-01T00:00:00Z", "still to come"),
        ("2020-01-01T00:00:00Z", "what can be had is from"),
    ],
)
def test_a_wrong_time_is_refused_with_the_window(world: RealCluster, at: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        planned(restore_to_time, world.tools, environment="production", at=at)
    assert world.beside() == set()
