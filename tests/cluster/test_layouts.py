"""Clusters as they lie about: Debian's settings outside, other disks, tablespaces, units, customers."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from actions.clusters.moment import said
from actions.clusters.restore import restore_to_time
from actions.plan import Context, Refused
from actions.tools.clusters import settings as cluster_settings
from actions.tools.clusters.files import MARK
from actions.tools.clusters.power import Postmaster, unit_of
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run, undo
from tests.real.archived import Prepared
from tests.real.backrest import ROWS, RealCluster
from tests.real.processes import server_directory, wait_for

RUN = 19


def quiet(said_: str) -> None:
    """Progress is not printed."""


def with_settings_outside(world: RealCluster) -> None:
    """As Debian has it: the data directory holds data, and the settings name it."""
    world.stop()
    outside = world.root / "etc"
    world.run("mkdir", outside)
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf", "own.conf"):
        (world.data / name).rename(outside / name)
    with (outside / "postgresql.conf").open("a") as conf:
        conf.write(f"data_directory = '{world.data}'\n")
        conf.writelines(f"{kind}_file = '{outside}/pg_{kind}.conf'\n" for kind in ("hba", "ident"))
    world.run(
        world.programs / "pg_ctl", "start", "-D", world.data, "-w", "-s", "-l", world.root / "server.log",
        "-o", f"-c config_file={outside}/postgresql.conf",
    )  # fmt: skip


def test_settings_outside_the_data_directory(prepared: Prepared, world: RealCluster) -> None:
    with_settings_outside(world)
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    run(plan, world.tools, RUN, tell=quiet)
    assert world.rows() == ROWS
    assert world.ask("select current_setting('data_directory')") == str(world.data)
    assert world.ask("select current_setting('archive_mode')") == "on"
    undo(plan, world.tools, RUN)
    assert world.rows() == ROWS + 1
    assert world.ask("select current_setting('config_file')") == str(world.root / "etc" / "postgresql.conf")


def test_a_lost_directory_whose_settings_are_outside(
    prepared: Prepared, world: RealCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tells any more how the server was started: Debian's own place does."""
    with_settings_outside(world)
    world.archiver("--type=full", "backup")
    at = world.moment() + timedelta(seconds=2)
    wait_for("that moment", lambda: world.moment() > at)
    world.tell("delete from agendamentos", "delete from usuarios")
    world.archive_all()
    world.stop()
    world.data.rename(world.root / "lost")
    etc = world.root / "debian"
    (etc / world.root.name).mkdir(parents=True)
    (etc / world.root.name / "data").symlink_to(world.root / "etc")
    monkeypatch.setattr(cluster_settings, "ETC", etc)
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(at))
    run(plan, world.tools, RUN, tell=quiet)
    assert world.rows() == ROWS + 1


def test_another_disk_is_refused(prepared: Prepared, world: RealCluster) -> None:
    with server_directory(world.owner) as elsewhere:
        if elsewhere.stat().st_dev == world.root.stat().st_dev:
            pytest.skip("there is one file system only")
        cluster = replace(world.cluster, beside=elsewhere)
        tools = FixedToolbox(servers={"production": world.postgres}, clusters={"production": cluster})
        with pytest.raises(Refused, match="is on another disk"):
            planned(restore_to_time, tools, environment="production", at=said(prepared.at))


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.disaster(16)
def test_too_little_room_is_told_with_both_numbers(
    prepared: Prepared, world: RealCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: _Usage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(Refused, match=r"needs about [0-9.]+ MiB in .*, where 976\.6 KiB are free"):
        planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))


def test_tablespaces_are_refused(prepared: Prepared, world: RealCluster) -> None:
    world.run("mkdir", world.root / "space")
    world.tell(f"create tablespace other location '{world.root}/space'")
    with pytest.raises(Refused, match="has tablespaces"):
        planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))


def test_where_customers_are_served_somebody_must_be_named_to_stop(
    prepared: Prepared, world: RealCluster
) -> None:
    served = replace(world.postgres, serves_customers=True)
    tools = FixedToolbox(servers={"production": served}, clusters={"production": world.cluster})
    with pytest.raises(Refused, match="whoever writes must be stopped first"):
        planned(restore_to_time, tools, environment="production", at=said(prepared.at))


def test_a_database_of_another_server_is_told(prepared: Prepared, world: RealCluster) -> None:
    """The URL leads to one server, the directory is another's."""
    lines = (world.data / "postmaster.pid").read_text().split("\n")
    lines[2] = str(int(lines[2]) - 3600)
    (world.data / "postmaster.pid").write_text("\n".join(lines))
    with pytest.raises(Refused, match="is not the server that runs in"):
        planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))


@pytest.mark.disaster(
    "the machine crashes while a copy replays", "the copy is checked file by file and replayed anew"
)
def test_what_was_not_on_the_disk_at_a_crash_is_not_trusted(prepared: Prepared, world: RealCluster) -> None:
    _, plan = planned(restore_to_time, world.tools, environment="production", at=said(prepared.at))
    context = Context(world.tools, RUN, quiet)
    for step in plan.steps[:3]:
        step.do(context)
    place = world.cluster.recovered(RUN) / MARK
    place.write_text(json.dumps({**json.loads(place.read_text()), "boot": "the start before"}))
    assert plan.steps[1].do(context).said.startswith("restored ")
    for step in plan.steps[2:]:
        step.do(context)
    assert world.rows() == ROWS


def test_the_unit_that_looks_after_a_server_is_found(tmp_path: Path) -> None:
    for process, group in (
        ("self", "drbot.service"),
        ("7", "system-postgresql.slice/postgresql@15-main.service"),
    ):
        (tmp_path / process).mkdir()
        (tmp_path / process / "cgroup").write_text(f"0::/system.slice/{group}\n")
    assert unit_of(Postmaster(7, 0, 5432), tmp_path) == "postgresql@15-main.service"
    assert unit_of(Postmaster(8, 0, 5432), tmp_path) == ""
