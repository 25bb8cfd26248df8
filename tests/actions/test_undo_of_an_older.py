"""Only the restore that is in place can be taken back; an older one would take the newer away unseen."""

from __future__ import annotations

import pytest

from actions.plan import Refused
from actions.restores.restore import restore_database
from tests.actions.conftest import World
from tests.actions.running import planned, run, undo


def test_a_restore_is_not_taken_back_over_a_later_one(world: World) -> None:
    """Found at first: the later one was swapped away as «the restored one», with rows counted in neither."""
    before = world.oid(world.staging.database)
    _, first = planned(restore_database, world.tools, environment="staging")
    run(first, world.tools, 41)
    _, second = planned(restore_database, world.tools, environment="staging")
    run(second, world.tools, 42)
    later = world.oid(world.staging.database)

    with pytest.raises(Refused, match=r"replaced again since.*take that back first.*Nothing was changed"):
        undo(first, world.tools, 41)
    assert world.oid(world.staging.database) == later
    assert world.relatives() == {"__old_41", "__old_42"}

    undo(second, world.tools, 42)
    undo(first, world.tools, 41)
    assert world.oid(world.staging.database) == before
