"""Backups by pgBackRest: made once, proven, refused where they would be of the wrong cluster."""

from __future__ import annotations

import fcntl
import shutil

import pytest

from actions.clusters.archive import look_at_archive
from actions.clusters.backup import back_up_cluster
from actions.plan import Context, NotVerified, Plan, Refused, Transient
from tests.actions.running import planned, run
from tests.real.backrest import RealCluster
from tests.real.processes import wait_for

RUN = 17


def quiet(said_: str) -> None:
    """Progress is not printed."""


def backup(world: RealCluster, kind: str) -> Plan:
    _, plan = planned(back_up_cluster, world.tools, environment="production", kind=kind)
    return plan


@pytest.mark.parametrize(("kind", "letter"), [("full", "F"), ("diff", "D"), ("incr", "I")])
def test_it_is_made_once_and_listed(world: RealCluster, kind: str, letter: str) -> None:
    before = world.labels()
    plan = backup(world, kind)
    done = run(plan, world.tools, RUN, times=2, tell=quiet)
    made = world.labels() - before
    assert len(made) == 1
    assert made.pop().endswith(letter)
    assert {one.light for one in done[-4:]} == {"green"}


@pytest.mark.disaster("two backups of one cluster at once", "the second is refused, the first goes on")
def test_a_second_one_at_the_same_time_is_refused(world: RealCluster) -> None:
    lock = world.root / "lock" / "salon-backup.lock"
    world.run("touch", lock)
    plan = backup(world, "incr")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Transient, match="another pgBackRest works on the stanza now"):
            plan.steps[0].do(Context(world.tools, RUN, quiet))
    run(plan, world.tools, RUN, tell=quiet)


def test_of_a_server_that_is_down_none_is_made(world: RealCluster) -> None:
    world.stop()
    with pytest.raises(Refused, match="does not run, so it is not backed up"):
        backup(world, "full")


def test_a_backup_that_is_not_listed_fails(world: RealCluster) -> None:
    plan = backup(world, "full")
    with pytest.raises(NotVerified, match="does not list the backup of this run"):
        plan.after[0].do(Context(world.tools, RUN, quiet))


def test_a_repository_that_is_damaged_is_red(world: RealCluster) -> None:
    _, look = planned(look_at_archive, world.tools, environment="production", verify="yes")
    assert run(look, world.tools, RUN)[-1].light == "green"
    held = max((world.root / "repository" / "backup").rglob("*.zst"), key=lambda path: path.stat().st_size)
    data = bytearray(held.read_bytes())
    data[len(data) // 2] ^= 0x01
    held.write_bytes(data)
    evidence = run(look, world.tools, RUN)[-1]
    assert evidence.light == "red"
    assert "damaged" in evidence.said


def test_an_archive_timeout_that_is_longer_than_promised_is_amber(world: RealCluster) -> None:
    world.tell("alter system set archive_timeout = '1h'", "select pg_reload_conf()")
    wait_for("the setting", lambda: world.ask("select current_setting('archive_timeout')") == "1h")
    _, look = planned(look_at_archive, world.tools, environment="production")
    evidence = run(look, world.tools, RUN)[1]
    assert evidence.light == "amber"
    assert "archive_timeout is 3600 s, promised 60 s" in evidence.said


def test_a_cluster_without_any_backup_is_red(world: RealCluster) -> None:
    for folder in ("backup", "archive"):
        shutil.rmtree(world.root / "repository" / folder)
    world.archiver("--no-online", "stanza-create")
    _, look = planned(look_at_archive, world.tools, environment="production")
    evidence = run(look, world.tools, RUN)[2]
    assert evidence.light == "red"
