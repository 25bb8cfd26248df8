"""Two bots with memories of their own on one server: the same number of a run is not the same run."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from actions.plan import Context, Evidence, NotVerified, Refused
from actions.restores.rehearse_steps import drop
from actions.restores.restore import restore_database
from actions.restores.run import Restore
from actions.tools.postgres.shadow import Names, restore_lock
from actions.tools.toolbox import FixedToolbox
from bot.plan.models import DrPlan
from bot.toolbox import PlanToolbox
from tests.actions.conftest import World
from tests.actions.running import planned, run

RUN = 77
GIVEN = {"environment": "staging"}


def of_bot(world: World, bot: str) -> FixedToolbox:
    return replace(world.tools, servers={"staging": replace(world.staging, bot=bot)})


@pytest.mark.disaster(54)
def test_the_lock_of_another_bots_run_is_not_taken_for_a_leftover(world: World) -> None:
    mine, other = replace(world.staging, bot="aaaa1111"), replace(world.staging, bot="bbbb2222")
    names = Names(world.staging.database, RUN)
    with restore_lock(other, names) as held:
        with pytest.raises(Refused, match=rf"is running: drbot:{RUN}@bbbb2222"), restore_lock(mine, names):
            pass
        assert held.execute("select 1").fetchone() == (1,), "it still lives"
    with restore_lock(mine, names) as left, restore_lock(mine, names):  # noqa: SIM117 - the block is inside
        with pytest.raises(psycopg.OperationalError, match="terminating connection"):
            left.execute("select 1")  # what the same bot left is ended


@pytest.mark.disaster(54)
def test_the_shadow_of_another_bots_run_is_left_alone(world: World) -> None:
    first, second = of_bot(world, "aaaa1111"), of_bot(world, "bbbb2222")
    _, plan = planned(restore_database, first, **GIVEN)
    for step in (*plan.before, *plan.steps[:2]):
        step.do(Context(first, RUN))
    _, late = planned(restore_database, second, **GIVEN)
    with pytest.raises(Refused, match=r"is of another bot's run of the same number \(aaaa1111\)"):
        late.steps[0].do(Context(second, RUN))
    run(plan, first, RUN)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


@pytest.mark.disaster(54)
def test_the_way_back_does_not_drop_the_shadow_of_another_bots_run(world: World) -> None:
    first, second = of_bot(world, "aaaa1111"), of_bot(world, "bbbb2222")
    _, plan = planned(restore_database, first, **GIVEN)
    for step in (*plan.before, *plan.steps[:2]):
        step.do(Context(first, RUN))
    facts, late = planned(restore_database, second, **GIVEN)
    said = [step.do(Context(second, RUN)).said for step in late.undo]
    assert any("is of another bot (aaaa1111) and was left alone" in one for one in said)
    theirs = Restore(restore_database.read_params(GIVEN), facts)
    names = theirs.names(Context(second, RUN))

    def broken() -> Evidence:
        raise NotVerified("it broke.")

    with theirs.locked(Context(second, RUN)) as session, pytest.raises(NotVerified, match="was left alone"):
        theirs.or_drop(session, names, broken)
    rehearsed = drop(theirs, Context(second, RUN))
    assert "was left alone" in rehearsed.said
    run(plan, first, RUN)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


def test_the_bots_name_comes_with_its_tools() -> None:
    database = {"name": "x", "url_env": "URL"}
    plan = DrPlan.model_validate({"environments": {"staging": {"database": database}}})
    server = PlanToolbox(plan, {"URL": "postgresql://a@b/x"}, "cafe0001").postgres("staging")
    assert server.called(7) == "drbot:7@cafe0001"
    assert server.called(None) == "drbot"
    assert replace(server, bot="").called(7) == "drbot:7"
