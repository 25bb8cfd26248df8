"""Archives that are damaged, incomplete or of somebody else: the live cluster stays as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from actions.clusters.archive import look_at_archive
from actions.clusters.moment import said
from actions.clusters.restore import restore_to_time
from actions.plan import Context, NotVerified, Plan, Refused
from tests.actions.running import planned, run, undo
from tests.real.archived import Prepared, new_cluster
from tests.real.backrest import ROWS, STANZA, RealCluster
from tests.real.processes import wait_for

RUN = 9


def quiet(said_: str) -> None:
    """Progress is not printed."""


def to(world: RealCluster, prepared: Prepared) -> Plan:
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    return plan


def untouched(world: RealCluster, plan: Plan, rows: int = ROWS + 1) -> None:
    """The live server was never stopped; the way back leaves nothing beside it."""
    assert world.rows() == rows
    undo(plan, world.tools, RUN)
    assert world.rows() == rows
    assert world.beside() == set()
    assert not list(world.root.glob("*__dr_*"))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x01
    path.write_bytes(data)


@pytest.mark.disaster("a byte of the repository is flipped", "its checksum tells, the copy is removed")
def test_a_flipped_byte_ends_before_the_cut_over(prepared: Prepared, world: RealCluster) -> None:
    plan = to(world, prepared)
    backup = world.root / "repository" / "backup" / STANZA / prepared.first / "pg_data"
    flip(max(backup.rglob("*.*"), key=lambda path: path.stat().st_size if path.is_file() else 0))
    with pytest.raises(NotVerified, match=r"could not restore .*; the live cluster was not touched"):
        run(plan, world.tools, RUN, tell=quiet)
    untouched(world, plan)


@pytest.mark.disaster("WAL is missing from the archive", "told how far the archive goes; nothing is cut over")
def test_a_gap_in_the_archive_is_told(prepared: Prepared, world: RealCluster) -> None:
    world.tell("insert into usuarios values (2000, 'behind the gap')")
    world.archive_all()
    plan = to(world, prepared)
    backup_end = max(
        path.name.split("-")[0]
        for path in (world.root / "repository" / "archive").rglob("0000*-*")
        if path.name.split("-")[0] < _second_start(world, prepared)
    )
    for path in (world.root / "repository" / "archive").rglob(f"{backup_end}-*"):
        path.unlink()
    with pytest.raises(NotVerified, match="the archive ends before that point in time"):
        run(plan, world.tools, RUN, tell=quiet)
    untouched(world, plan, ROWS + 2)


def _second_start(world: RealCluster, prepared: Prepared) -> str:
    told = world.archiver("info", f"--set={prepared.second}", "--output=json")
    return told.split('"start":"')[1].split('"')[0]


@pytest.mark.disaster("the stanza is of another cluster", "refused by the system identifier")
def test_a_stanza_of_another_cluster_is_refused(prepared: Prepared, world: RealCluster) -> None:
    with new_cluster() as other:
        shutil.rmtree(world.root / "repository")
        world.run("cp", "-a", other.root / "repository", world.root / "repository")
    with pytest.raises(Refused, match="is of another cluster"):
        planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    assert world.rows() == ROWS + 1


@pytest.mark.disaster(51)
def test_a_cluster_that_changed_since_the_plan_is_refused(prepared: Prepared, world: RealCluster) -> None:
    plan = to(world, prepared)
    with new_cluster() as other:
        other.stop()
        world.stop()
        world.data.rename(world.root / "away")
        world.run("cp", "-a", other.data, world.data)
        shutil.copy2(world.root / "away" / "own.conf", world.data / "own.conf")
        world.start()
    with pytest.raises(Refused, match="holds another cluster than was shown"):
        plan.before[0].do(Context(world.tools, RUN))


@pytest.mark.disaster("the repository cannot be read", "refused, told as rights and not as no backups")
def test_a_closed_repository_is_told_as_what_it_is(prepared: Prepared, world: RealCluster) -> None:
    place = world.root / "repository"
    place.chmod(0o000)
    with pytest.raises(Refused, match=r"error 04|error 05|not usable"):
        planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))


@pytest.mark.disaster(43)
def test_an_archive_that_fails_is_red_and_ends_the_window(prepared: Prepared, world: RealCluster) -> None:
    conf = world.data / "own.conf"
    conf.write_text(conf.read_text() + "archive_command = 'false'\n")
    world.tell("select pg_reload_conf()", "insert into usuarios values (2000, 'lost')")
    world.tell("select pg_switch_wal()")
    failed = "select failed_count > 0 from pg_stat_archiver"
    wait_for("a failed archive_command", lambda: bool(world.ask(failed)))
    with pytest.raises(Refused, match="the archive fails, and ends at"):
        planned(restore_to_time, world.tools, environment="production", at=said(world.moment()))
    _, look = planned(look_at_archive, world.tools, environment="production")
    evidence = run(look, world.tools, RUN)[1]
    assert evidence.light in ("amber", "red")
    assert "fails" in evidence.said
    run(to(world, prepared), world.tools, RUN, tell=quiet)  # what was archived before can be had still
    assert world.rows() == ROWS
