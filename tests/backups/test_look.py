"""Looking at the backups: the newest proven one beside the promise, its copies, its size, its rehearsal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from math import inf

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.backups.choice import taken_at
from actions.backups.look import look_at_backups
from actions.backups.manifest import MANIFEST
from actions.backups.publish import as_json
from actions.backups.rehearsals import REHEARSED, Rehearsed
from actions.plan import Evidence, Refused
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.postgres.content import Content, TableContent
from bot.readiness.board import of_evidence
from tests.actions.running import planned, run
from tests.backups.conftest import World, pretended
from tests.real.s3 import with_keys

HOUR = timedelta(hours=1)


def look(world: World, within: str = "1h") -> Mapping[str, Evidence]:
    _, plan = planned(look_at_backups, world.tools, environment="production", within=within)
    done = run(plan, world.tools, 31)
    return dict(zip(("listed", "age", "copies", "size", "rehearsal"), done, strict=True))


def test_a_young_one_is_green_and_measured_beside_the_promise(world: World) -> None:
    world.put(timedelta(minutes=26))
    found = look(world)["age"]
    assert found.light == "amber", "it was put there long after it says that it was finished"
    assert "26 min old, promised 1h" in found.said
    assert found.values["promised s"] == "3600"
    world.put(timedelta(minutes=2))
    assert look(world)["age"].light == "green"


@pytest.mark.disaster(42)
def test_an_old_one_is_red_for_a_loss_would_break_the_promise(world: World) -> None:
    world.put(26 * HOUR)
    found = look(world)["age"]
    assert found.light == "red"
    assert "26.0 h old, promised 1h: a loss now would break the promise" in found.said


@pytest.mark.disaster(30, 42)
def test_none_at_all_is_red_and_says_where_was_looked(world: World) -> None:
    found = look(world)["age"]
    assert found.light == "red"
    assert f"no proven backup in {world.bucket.place}: 0 dumps without proof, 0 other" in found.said
    assert of_evidence([found]).age_s == inf, "a loss would cost everything, which is known"


@pytest.mark.disaster(31, 4, 48)
def test_an_unfinished_newer_one_is_told_and_not_taken(world: World) -> None:
    good = world.put(timedelta(minutes=9))
    partial = world.put(timedelta(minutes=1), manifest=False)
    world.bucket.put(f"{world.bucket.prefix}.tmp/RUN-7/{partial}.dump.zst", b"half")
    found = look(world)["age"]
    assert found.values["backup"] == good
    assert found.light == "green"
    assert f"newer, but not to be believed: {partial}" in found.said


@pytest.mark.disaster(5)
@pytest.mark.parametrize("change", [{"size_bytes": 11}, {"key": "elsewhere"}, {"version_id": "another"}])
def test_a_manifest_of_another_object_proves_nothing(world: World, change: dict[str, object]) -> None:
    good = world.put(timedelta(minutes=9))
    other = pretended(world.bucket, datetime.now(UTC) - timedelta(minutes=1))
    world.bucket.put(other.key, b"x" * other.size_bytes)
    world.bucket.put(other.key + MANIFEST, as_json(replace(other, **change)))  # type: ignore[arg-type]
    assert look(world)["age"].values["backup"] == good


@pytest.mark.disaster(26)
def test_no_right_is_told_as_no_right_and_never_as_no_backups(world: World) -> None:
    world.put(timedelta(minutes=1))
    stranger = replace(world, bucket=with_keys(world.bucket, "local-key", "wrong"))
    with pytest.raises(Refused, match=r"credentials or bucket policy\. This does not mean that there are no"):
        look(stranger)


@pytest.mark.disaster(32, 56)
def test_a_clock_that_is_a_day_ahead_is_remarked_and_orders_nothing(world: World) -> None:
    ahead = world.put(-24 * HOUR)
    behind = world.put(24 * HOUR)
    found = look(world)["age"]
    assert found.values["backup"] == ahead, "it was uploaded last"
    assert (found.light, "a clock was wrong" in found.said) == ("amber", True)
    age_s = of_evidence([found]).age_s
    assert age_s is not None
    assert age_s < 60, "its upload tells how young it is at the most"
    time.sleep(1.1)  # S3 keeps the time of an upload by the second
    newest = world.put(timedelta(0))
    assert look(world)["age"].values["backup"] == newest
    assert behind not in look(world)["age"].said


class JumpedBucket(Bucket):
    """A storage whose clock jumped ahead with the host's: what bears a later name was put there later."""

    def list(self, limit: int = 100_000, under: str = "") -> tuple[ObjectSeen, ...]:
        return tuple(map(self._later, super().list(limit, under)))

    def _later(self, one: ObjectSeen) -> ObjectSeen:
        named = taken_at(self.stem, one.key.rsplit("/", 1)[-1])
        return replace(one, modified_at=max(one.modified_at, named or one.modified_at))


def jumped(world: World) -> World:
    known = {one.name: getattr(world.bucket, one.name) for one in fields(world.bucket)}
    return replace(world, bucket=JumpedBucket(**known))


@pytest.mark.disaster(56)
def test_one_from_the_future_is_red_and_not_young(world: World) -> None:
    """The host's clock jumped 300 days, a backup was made by it, and the clock was set back."""
    made = world.put(-300 * 24 * HOUR)
    found = look(jumped(world))["age"]
    assert (found.light, of_evidence([found]).age_s) == ("red", None)
    assert f"{made} is dated 300 days ahead of now: a clock is or was wrong" in found.said


@pytest.mark.disaster(56)
def test_beside_one_from_the_future_the_newest_of_the_past_is_judged(world: World) -> None:
    made = [world.put(days * 24 * HOUR) for days in (-300, -2)]
    good = world.put(timedelta(minutes=5))
    found = look(jumped(world))
    assert found["age"].light == "red"
    assert f"{made[0]} (and 1 more) is dated 300 days ahead of now" in found["age"].said
    assert "which backup is the newest is not known" in found["age"].said
    assert "not to be believed" not in found["age"].said
    assert found["age"].values["backup"] == good
    age_s = of_evidence([found["age"]]).age_s
    assert age_s is not None
    assert 300 <= age_s < 400
    assert good in found["copies"].said
    assert good in found["size"].said


@pytest.mark.disaster(56)
@given(ahead_s=st.integers(-86_400, 86_400 * 400))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_its_date_an_age_is_a_number_that_is_not_too_young(world: World, ahead_s: int) -> None:
    """By its own clock and the storage's alike; never green where that is ahead."""
    name = world.put(-timedelta(seconds=ahead_s))
    try:
        found = look(jumped(world))["age"]
    finally:
        for one in world.names():
            if name in one:
                world.bucket.client.delete_object(Bucket=world.bucket.name, Key=world.bucket.prefix + one)
    age_s = of_evidence([found]).age_s
    if ahead_s > 660:
        assert (found.light, age_s) == ("red", None)
    elif ahead_s < 540:
        assert age_s is not None
        assert age_s >= max(0, -ahead_s - 1)


@pytest.mark.disaster(33)
@pytest.mark.parametrize(
    "name", ["belezza_production_20260231_020000.dump.zst", "belezza_production_20261122_020000.dump.zst.bak"]
)
def test_odd_names_are_no_backups(world: World, name: str) -> None:
    world.bucket.put(world.bucket.prefix + name, b"x")
    assert "0 dumps without proof" in look(world)["age"].said


def test_copies_that_are_missing_are_amber(world: World) -> None:
    name = world.put(timedelta(minutes=1))
    found = look(world)["copies"]
    assert (found.light, f"{name} has no copy in local, second region" in found.said) == ("amber", True)
    assert look(world.keeps(copies=()))["copies"].light == ""


@pytest.mark.disaster(36)
def test_one_with_far_fewer_rows_is_amber(world: World) -> None:
    world.put(timedelta(minutes=30))
    assert look(world)["size"].light == "green"
    fewer = Content({"public.usuarios": TableContent(79, "1")})
    name = world.put(timedelta(minutes=1), content=fewer)
    found = look(world)["size"]
    assert found.light == "amber"
    assert f"{name} is smaller than it should be: 79 rows, 21 % fewer than" in found.said


def test_a_rehearsal_is_told_and_its_absence_is_amber(world: World) -> None:
    name = world.put(3 * HOUR)
    assert "no backup that is there was ever restored" in look(world)["rehearsal"].said
    assert look(world)["rehearsal"].light == "amber"
    at = (datetime.now(UTC) - 2 * HOUR).isoformat(timespec="seconds")
    note = msgspec.json.encode(Rehearsed(55, at, 41.5, 100, "0" * 64))
    world.bucket.put(f"{world.bucket.prefix}{name}.dump.zst{REHEARSED}", note)
    world.put(timedelta(minutes=1))
    found = look(world)["rehearsal"]
    assert found.light == "green"
    assert f"{name} was restored by RUN-55 2.0 h ago in 41.5 s" in found.said
