"""The copies that a place keeps: the oldest are dropped, and what stands in the way is told."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from actions.plan import Refused
from bot.domain.run import RunState
from bot.self_dr import back_up
from bot.self_dr.backup import copier, describe
from bot.self_dr.keeping import thin_out
from bot.self_dr.noted import copy_troubles
from bot.self_dr.place import S3Prefix
from bot.store import schedules
from bot.store.copying import copy_memory
from bot.store.identity import identity
from tests.policy.conftest import plan_of
from tests.real.s3 import BUCKET, RealS3
from tests.self_dr.memories import NOW, Memories, bring_back


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


def test_what_a_scheduled_copy_notes_is_on_the_board(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    odd = tmp_path / "copies" / "drbot-20261123T010000Z-dead"
    odd.mkdir(parents=True)
    (odd / "manifest.json").write_text("{")
    own = {"title": "Own copy", "cron": "0 2 * * *", "action": "self-backup", "params": {"to": "x"}}
    plan = plan_of({"schedules": {"own": own}})
    assert list(copy_troubles(plan, before.store)) == []
    said = copier(before.url, {})(str(tmp_path / "copies"), 2)
    answer = schedules.Answer("own", "2026-11-23T02:00:00.000000Z", said=said, outcome="done")
    before.store.write(lambda tx: schedules.save(tx, answer))
    (told,) = copy_troubles(plan, before.store)
    assert told.title == "Own copy"
    assert told.said.startswith(
        "it is on the same disk as the memory: whoever loses that disk loses both; left"
    )
    assert "cannot be read: drbot-20261123T010000Z-dead (" in told.said
    quiet = schedules.Answer("own", answer.due_at, said=said.partition(";")[0], outcome="done")
    before.store.write(lambda tx: schedules.save(tx, quiet))
    assert list(copy_troubles(plan, before.store)) == []


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
