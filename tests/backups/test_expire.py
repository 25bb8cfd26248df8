"""Letting backups go on real storage: what goes, what stays, twice, and back where versions are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import cast

import msgspec
import pytest

from actions.backups.expire import expire_backups
from actions.backups.expire_survey import ExpireFacts
from actions.backups.leases import leased
from actions.backups.manifest import MANIFEST
from actions.backups.publish import as_json
from actions.backups.rehearsals import NOT_HELD, REHEARSED, NotHeld, Rehearsed
from actions.plan import Context, Plan, Refused
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.copies import CopyPlace
from actions.tools.dumps.folder import Folder
from tests.actions.running import planned, run, undo
from tests.backups.conftest import DAY_S, World, pretended
from tests.real.s3 import RealS3

RUN = 41
KEPT_S = 1.0
DAY = timedelta(days=1)


@pytest.fixture
def brief(world: World) -> World:
    """The plan keeps backups for a second, and at least one verified one."""
    return world.keeps(keep_s=KEPT_S, keep_at_least=1, copies=())


def aged(world: World, *shelves: Bucket) -> None:
    """Wait until the storage says that everything is older than a second."""
    newest = max(seen.modified_at for place in (world.bucket, *shelves) for seen in place.list())
    while datetime.now(UTC) < newest + timedelta(seconds=KEPT_S + 1.1):
        time.sleep(0.05)


def asked(world: World, at_most: int = 20) -> tuple[ExpireFacts, Plan]:
    facts, plan = planned(expire_backups, world.tools, environment="production", at_most=at_most)
    return cast("ExpireFacts", facts), plan


def ids(facts: ExpireFacts) -> list[str]:
    return [one.id for place in facts.places for one in place.victims]


def test_what_is_old_goes_and_the_last_verified_one_stays(brief: World) -> None:
    old = [brief.put(timedelta(hours=hours)) for hours in (5, 4, 3)]
    newest = brief.put(timedelta(seconds=1))
    aged(brief)
    facts, plan = asked(brief)
    assert ids(facts) == old
    done = run(plan, brief.tools, RUN, times=2)
    assert brief.names() == [f"{newest}.dump.zst", f"{newest}.dump.zst.manifest.json"]
    assert any("3 backups deleted" in one.said for one in done)
    assert plan.undo == ()
    assert any("keeps no versions" in warning for warning in plan.warnings)


@pytest.mark.disaster(41)
def test_what_is_younger_than_the_plan_keeps_stays_whatever_its_name_says(world: World) -> None:
    for days in (200, 100, 50):
        world.put(days * DAY)  # old by their names; the storage says that they came just now
    world.put(timedelta(minutes=1))
    facts, plan = asked(world)
    assert ids(facts) == []
    run(plan, world.tools, RUN)
    assert len(world.manifests()) == 4


def test_what_drbot_did_not_make_is_never_touched(brief: World) -> None:
    brief.put(timedelta(hours=9), made_by="")
    brief.put(timedelta(hours=8), format=1, made_by="", kind="plain")
    brief.put(timedelta(hours=7), manifest=False)
    brief.put(timedelta(hours=6), size_bytes=11)
    brief.bucket.put(f"{brief.bucket.prefix}notes.txt", b"x")
    brief.put(timedelta(seconds=1))
    aged(brief)
    facts, _ = asked(brief)
    assert ids(facts) == []


def test_doubtful_ones_do_not_count_among_those_that_stay(brief: World) -> None:
    good = brief.put(timedelta(hours=5))
    doubtful = brief.put(timedelta(hours=1), remark="79 rows, 21 % fewer")
    aged(brief)
    facts, _ = asked(brief)
    assert ids(facts) == [doubtful], f"{good} is the last verified one"


def noted(world: World, name: str, suffix: str = REHEARSED, sha256: str = "0" * 64) -> str:
    """A rehearsal's note beside a backup; its id."""
    said = Rehearsed(7, "2026-11-22T03:00:00Z", 9.5, 100, sha256)
    told = said if suffix == REHEARSED else NotHeld(7, said.at, "rows are missing", sha256)
    world.bucket.put(f"{world.bucket.prefix}{name}.dump.zst{suffix}", msgspec.json.encode(told))
    return name


@pytest.mark.disaster(41)
def test_the_only_one_that_ever_came_back_stays_however_old_and_its_copy_with_it(world: World) -> None:
    copies = (CopyPlace("second region", KEPT_S, bucket=world.far),)
    both = world.keeps(keep_s=KEPT_S, keep_at_least=1, copies=copies)
    now = datetime.now(UTC)
    for shelf in (world.far, world.bucket):
        for age in (31 * DAY, 30 * DAY, timedelta(seconds=1)):
            made = pretended(shelf, now - age)
            shelf.put(made.key, b"x" * made.size_bytes)
            shelf.put(made.key + MANIFEST, as_json(made))
    came_back, also_old, newest = sorted(
        name.removesuffix(".dump.zst") for name in both.names() if name.endswith(".zst")
    )
    noted(both, came_back)
    noted(both, newest, sha256="1" * 64)  # of another content: it says nothing
    aged(both, world.far)
    facts, plan = asked(both)
    assert ids(facts) == [also_old, also_old]
    assert f"{came_back}, the last that came back" in dict(plan.facts)["backups"]
    run(plan, both.tools, RUN, times=2)
    for place in (world.bucket, world.far):
        assert [name for name in both.names(place) if name.endswith(".zst")] == [
            f"{came_back}.dump.zst",
            f"{newest}.dump.zst",
        ]


@pytest.mark.disaster(41)
def test_what_a_rehearsal_disproved_does_not_count_among_those_that_stay(brief: World) -> None:
    good = brief.put(timedelta(hours=9))
    bad = [noted(brief, brief.put(timedelta(hours=hours)), NOT_HELD) for hours in (5, 1)]
    aged(brief)
    facts, plan = asked(brief)
    assert ids(facts) == bad, f"{good} is the last verified one"
    run(plan, brief.tools, RUN)
    assert brief.names() == [f"{good}.dump.zst", f"{good}.dump.zst.manifest.json"], "notes go, too"


@pytest.mark.disaster(40)
def test_one_that_a_restore_reads_now_stays(brief: World) -> None:
    old = [brief.put(timedelta(hours=hours)) for hours in (5, 4)]
    brief.put(timedelta(seconds=1))
    aged(brief)
    with leased(brief.bucket, old[0], 77) as held:
        assert held
        facts, _ = asked(brief)
        assert ids(facts) == old[1:]
    facts, plan = asked(brief)
    assert ids(facts) == old
    with leased(brief.bucket, old[1], 77):  # begun after the plan was shown
        run(plan, brief.tools, RUN)
    assert [name.removesuffix(".dump.zst") for name in brief.names()][:1] == old[1:]


def test_at_most_so_many_in_a_run_the_oldest_first(brief: World) -> None:
    old = [brief.put(timedelta(hours=hours)) for hours in (5, 4, 3, 2)]
    brief.put(timedelta(seconds=1))
    aged(brief)
    facts, _ = asked(brief, at_most=2)
    assert ids(facts) == old[:2]


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_what_changed_since_it_was_shown_is_not_deleted(brief: World, change: str) -> None:
    old = brief.put(timedelta(hours=5))
    brief.put(timedelta(seconds=1))
    aged(brief)
    facts, plan = asked(brief)
    key = facts.places[0].victims[0].key
    if change == "overwritten":
        brief.bucket.put(key, b"another")
    else:
        brief.bucket.delete(key)
    with pytest.raises(Refused, match=r"written again after it was shown|nothing of what was shown is there"):
        run(plan, brief.tools, RUN)
    if change == "overwritten":
        plan.steps[0].do(Context(brief.tools, RUN))
        assert f"{old}.dump.zst" in brief.names()


@pytest.mark.disaster(56, 41)
@pytest.mark.parametrize("off", [DAY, -DAY, timedelta(minutes=11)])
def test_nothing_goes_by_a_clock_that_disagrees(
    brief: World, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    brief.put(timedelta(hours=5))
    brief.put(timedelta(seconds=1))
    aged(brief)
    _, plan = asked(brief)
    wrong: Callable[[Bucket], datetime] = lambda bucket: datetime.now(UTC) + off  # noqa: E731
    monkeypatch.setattr(Bucket, "clock", wrong)
    with pytest.raises(Refused, match="nothing is deleted by a clock that may be wrong"):
        asked(brief)
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="Mend the clocks first"):
            step.do(Context(brief.tools, RUN))
    assert len(brief.manifests()) == 2


def test_the_storages_clock_is_read_from_its_answers(world: World) -> None:
    assert abs(world.bucket.clock() - datetime.now(UTC)) < timedelta(seconds=5)
    assert format_datetime(world.bucket.clock())


def test_each_place_has_days_of_its_own(world: World) -> None:
    folder = Folder(world.folder, world.bucket.stem)
    for hours in (5, 4, 3):
        world.put(timedelta(hours=hours))
        world.put(timedelta(hours=hours), world.far)
        local = pretended(world.bucket, datetime.now(UTC) - timedelta(hours=hours))
        name = local.key.rsplit("/", 1)[-1]
        folder.put(name, b"x" * local.size_bytes)
        folder.put(f"{name}.manifest.json", as_json(replace(local, key=name)))
    copies = (
        CopyPlace("local", KEPT_S, directory=world.folder),
        CopyPlace("second region", 90 * DAY_S, bucket=world.far),
        CopyPlace("gone", KEPT_S, directory=world.folder / "no such folder"),
    )
    both = world.keeps(copies=copies, keep_at_least=1)
    aged(both, world.far)
    facts, plan = asked(both)
    assert [(place.name, len(place.victims)) for place in facts.places] == [
        ("backups", 0),
        ("local", 2),
        ("second region", 0),
        ("gone", 0),
    ]
    run(plan, both.tools, RUN)
    assert len([name for name in folder.list() if name.key.endswith(".dump.zst")]) == 1
    assert len(world.manifests()) == 3


@pytest.mark.parametrize("server", ["s3", "moto_s3"])
def test_where_versions_are_kept_it_can_be_taken_back(
    brief: World, server: str, request: pytest.FixtureRequest
) -> None:
    real = cast("RealS3", request.getfixturevalue(server))
    bucket = replace(real.bucket(), name=f"versioned-{time.monotonic_ns()}")
    bucket.client.create_bucket(Bucket=bucket.name)
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    versioned = replace(brief, bucket=bucket)
    old = versioned.put(timedelta(hours=5))
    versioned.put(timedelta(seconds=1))
    aged(versioned)
    facts, plan = asked(versioned)
    assert (ids(facts), facts.places[0].versioned) == ([old], True)
    before = versioned.names()
    run(plan, versioned.tools, RUN, times=2)
    assert len(versioned.manifests()) == 1
    undo(plan, versioned.tools, RUN, times=2)
    assert versioned.names() == before


def test_what_abandoned_runs_left_goes_after_two_days(brief: World, monkeypatch: pytest.MonkeyPatch) -> None:
    brief.put(timedelta(seconds=1))
    brief.bucket.put(f"{brief.bucket.prefix}.tmp/RUN-3/half.dump", b"x")
    _, plan = asked(brief)
    run(plan, brief.tools, RUN)
    assert len(brief.names()) == 3, "it may be at work"
    monkeypatch.setattr("actions.backups.expire_steps.ABANDONED_AFTER", timedelta(seconds=-5))
    run(plan, brief.tools, RUN)
    assert len(brief.names()) == 2
