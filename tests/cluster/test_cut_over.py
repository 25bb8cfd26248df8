"""The cut-over broken off at each place: what stands there is whole, and a repeat or the way back ends it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from actions.clusters.moment import said
from actions.clusters.restore import restore_to_time
from actions.plan import Context, NotVerified, Plan, Refused, Transient
from actions.tools.clusters.cluster import alone
from actions.tools.clusters.files import exchange, read_mark
from actions.tools.clusters.power import postmaster
from tests.actions.running import planned, run, undo
from tests.real.archived import Prepared
from tests.real.backrest import ROWS, RealCluster
from tests.real.processes import wait_for

RUN = 11
BrokenOff = Callable[[RealCluster], None]


def quiet(said_: str) -> None:
    """Progress is not printed."""


def ready(world: RealCluster, prepared: Prepared) -> Plan:
    """Everything but the cut-over is done."""
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    for step in (*plan.before, *plan.steps[:-1]):
        step.do(Context(world.tools, RUN, quiet))
    return plan


def stopped(world: RealCluster) -> None:
    world.stop()


def exchanged(world: RealCluster) -> None:
    world.stop()
    exchange(world.cluster.recovered(RUN), world.data)


def named(world: RealCluster) -> None:
    exchanged(world)
    world.cluster.recovered(RUN).rename(world.cluster.kept(RUN))


PLACES = pytest.mark.parametrize("broken_off", [stopped, exchanged, named])
KILLED = pytest.mark.disaster(
    "drbot is killed inside the cut-over", "the old or the new cluster stands there whole; a repeat ends it"
)


@KILLED
@PLACES
def test_the_step_repeated_ends_it(prepared: Prepared, world: RealCluster, broken_off: BrokenOff) -> None:
    plan = ready(world, prepared)
    broken_off(world)
    assert (world.data / "PG_VERSION").is_file()
    plan.steps[-1].do(Context(world.tools, RUN, quiet))
    assert world.rows() == ROWS
    for check in plan.after:
        check.do(Context(world.tools, RUN, quiet))
    assert world.beside() == {f"data__old_{RUN}"}


@KILLED
@PLACES
def test_the_way_back_ends_it_too(prepared: Prepared, world: RealCluster, broken_off: BrokenOff) -> None:
    plan = ready(world, prepared)
    broken_off(world)
    undo(plan, world.tools, RUN, times=2)
    assert world.rows() == ROWS + 1
    assert not world.cluster.recovered(RUN).exists()
    assert not world.cluster.kept(RUN).exists()


@PLACES
def test_the_way_back_broken_off_is_ended_by_its_repeat(
    prepared: Prepared, world: RealCluster, broken_off: BrokenOff
) -> None:
    plan = ready(world, prepared)
    plan.steps[-1].do(Context(world.tools, RUN, quiet))
    world.stop()
    if broken_off is not stopped:
        exchange(world.cluster.kept(RUN), world.data)
    if broken_off is named:
        world.cluster.kept(RUN).rename(world.cluster.undone(RUN))
    undo(plan, world.tools, RUN, times=2)
    assert world.rows() == ROWS + 1
    assert world.beside() == {f"data__undone_{RUN}"}


@pytest.mark.disaster(55)
def test_the_copy_crashes_while_it_replays(prepared: Prepared, world: RealCluster) -> None:
    """Its server is killed; the step repeated starts it again and goes on."""
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    context = Context(world.tools, RUN, quiet)
    for step in (*plan.before, *plan.steps[:3]):
        step.do(context)
    running = postmaster(world.cluster.recovered(RUN))
    assert running is not None
    os.kill(running.pid, signal.SIGQUIT)
    wait_for("the crash", lambda: postmaster(world.cluster.recovered(RUN)) is None)
    for step in plan.steps[2:]:
        step.do(context)
    assert world.rows() == ROWS


@pytest.mark.disaster(55)
def test_the_live_server_restarts_meanwhile(prepared: Prepared, world: RealCluster) -> None:
    plan = ready(world, prepared)
    world.stop("immediate")
    world.start()
    plan.steps[-1].do(Context(world.tools, RUN, quiet))
    assert world.rows() == ROWS


def test_another_cluster_in_its_place_is_not_replaced(prepared: Prepared, world: RealCluster) -> None:
    plan = ready(world, prepared)
    world.stop()
    world.data.rename(world.root / "away")
    world.run(world.programs / "initdb", "-D", world.data, "-U", "postgres", "--no-sync")
    with pytest.raises(NotVerified, match="holds another cluster than was shown"):
        plan.steps[-1].do(Context(world.tools, RUN, quiet))
    assert read_mark(world.data) is None


@pytest.mark.disaster(20)
def test_two_recoveries_do_not_meet(prepared: Prepared, world: RealCluster) -> None:
    plan = ready(world, prepared)
    with alone(world.cluster, world.root), pytest.raises(Transient, match="another recovery of salon works"):
        plan.steps[-1].do(Context(world.tools, RUN, quiet))
    assert world.rows() == ROWS + 1


def test_names_of_another_memory_are_not_taken(prepared: Prepared, world: RealCluster) -> None:
    world.cluster.kept(RUN).mkdir()
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    with pytest.raises(Refused, match="does not remember"):
        plan.before[0].do(Context(world.tools, RUN, quiet))


def test_a_server_that_cannot_be_asked_is_not_stopped(prepared: Prepared, world: RealCluster) -> None:
    """What cannot be told from another one stays up."""
    plan = ready(world, prepared)
    world.tell("alter system set listen_addresses = '127.0.0.2'")
    world.stop()
    world.start()
    with pytest.raises(Transient):
        plan.steps[-1].do(Context(world.tools, RUN, quiet))
    assert postmaster(world.data) is not None


def test_run_to_the_end_leaves_no_private_folder(prepared: Prepared, world: RealCluster) -> None:
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    run(plan, world.tools, RUN, tell=quiet)
    assert not list(world.root.glob("salon__dr_*"))
