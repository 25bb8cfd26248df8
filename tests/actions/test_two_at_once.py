"""Two restores into one target: the second is told who is at it, and whoever comes late changes nothing."""

from __future__ import annotations

import threading

import pytest

from actions.plan import Context, NotVerified, Refused
from actions.restores.restore import restore_database
from actions.tools.postgres.shadow import Names, restore_lock
from tests.actions.conftest import World
from tests.actions.running import planned, run


@pytest.mark.disaster(20)
def test_the_second_is_refused_and_told_which_run_is_at_it(world: World) -> None:
    _, plan = planned(restore_database, world.tools, environment="staging")
    with (
        restore_lock(world.staging, Names(world.staging.database, 21)),
        pytest.raises(Refused, match=r"another restore into .* is running: drbot:21, since 20"),
    ):
        run(plan, world.tools, 22)
    assert world.relatives() == set()


def test_the_one_that_swaps_second_finds_another_database_and_stops(world: World) -> None:
    _, first = planned(restore_database, world.tools, environment="staging")
    _, second = planned(restore_database, world.tools, environment="staging")
    for step in (*second.before, *second.steps[:-1]):
        step.do(Context(world.tools, 32))
    run(first, world.tools, 31)
    winner = world.oid(world.staging.database)

    with pytest.raises(NotVerified, match="not the database that was planned with"):
        second.steps[-1].do(Context(world.tools, 32))
    assert world.oid(world.staging.database) == winner
    second.undo[2].do(Context(world.tools, 32))
    assert world.relatives() == {"__old_31"}


@pytest.mark.disaster(20)
def test_both_started_together_leave_one_restored_database(world: World) -> None:
    plans = [planned(restore_database, world.tools, environment="staging")[1] for _ in range(2)]
    ends: list[str] = []

    def go(number: int) -> None:
        try:
            run(plans[number], world.tools, 50 + number, tell=lambda said: None)
        except (Refused, NotVerified) as error:
            ends.append(type(error).__name__)
            plans[number].undo[2].do(Context(world.tools, 50 + number))
        else:
            ends.append("done")

    both = [threading.Thread(target=go, args=(number,)) for number in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert "done" in ends
    assert len(ends) == 2
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500
    assert len(world.relatives()) == ends.count("done"), "what the one kept, nothing of the other"
    assert world.ask("postgres", "select count(*) from pg_roles where rolname ~ '^dr_restore_5[01]$'") == 0
