"""Reading backups and their copies back: what is whole, what is not, and what that proves."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from actions.backups.back_up import back_up_database
from actions.backups.choice import list_backups
from actions.backups.make import dump_database
from actions.backups.publish import as_json
from actions.backups.verify import verify_backup
from actions.plan import Evidence, NotVerified, Refused
from actions.tools.dumps.copies import BackupFormat
from tests.actions.running import planned, run
from tests.backups.conftest import World

RUN = 21
ASKED = {"environment": "production"}


@pytest.fixture
def backed_up(world: World) -> World:
    _, plan = planned(back_up_database, world.tools, **ASKED)
    run(plan, world.tools, RUN)
    return world


def test_a_backup_and_its_copies_are_read_back_whole(backed_up: World) -> None:
    facts, plan = planned(verify_backup, backed_up.tools, **ASKED)
    done = run(plan, backed_up.tools, RUN, times=2)
    assert [one.light for one in done[2::2]] == ["green", "green", "green", ""]
    assert "names the rows of 6 tables" in done[-3].said
    assert "not that it loads" in done[-1].said
    assert facts.copies == ("local", "second region")


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.disaster(3, 1, 59)
@pytest.mark.parametrize("kind", ["archive", "plain"])
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (flip, "is not what was written|packing is damaged"),
        (lambda data: data[: len(data) // 2], "speaks of another object"),
        (lambda data: b"", "speaks of another object"),
    ],
    ids=["flipped", "cut", "empty"],
)
def test_a_damaged_one_is_found_out(
    world: World, kind: BackupFormat, damage: Callable[[bytes], bytes], says: str
) -> None:
    manifest = dump_database(world.server, world.bucket, "production", datetime.now(UTC), kind=kind)
    alone = world.keeps(copies=())
    world.bucket.put(manifest.key, damage(world.bucket.read(manifest.key, 10**9)))
    with pytest.raises((NotVerified, Refused), match=says):
        verify(alone)


def verify(world: World) -> list[Evidence]:
    _, plan = planned(verify_backup, world.tools, **ASKED)
    return run(plan, world.tools, RUN)


@pytest.mark.disaster(47)
def test_a_checksum_that_does_not_fit_is_found_out(world: World) -> None:
    manifest = dump_database(world.server, world.bucket, "production", datetime.now(UTC))
    world.bucket.delete(manifest.key + ".manifest.json")
    alone = world.keeps(copies=())
    assert [one.light for one in verify(alone)][-2] == "amber", "a checksum proves less"
    world.bucket.put(manifest.key + ".sha256", b"0" * 64)
    with pytest.raises(NotVerified, match="its checksum only says 000000000000"):
        verify(alone)


@pytest.mark.disaster(2)
@pytest.mark.parametrize("kind", ["plain", "archive"])
def test_one_that_was_cut_before_it_was_hashed_is_found_out(world: World, kind: BackupFormat) -> None:
    """The packing is whole and the checksum fits, for both were made of what had been cut already."""
    manifest = dump_database(world.server, world.bucket, "production", datetime.now(UTC), kind=kind)
    data = world.bucket.read(manifest.key, 10**9)
    cut = gzip.compress(gzip.decompress(data)[:-300]) if kind == "plain" else b"PGDMP" + data[40:]
    world.bucket.put(manifest.key, cut)
    described = replace(manifest, sha256=hashlib.sha256(cut).hexdigest(), size_bytes=len(cut))
    world.bucket.put(manifest.key + ".manifest.json", as_json(described))
    with pytest.raises(NotVerified, match=r"last line is missing|cannot read its table of contents"):
        verify(world.keeps(copies=()))


def test_bad_copies_are_told_and_the_backup_is_read_all_the_same(backed_up: World) -> None:
    newest = list_backups(backed_up.bucket)[0]
    damaged = flip((backed_up.folder / newest.file_name).read_bytes())
    (backed_up.folder / newest.file_name).write_bytes(damaged)
    backed_up.far.delete(backed_up.far.prefix + newest.file_name)
    _, plan = planned(verify_backup, backed_up.tools, **ASKED)
    done = run(plan, backed_up.tools, RUN)
    assert [one.light for one in done[1:]] == ["red", "amber", "green", ""]
    assert "the copy in local is NOT good" in done[1].said
    assert "has no copy" in done[2].said


@pytest.mark.disaster(29)
def test_one_that_was_overwritten_after_it_was_shown_is_refused(backed_up: World) -> None:
    facts, plan = planned(verify_backup, backed_up.tools, **ASKED)
    backed_up.bucket.put(facts.key, b"x" * facts.size_bytes)
    with pytest.raises(Refused, match="overwritten after it was shown"):
        run(plan, backed_up.tools, RUN)


@pytest.mark.disaster(34)
@pytest.mark.parametrize("wanted", ["../../etc/passwd", "$(id)", "belezza_production_20260231_020000"])
def test_only_an_id_of_the_list_can_be_verified(backed_up: World, wanted: str) -> None:
    with pytest.raises(Refused, match="is not on the list"):
        planned(verify_backup, backed_up.tools, **ASKED, backup=wanted)
