"""A bot that lost its memory counts its runs from 1 again: what an earlier run left is not its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.plan import Context, Refused
from actions.restores.restore import restore_database
from tests.actions.conftest import World, publish
from tests.actions.running import planned, run, undo

RUN = 2


def test_a_shadow_of_an_earlier_life_is_not_taken_for_this_runs_own(world: World) -> None:
    """Found at first: the old shadow was swapped in, with the words «every row matched»."""
    _, forgotten = planned(restore_database, world.tools, environment="staging")
    for step in (*forgotten.before, *forgotten.steps[:3]):
        step.do(Context(world.tools, RUN))
    with world.pg.connect(f"{world.staging.database}__dr_{RUN}") as session:
        session.execute("delete from pagamentos where id <= 100")
    newer = replace(
        world.manifest, key=world.manifest.key.replace("20261122_020000", "20261123_020000"), sha256="0" * 64
    )
    publish(world.bucket, newer, world.bucket.read(world.manifest.key))

    _, plan = planned(restore_database, world.tools, environment="staging")
    with pytest.raises(Refused, match="is not what its manifest says"):
        run(plan, world.tools, RUN)

    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2
    assert world.relatives() == set()


def test_a_kept_database_of_an_earlier_life_is_told_before_anything_is_loaded(world: World) -> None:
    before = world.oid(world.staging.database)
    name = f"{world.staging.database}__old_{RUN}"
    with world.pg.connect() as session:
        session.execute(f"create database {name}".encode())
    _, plan = planned(restore_database, world.tools, environment="staging")
    with pytest.raises(Refused, match=rf"{name} is there already.*number of its own"):
        run(plan, world.tools, RUN)
    assert world.relatives() == {f"__old_{RUN}"}
    assert world.oid(world.staging.database) == before


def test_what_an_earlier_undo_kept_is_told_as_well(world: World) -> None:
    """Without the name the way back would have nowhere to put what it takes back."""
    _, first = planned(restore_database, world.tools, environment="staging")
    run(first, world.tools, RUN)
    undo(first, world.tools, RUN)
    _, again = planned(restore_database, world.tools, environment="staging")
    with pytest.raises(Refused, match=rf"__undone_{RUN} is there already"):
        run(again, world.tools, RUN)
