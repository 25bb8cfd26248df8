"""drbot's own memory copied while it works: one moment, private, the oldest dropped."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from actions.plan import Refused
from bot.domain.answer import UsageError
from bot.domain.entry import NewEntry
from bot.domain.run import RunState
from bot.self_dr import back_up
from bot.self_dr.backup import copier, describe
from bot.self_dr.keeping import thin_out
from bot.self_dr.place import S3Prefix
from bot.store.copying import copy_memory
from bot.store.database import Tx
from bot.store.identity import identity
from bot.store.journal import append
from tests.real.s3 import BUCKET, KEYS, RealS3
from tests.self_dr.memories import NOW, Memories, both, bring_back


@both
def test_a_copy_is_one_moment_while_the_bot_writes(memories: Memories, tmp_path: Path, engine: str) -> None:
    """Ten writers at it: the chain of every copy holds, and two rows of one transaction are both there."""
    before = memories.open(memories.url(engine))
    stop = threading.Event()

    def work(tx: Tx) -> None:
        append(tx, NewEntry("noted", "ana", {}), NewEntry("noted", "ana", {}))

    def write() -> None:
        while not stop.is_set():
            before.store.write(work)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    try:
        heads = [back_up(before.url, str(tmp_path / "copies"), {}).manifest.head.seq for _ in range(5)]
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert heads == sorted(heads)
    assert heads[-1] > heads[0]
    assert all(head % 2 == 0 for head in heads)


def test_of_a_place_the_newest_copy_is_taken_and_the_oldest_are_dropped(
    memories: Memories, tmp_path: Path
) -> None:
    before = memories.open(memories.url("sqlite"))
    identity(before.store)
    place = tmp_path / "copies"
    foreign = place / "drbot-20200101T000000Z-abcd"
    other = memories.open(memories.url("sqlite"))
    identity(other.store)
    theirs = back_up(other.url, str(place), {}, clock=lambda: NOW - timedelta(days=9)).where
    foreign.mkdir()
    (foreign / "notes.txt").write_text("somebody's")
    made = []
    for day in range(4):
        before.verified()
        moment = NOW + timedelta(days=day)
        made.append(back_up(before.url, str(place), {}, keep=2, clock=lambda at=moment: at).where)  # type: ignore[misc]
    assert [Path(one).exists() for one in made] == [False, False, True, True]
    assert Path(theirs).exists()
    assert (foreign / "notes.txt").exists()
    # a clock that went back a week: the newest copy is not taken for the oldest
    late = back_up(before.url, str(place), {}, keep=2, clock=lambda: NOW - timedelta(days=7)).where
    assert Path(late).exists()
    shutil.rmtree(late)
    shutil.rmtree(theirs)
    url = memories.url("sqlite")
    bring_back(url, place)
    assert memories.open(url).states()["RUN-4"] is RunState.VERIFIED


def test_a_copy_lets_nobody_else_read(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    assert Path(where).stat().st_mode & 0o077 == 0
    assert [one.name for one in (tmp_path / "copies").iterdir()] == [Path(where).name]


def test_s3_keeps_copies_too(memories: Memories, s3: RealS3, tmp_path: Path) -> None:
    s3.bucket().client.create_bucket(Bucket=BUCKET)
    environment = {
        "AWS_ENDPOINT_URL": s3.endpoint_url,
        "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
    }
    before = memories.open(memories.url("sqlite"))
    identity(before.store)
    place = f"s3://{BUCKET}/own/{tmp_path.name}/"
    made = []
    for day in range(3):
        before.verified()
        moment = NOW + timedelta(days=day)
        made.append(back_up(before.url, place, environment, 2, lambda at=moment: at).where)  # type: ignore[misc]
    assert made[-1].startswith(place)
    url = memories.url("sqlite")
    bring_back(url, place.rstrip("/"), environment=environment)
    assert len(memories.open(url).states()) == 4
    with pytest.raises(UsageError, match="there is no copy"):
        bring_back(memories.url("sqlite"), made[0], environment=environment)
    bring_back(memories.url("sqlite"), made[1], environment=environment)


def test_what_a_killed_copy_left_is_no_copy_and_is_swept_a_day_later(
    memories: Memories, tmp_path: Path
) -> None:
    before = memories.open(memories.url("sqlite"))
    place = tmp_path / "copies"
    old, new = place / ".drbot-20260101T000000Z-aaaa.part", place / ".drbot-20260102T000000Z-bbbb.part"
    for one in (old, new):
        one.mkdir(parents=True)
        (one / "memory.db").write_bytes(b"half")
        (one / "manifest.json").write_text("{")
    os.utime(old, (0, 0))
    where = back_up(before.url, str(place), {}).where
    assert sorted(one.name for one in place.iterdir()) == [new.name, Path(where).name]


def test_what_cannot_be_read_stops_no_copy_and_no_thinning_out(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    identity(before.store)
    place = tmp_path / "copies"
    made = []
    for day in range(4):
        for name, text in (("dead", "{"), ("beef", '{"format": 2}')):
            odd = place / f"drbot-2026112{day}T010000Z-{name}"
            odd.mkdir(parents=True)
            (odd / "manifest.json").write_text(text)
        moment = NOW + timedelta(days=day)
        made.append(back_up(before.url, str(place), {}, keep=2, clock=lambda at=moment: at))  # type: ignore[misc]
    assert [Path(one.where).exists() for one in made] == [False, False, True, True]
    assert len([one for one in place.iterdir() if one.name.endswith(("dead", "beef"))]) == 8
    told = " ".join(made[-1].notes)
    assert "left as they are, because they cannot be read: drbot-20261123T010000Z-dead (" in told
    assert "and 5 more" in told
    said = copier(before.url, {})(str(place), 2)
    assert "2 copies kept; it is on the same disk as the memory" in said
    assert "cannot be read" in said


def test_what_may_not_be_deleted_is_told_and_the_copy_is_made(memories: Memories, s3: RealS3) -> None:
    """Rights without s3:DeleteObject, as the plan recommends: the hourly copy is no failure for that."""

    class Kept(S3Prefix):
        def forget(self, name: str) -> None:
            raise Refused(f"S3 refuses {name} (AccessDenied)")

    before = memories.open(memories.url("sqlite"))
    identity(before.store)
    bucket = replace(s3.bucket(), prefix="undeletable/")
    with contextlib.suppress(bucket.client.exceptions.BucketAlreadyOwnedByYou):
        bucket.client.create_bucket(Bucket=BUCKET)
    place = Kept(bucket)
    names = [f"drbot-2026112{day}T030000Z-0000" for day in range(3)]
    for name in names:
        copy = memories.folder / f"{name}.db"
        copy_memory(before.url, copy)
        manifest = describe(copy, f"{name[6:10]}-{name[10:12]}-{name[12:14]}T03:00:00.000000Z")
        place.write(name, copy, manifest.written())
    told = list(thin_out(place, names[-1], manifest, 1))
    assert told == [
        f"more than 1 are kept, because they cannot be deleted: {names[1]} (S3 refuses {names[1]}"
        f" (AccessDenied)), {names[0]} (S3 refuses {names[0]} (AccessDenied))"
    ]
    assert place.names() == names[::-1]


def test_no_copy_goes_to_a_disk_that_is_not_mounted(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    with pytest.raises(UsageError, match=r"there is no folder .*/nas/drbot: mount its disk, or make it"):
        back_up(before.url, str(tmp_path / "nas" / "drbot" / "copies"), {})
    assert not (tmp_path / "nas").exists()
    (tmp_path / "nas").mkdir()  # a mount point is there with nothing mounted, too
    copied = back_up(before.url, str(tmp_path / "nas" / "drbot"), {})
    assert copied.notes == ("it is on the same disk as the memory: whoever loses that disk loses both",)


def test_another_disk_is_another_disk(memories: Memories) -> None:
    shm = Path("/dev/shm")
    before = memories.open(memories.url("sqlite"))
    if not shm.is_dir() or shm.stat().st_dev == memories.folder.stat().st_dev:
        pytest.skip("there is no second file system here")
    with tempfile.TemporaryDirectory(dir=shm) as elsewhere:
        assert back_up(before.url, elsewhere, {}).notes == ()
