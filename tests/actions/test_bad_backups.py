"""Backups that are not what they should be: refused with the reason, and staging stays as it was."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from actions.backups.choice import Extension, Manifest
from actions.plan import Context, Refused
from actions.restores.restore import restore_database
from actions.tools.toolbox import FixedToolbox
from tests.actions.bad_dumps import PROVES, WHILE_RUNNING, Bad
from tests.actions.conftest import World, publish
from tests.actions.running import planned, run

RUN = 70
LATER = "belezza_production_20261123_020000.sql.gz"


CASES = [
    pytest.param(case, id=name, marks=[pytest.mark.disaster(PROVES[name])] if name in PROVES else [])
    for name, case in WHILE_RUNNING.items()
]
UNFIT: list[tuple[int, dict[str, object], str]] = [
    (6, {"environment": "staging"}, "backup is of 'staging'"),
    (11, {"server_version": 990001}, "cannot go back to an older version"),
    (14, {"extensions": (Extension("timescaledb", "2"),)}, "has not the extension timescaledb"),
    (13, {"roles": ("ninguem",)}, "grants rights to ninguem"),
    (15, {"encoding": "LATIN1"}, "LATIN1"),
    (5, {"size_bytes": 5}, "another object"),
    (16, {"database_bytes": 10**15}, "are free"),
    (5, {"format": 99}, "newer than this drbot"),
    (5, {"sha256": "x"}, "64 hexadecimal"),
]


@pytest.mark.parametrize("case", CASES)
def test_a_bad_backup_is_found_out_and_staging_stays(
    world: World, backup: tuple[Manifest, bytes], case: Bad
) -> None:
    before = world.oid(world.staging.database)
    manifest, data = case.make(world, backup[1])
    publish(world.bucket, manifest, data, world.bucket.prefix + LATER)
    _, plan = planned(restore_database, world.tools, environment="staging")

    with pytest.raises(case.kind, match=f"(?s){case.says}"):
        run(plan, world.tools, RUN)

    assert world.oid(world.staging.database) == before
    assert world.relatives() == set(), "no shadow is left"
    assert world.ask("postgres", "select count(*) from pg_roles where rolname = 'dr_restore_70'") == 0
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        pytest.param(changed, says, id=next(iter(changed)), marks=pytest.mark.disaster(number))
        for number, changed, says in UNFIT
    ],
)
def test_a_backup_that_does_not_fit_is_refused_before_anything(
    world: World, backup: tuple[Manifest, bytes], manifest: dict[str, object], says: str
) -> None:
    told = {**msgspec.to_builtins(backup[0]), **msgspec.to_builtins(manifest)}
    key = world.bucket.prefix + LATER
    world.bucket.put(key, backup[1])
    world.bucket.put(key + ".manifest.json", msgspec.json.encode({**told, "key": key}))
    with pytest.raises(Refused, match=says):
        planned(restore_database, world.tools, environment="staging")
    assert world.relatives() == set()


@pytest.mark.disaster(4)
def test_without_a_manifest_a_checksum_may_do_and_that_is_said(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    key = world.bucket.prefix + LATER
    world.bucket.put(key, backup[1])
    world.bucket.put(key + ".sha256", f"{backup[0].sha256}  {LATER}\n".encode())
    _, plan = planned(restore_database, world.tools, environment="staging")
    assert any("checksum but no manifest" in warning for warning in plan.warnings)
    assert ("proof", "checksum only") in plan.facts
    run(plan, world.tools, RUN)
    assert world.ask(world.staging.database, "select count(*) from usuarios") == 2500


@pytest.mark.disaster(4, 31, 48)
def test_without_either_an_older_one_is_taken_and_that_is_said(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    world.bucket.put(world.bucket.prefix + LATER, backup[1])
    facts, plan = planned(restore_database, world.tools, environment="staging")
    assert facts.backup.id == "belezza_production_20261122_020000"
    assert any(
        "newer, but not used: belezza_production_20261123_020000" in warning for warning in plan.warnings
    )
    with pytest.raises(Refused, match="nothing can prove it whole"):
        planned(
            restore_database, world.tools, environment="staging", backup="belezza_production_20261123_020000"
        )


@pytest.mark.disaster(34, 33)
@pytest.mark.parametrize(
    "wanted", ["../../etc/passwd", "$(id)", "belezza_production_20260231_020000", "LATEST", ""]
)
def test_only_an_id_of_the_list_can_be_asked_for(world: World, wanted: str) -> None:
    with pytest.raises(Refused, match="is not on the list"):
        planned(restore_database, world.tools, environment="staging", backup=wanted)


@pytest.mark.disaster(29)
def test_an_object_replaced_after_it_was_shown_is_refused(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    facts, plan = planned(restore_database, world.tools, environment="staging")
    publish(world.bucket, replace(world.manifest, roles=("belezza",)), backup[1] + b"\0", world.manifest.key)
    with pytest.raises(Refused, match="overwritten after it was shown"):
        run(plan, world.tools, RUN)
    with pytest.raises(Refused, match="overwritten after it was shown"):
        plan.steps[0].do(Context(world.tools, RUN))
    assert world.relatives() == set()
    assert facts.backup.etag


@pytest.mark.disaster(25)
def test_prepared_transactions_of_the_target_are_told(world: World) -> None:
    name = world.staging.database
    with world.pg.connect(name, "belezza") as session:
        session.execute("begin")
        session.execute("insert into usuarios values (3)")
        session.execute("prepare transaction 'gone'")
    try:
        with pytest.raises(Refused, match="1 prepared transactions"):
            planned(restore_database, world.tools, environment="staging")
    finally:
        with world.pg.connect(name) as session:
            session.execute("rollback prepared 'gone'")


@pytest.mark.disaster(7)
def test_the_database_that_the_backup_came_from_is_never_the_target(world: World) -> None:
    astray = FixedToolbox(
        {"staging": world.production, "production": world.production}, {"production": world.bucket}
    )
    with pytest.raises(Refused, match=r"the very database.*production's own database"):
        planned(restore_database, astray, environment="staging")


@pytest.mark.disaster(7)
def test_a_database_marked_as_production_is_never_the_target(world: World) -> None:
    with world.pg.connect() as session:
        session.execute(
            f"alter database {world.staging.database} set drbot.environment to 'production'".encode()
        )
    with pytest.raises(Refused, match="marked as 'production'"):
        planned(restore_database, world.tools, environment="staging")
