"""A dropped table comes back, the way back leads back, and the archive goes on with the right history."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from actions.clusters.kept import drop_kept_clusters
from actions.clusters.moment import said
from actions.clusters.restore import restore_to_time
from actions.plan import Context, NotVerified, Plan, Refused
from actions.tools.clusters.kept import NOTE
from tests.actions.running import planned, run, undo
from tests.real.archived import Prepared
from tests.real.backrest import ROWS, RealCluster
from tests.real.processes import wait_for

RUN = 7
WRITTEN = "select sum(n_tup_ins)::int from pg_stat_user_tables"


def to(world: RealCluster, at: datetime) -> Plan:
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(at))
    return plan


def quiet(said_: str) -> None:
    """Progress is not printed: there is much of it."""


@pytest.mark.disaster("a table is dropped", "its rows come back from the archive, to the moment before")
def test_a_dropped_table_comes_back_and_the_way_back_leads_back(world: RealCluster) -> None:
    world.tell("insert into usuarios values (2000, 'just before')")
    at = world.moment()
    world.tell("drop table usuarios cascade")
    plan = to(world, at)
    done = run(plan, world.tools, RUN, tell=quiet)
    assert world.rows() == ROWS + 2
    assert any("rows in 2 tables of belezza were counted, 1 rules held" in one.said for one in done)
    assert world.beside() == {f"data__old_{RUN}"}
    undo(plan, world.tools, RUN)
    assert world.ask("select to_regclass('usuarios')") is None
    assert world.beside() == {f"data__undone_{RUN}"}


@pytest.mark.disaster(44)
def test_the_way_back_tells_what_was_written_and_keeps_both(prepared: Prepared, world: RealCluster) -> None:
    plan = to(world, prepared.at)
    run(plan, world.tools, RUN, tell=quiet)
    world.tell("insert into usuarios values (3000, 'since'), (3001, 'since')")
    wait_for("the counters", lambda: world.ask(WRITTEN) == 2)
    told = undo(plan, world.tools, RUN)
    assert told[0].values == {"rows": "2"}
    assert world.rows() == ROWS + 1
    assert (world.root / f"data__undone_{RUN}" / "PG_VERSION").is_file()


def test_every_step_twice_is_once(prepared: Prepared, world: RealCluster) -> None:
    plan = to(world, prepared.at)
    run(plan, world.tools, RUN, times=2, tell=quiet)
    assert world.rows() == ROWS
    undo(plan, world.tools, RUN, times=2)
    assert world.rows() == ROWS + 1
    assert world.beside() == {f"data__undone_{RUN}"}


def test_it_runs_as_before_and_archives_its_new_history(prepared: Prepared, world: RealCluster) -> None:
    assert world.archived().isdisjoint({"00000002.history"})
    run(to(world, prepared.at), world.tools, RUN, tell=quiet)
    assert world.ask("select current_setting('cluster_name')") == "live"
    assert world.ask("select current_setting('archive_mode')") == "on"
    assert world.ask("select current_setting('shared_buffers')") == "32MB"
    assert {"00000002.history"} <= world.archived()
    assert any(name.startswith("00000002") and len(name) == 24 for name in world.archived())


def test_an_older_backup_finds_the_way_onto_the_new_timeline(prepared: Prepared, world: RealCluster) -> None:
    """Recovered once, written to, and recovered again from the same backup: both pasts are there."""
    run(to(world, prepared.at), world.tools, RUN, tell=quiet)
    world.tell("insert into usuarios values (4000, 'on the new timeline')")
    at = world.moment()
    world.tell("delete from agendamentos", "delete from usuarios")
    plan = to(world, at)
    assert prepared.first in dict(plan.facts)["begins from"]
    run(plan, world.tools, RUN + 1, tell=quiet)
    assert world.ask("select count(*) from usuarios where id = 4000") == 1
    assert world.rows() == ROWS + 1


def test_what_was_taken_back_is_no_past_of_the_cluster(prepared: Prepared, world: RealCluster) -> None:
    """After the way back, a later recovery follows the live cluster's history, not the one taken back."""
    plan = to(world, prepared.at)
    run(plan, world.tools, RUN, tell=quiet)
    world.tell("insert into usuarios values (5000, 'on the branch')")
    world.archive_all()
    undo(plan, world.tools, RUN)
    world.tell("insert into usuarios values (6000, 'on the trunk')")
    at = world.moment()
    world.tell("delete from agendamentos", "delete from usuarios")
    run(to(world, at), world.tools, RUN + 1, tell=quiet)
    assert world.ask("select array_agg(id order by id) from usuarios where id >= 1000") == [1000, 6000]


def test_taking_back_the_older_of_two_is_refused(prepared: Prepared, world: RealCluster) -> None:
    first = to(world, prepared.at)
    run(first, world.tools, RUN, tell=quiet)
    second = to(world, prepared.at)
    run(second, world.tools, RUN + 1, tell=quiet)
    with pytest.raises(Refused, match=f"recovered again by run {RUN + 1}"):
        undo(first, world.tools, RUN)
    assert world.rows() == ROWS
    undo(second, world.tools, RUN + 1)
    undo(first, world.tools, RUN)
    assert world.rows() == ROWS + 1


@pytest.mark.disaster("the server is down and does not come up", "its cluster is recovered without it")
def test_a_server_that_does_not_run_is_recovered_too(prepared: Prepared, world: RealCluster) -> None:
    world.stop("immediate")
    plan = to(world, prepared.at)
    assert any("does not run" in warning for warning in plan.warnings)
    run(plan, world.tools, RUN, tell=quiet)
    assert world.rows() == ROWS


@pytest.mark.disaster("the data directory is lost", "the cluster is recovered into its place")
def test_a_lost_directory_is_recovered_into_its_place(prepared: Prepared, world: RealCluster) -> None:
    world.stop("immediate")
    world.data.rename(world.root / "lost")
    plan = to(world, prepared.at)
    run(plan, world.tools, RUN, times=2, tell=quiet)
    assert world.rows() == ROWS
    assert world.ask("select current_setting('archive_mode')") == "on"
    undo(plan, world.tools, RUN, times=2)
    assert not world.data.exists()


def test_what_only_the_live_server_has_is_brought_into_the_archive_first(world: RealCluster) -> None:
    world.tell("insert into usuarios values (7000, 'not archived yet')")
    at = world.moment()
    plan = to(world, at)
    assert plan.steps[0].title.startswith("Bring the newest WAL")
    run(plan, world.tools, RUN, tell=quiet)
    assert world.ask("select count(*) from usuarios where id = 7000") == 1


def test_while_it_works_the_live_server_serves(prepared: Prepared, world: RealCluster) -> None:
    """Until the cut-over nothing of the live cluster is touched, and it is away for a stop and a start."""
    plan = to(world, prepared.at)
    context = Context(world.tools, RUN, quiet)
    for step in plan.steps[:-1]:
        step.do(context)
        assert world.rows() == ROWS + 1
    began = time.monotonic()
    evidence = plan.steps[-1].do(context)
    away_s = float(evidence.values["away for"].removesuffix(" s"))
    assert away_s <= time.monotonic() - began
    wait_for("the recovered server", lambda: world.rows() == ROWS)


def test_the_plan_says_what_a_person_must_know(prepared: Prepared, world: RealCluster) -> None:
    plan = to(world, prepared.at)
    facts = dict(plan.facts)
    assert facts["brings back"] == said(prepared.at)
    assert facts["databases"] == "belezza, postgres"
    assert any("every database of the cluster goes back" in warning for warning in plan.warnings)
    assert plan.amount > 1e6
    assert datetime.fromisoformat(facts["can be had"].split()[1]) < prepared.at.astimezone(UTC)


def test_what_was_put_aside_is_removed_after_its_day(prepared: Prepared, world: RealCluster) -> None:
    plan = to(world, prepared.at)
    run(plan, world.tools, RUN, tell=quiet)
    with pytest.raises(Refused, match=f"data__old_{RUN} is kept for .* now"):
        planned(drop_kept_clusters, world.tools, environment="production")
    kept = world.cluster.kept(RUN) / NOTE
    kept.write_text(kept.read_text().replace(':"202', ':"201'))  # ten years ago
    _, drop = planned(drop_kept_clusters, world.tools, environment="production")
    run(drop, world.tools, RUN + 1, times=2, tell=quiet)
    assert world.beside() == set()
    assert world.rows() == ROWS
    with pytest.raises(NotVerified, match="is not there any more, so it cannot come back"):
        undo(plan, world.tools, RUN)
    assert world.rows() == ROWS
