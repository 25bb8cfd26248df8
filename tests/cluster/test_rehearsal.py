"""A rehearsal brings the cluster back out of everybody's reach, measures it, and leaves nothing."""

from __future__ import annotations

import pytest

from actions import rehearsal_values
from actions.clusters.archive import look_at_archive
from actions.clusters.moment import said
from actions.clusters.rehearse import rehearse_to_time
from actions.plan import Context, NotVerified, Plan
from actions.tools.clusters.copy import Copy
from tests.actions.running import planned, run, undo
from tests.real.archived import Prepared
from tests.real.backrest import ROWS, RealCluster

RUN = 13
NEWEST = (
    """select to_char(max(criado_em) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from agendamentos"""
)


def quiet(said_: str) -> None:
    """Progress is not printed."""


def rehearsal(world: RealCluster, at: str = "") -> Plan:
    _, plan = planned(rehearse_to_time, world.tools, environment="production", at=at)
    return plan


def begun(world: RealCluster, plan: Plan) -> Context:
    """All but the last step is done: the copy runs."""
    context = Context(world.tools, RUN, quiet)
    for step in (*plan.before, *plan.steps[:-1]):
        step.do(context)
    return context


def test_it_measures_and_leaves_nothing(world: RealCluster) -> None:
    world.tell("insert into agendamentos values (500, 1, now())")
    newest = world.ask(NEWEST)
    done = run(rehearsal(world), world.tools, RUN, tell=quiet)
    values = next(one.values for one in done if rehearsal_values.ROWS in one.values)
    assert values[rehearsal_values.ROWS] == str(2 * ROWS + 2)
    assert values[rehearsal_values.TABLES] == "2"
    assert int(values[rehearsal_values.BYTES]) > 1_000_000
    assert values[rehearsal_values.NEWEST_ROW] == newest
    assert world.rows() == ROWS + 1
    assert world.beside() == set()
    assert not list(world.root.glob("salon__dr_*"))


@pytest.mark.disaster("a recovered copy could archive", "it never writes into the original's repository")
def test_it_writes_nothing_into_the_archive(prepared: Prepared, world: RealCluster) -> None:
    plan = rehearsal(world, said(prepared.at))
    context = Context(world.tools, RUN, quiet)
    plan.steps[0].do(context)  # the live server's own newest WAL
    before = world.archived()
    for step in plan.steps[1:-1]:
        step.do(context)
    copy = Copy(world.cluster, RUN).server(world.postgres)
    with copy.session(RUN) as session:
        session.execute("create table public.written as select generate_series(1, 100000)")
        session.execute("select pg_switch_wal()")
        session.execute("checkpoint")
    plan.steps[-1].do(context)
    plan.after[0].do(context)
    assert world.archived() == before


@pytest.mark.disaster(
    "a recovered copy could act as its original", "no archive, no network, no jobs, no subscriptions"
)
def test_nobody_reaches_the_copy_and_it_reaches_nobody(prepared: Prepared, world: RealCluster) -> None:
    world.tell("alter system set shared_preload_libraries = 'auto_explain'")
    world.archiver("--type=incr", "backup")
    plan = rehearsal(world)
    begun(world, plan)
    with Copy(world.cluster, RUN).server(world.postgres).session(RUN) as session:
        rows = session.execute(
            "select name, setting from pg_settings where name in ('listen_addresses', 'archive_mode',"
            " 'shared_preload_libraries', 'max_logical_replication_workers', 'archive_command')"
        ).fetchall()
    settings = {str(row[0]): row[1] for row in rows}
    assert settings == {
        "listen_addresses": "",
        "archive_mode": "off",
        "archive_command": "(disabled)",
        "shared_preload_libraries": "",
        "max_logical_replication_workers": "0",
    }
    assert world.cluster.private(RUN).stat().st_mode & 0o077 == 0
    undo(plan, world.tools, RUN)
    assert not list(world.root.glob("salon__dr_*"))


def test_a_timeline_that_appears_in_the_archive_fails_it(prepared: Prepared, world: RealCluster) -> None:
    plan = rehearsal(world, said(prepared.at))
    run_steps = (*plan.before, *plan.steps)
    context = Context(world.tools, RUN, quiet)
    for step in run_steps:
        step.do(context)
    folder = next(
        path for path in (world.root / "repository" / "archive").rglob("0000000100000000") if path.is_dir()
    )
    strange = folder.with_name("0000000200000000")
    world.run("cp", "-a", folder, strange)
    for path in strange.iterdir():
        path.rename(strange / path.name.replace("00000001", "00000002", 1))
    with pytest.raises(NotVerified, match="of a timeline that was not there before"):
        plan.after[0].do(context)


def test_what_does_not_hold_is_removed(prepared: Prepared, world: RealCluster) -> None:
    """The plan's rule is not true of what was recovered: told, and nothing is left of the copy."""
    world.tell("update agendamentos set usuario = null where id = 1")
    at = world.moment()
    world.tell("update agendamentos set usuario = 1 where id = 1")
    plan = rehearsal(world, said(at))
    with pytest.raises(NotVerified, match="“every appointment has its user” does not hold"):
        run(plan, world.tools, RUN, tell=quiet)
    undo(plan, world.tools, RUN)
    assert not list(world.root.glob("salon__dr_*"))
    assert not world.cluster.last_rehearsal.exists()


def test_the_look_at_the_archive_knows_of_it(world: RealCluster) -> None:
    _, look = planned(look_at_archive, world.tools, environment="production")
    before = run(look, world.tools, RUN)
    assert [one.light for one in before] == ["", "green", "green", "amber"]
    assert "never rehearsed" in before[-1].said
    run(rehearsal(world), world.tools, RUN, tell=quiet)
    after = run(look, world.tools, RUN)
    assert (after[-1].light, after[-1].said[:24]) == ("green", "a recovery was last prov")


def test_half_a_copy_of_an_earlier_try_is_used_or_removed(prepared: Prepared, world: RealCluster) -> None:
    plan = rehearsal(world, said(prepared.at))
    context = Context(world.tools, RUN, quiet)
    folder = world.cluster.recovered(RUN)
    folder.mkdir(0o700)
    world.run("chown", f"{world.user}", folder, check=False)
    (folder / "rubbish").write_text("of a try that was broken off before pgBackRest began")
    for step in plan.steps[:2]:
        step.do(context)
    (folder / "drbot_recovery.json").unlink()  # killed before it could be noted
    (folder / "global" / "pg_control").unlink()
    for step in plan.steps[1:]:
        step.do(context)
    assert not (folder / "rubbish").exists()
    assert not folder.exists()
