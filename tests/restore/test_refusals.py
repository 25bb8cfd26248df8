"""What a restore refuses before it loads anything, or tells where only a person can judge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.backups.choice import Manifest
from actions.plan import Context, NotVerified, Refused
from actions.restores.doubts import of_another_system
from actions.restores.restore import restore_database
from actions.tools.postgres.original import Original
from bot.plan.models import DrPlan
from bot.toolbox import PlanToolbox
from tests.actions.conftest import World, publish
from tests.actions.running import planned, run
from tests.real.s3 import moto
from tests.restore.conftest import Made

RUN = 76
GIVEN = {"environment": "staging"}


@pytest.mark.disaster(8, 45)
def test_another_server_at_the_same_address_is_refused_until_shown_anew(world: World) -> None:
    facts, plan = planned(restore_database, world.tools, **GIVEN)
    elsewhere = replace(facts, target=replace(facts.target, system_identifier="7000000000000000001"))
    assert "is another database than the one that was shown" in str(restore_database.drift(elsewhere, facts))
    old = restore_database.plan(restore_database.read_params(GIVEN), elsewhere)
    with pytest.raises(Refused, match="is not the database that was shown any more: nothing was changed"):
        old.before[0].do(Context(world.tools, RUN))
    assert len(plan.before) == len(old.before)


@pytest.mark.disaster(27)
def test_a_backup_that_vanished_is_never_replaced_by_another_in_silence(
    world: World, backup: tuple[Manifest, bytes]
) -> None:
    older = replace(world.manifest, key=world.manifest.key.replace("20261122", "20261121"))
    publish(world.bucket, older, backup[1])
    _, plan = planned(restore_database, world.tools, **GIVEN)
    world.bucket.delete(world.manifest.key)
    with pytest.raises(Refused, match=r"is not there \(any more\): list the backups again and choose one"):
        run(plan, world.tools, RUN)
    with pytest.raises(Refused, match=r"is not there \(any more\)"):
        plan.steps[0].do(Context(world.tools, RUN))
    assert world.relatives() == set()


@pytest.mark.disaster(35)
@pytest.mark.parametrize(
    ("storage", "takes"), [("GLACIER", "3 to 5 hours"), ("DEEP_ARCHIVE", "12 to 48 hours")]
)
def test_an_archived_backup_says_how_long_it_takes_to_bring_it_back(
    world: World, backup: tuple[Manifest, bytes], storage: str, takes: str
) -> None:
    with moto() as imitation:
        bucket = imitation.bucket()
        key = bucket.prefix + world.manifest.key.rsplit("/", 1)[-1]
        publish(bucket, replace(world.manifest, key=key), backup[1], key)
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=backup[1], StorageClass=storage)  # type: ignore[arg-type]  # one of its words
        tools = replace(world.tools, buckets={"production": bucket})
        with pytest.raises(Refused, match=f"brought back from there first, which takes {takes}"):
            planned(restore_database, tools, **GIVEN)


@pytest.mark.disaster(38)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_what_is_absent_is_told_by_the_inventory(world: World, archive: Made, kind: str) -> None:
    manifest = archive.manifest if kind == "archive" else world.manifest
    data = archive.data if kind == "archive" else world.bucket.read(world.manifest.key)
    Made(replace(manifest, inventory={**manifest.inventory, "views": 3, "triggers": 1}), data).into(world)
    _, plan = planned(restore_database, world.tools, **GIVEN)
    with pytest.raises(NotVerified, match="0 triggers, the manifest says 1; 1 views, the manifest says 3"):
        run(plan, world.tools, RUN)
    assert world.relatives() == set()


@pytest.mark.disaster(51)
def test_a_backup_of_another_server_is_an_objection_where_customers_have_data(world: World) -> None:
    facts, _ = planned(restore_database, world.tools, **GIVEN)
    elsewhere = replace(world.manifest, system_identifier="7000000000000000001")
    full = replace(facts.target, size_bytes=2_000_000_000)
    (said,) = of_another_system(full, elsewhere)
    assert "made on another server (7000000000000000001)" in said
    assert list(of_another_system(full, world.manifest)) == []
    assert list(of_another_system(facts.target, elsewhere)) == [], "a new server is empty"
    assert list(of_another_system(full, None)) == []


@pytest.mark.disaster(5)
def test_a_manifest_of_the_other_format_is_refused(world: World, archive: Made) -> None:
    Made(replace(archive.manifest, kind="plain"), archive.data).into(world)
    key = f"{world.bucket.prefix}belezza_production_20261124_020000.dump"
    publish(world.bucket, replace(archive.manifest, key=key, kind="plain"), archive.data, key)
    with pytest.raises(Refused, match=r"speaks of another object .*\.dump, plain"):
        planned(restore_database, world.tools, **GIVEN)


@pytest.mark.disaster(16)
def test_too_little_room_for_an_archive_is_told_with_both_numbers(
    world: World, archive: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.into(world)
    monkeypatch.setattr("actions.tools.dumps.spool.spool_free_bytes", lambda: 5_000_000)
    with pytest.raises(Refused, match=r"is put into .* for loading \(\d+ MB\), but 5 MB are free .* TMPDIR"):
        planned(restore_database, world.tools, **GIVEN)


def test_how_copies_are_made_harmless_is_known_where_the_original_is_out_of_reach() -> None:
    database = {"name": "x", "url_env": "UNSET", "defuse": ["DELETE FROM mail"], "newest": ["mail.at"]}
    plan = DrPlan.model_validate({"environments": {"production": {"database": database}, "staging": {}}})
    tools = PlanToolbox(plan, {})
    assert tools.original("production") == Original(("DELETE FROM mail",), ("mail.at",))
    assert tools.original("staging") == Original()
    with pytest.raises(Refused, match="has no environment 'nowhere'"):
        tools.original("nowhere")
