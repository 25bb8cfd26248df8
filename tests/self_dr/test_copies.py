"""drbot's own memory copied while it works: one moment, private, on a disk that is there."""

from __future__ import annotations

import os
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.answer import UsageError
from bot.domain.entry import NewEntry
from bot.self_dr import back_up
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
