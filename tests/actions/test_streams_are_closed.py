"""Whoever stops reading half-way closes the connection, also while the error that stopped it is looked at."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from actions.backups.checks import check_whole, contents_of
from actions.backups.choice import Manifest, list_backups
from actions.backups.publish import check_stored, copy_to
from actions.plan import NotVerified, Refused
from actions.restores.restore import restore_database
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.aws.s3_stream import stream
from actions.tools.dumps.folder import Folder
from actions.tools.dumps.read import read_contents, seen_to_its_end
from actions.tools.dumps.unpack import gunzip
from actions.tools.dumps.zstd_pack import unpacked
from tests.actions.bad_dumps import WHILE_RUNNING
from tests.actions.conftest import World, publish
from tests.actions.running import planned, run
from tests.real.s3 import RealS3

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef

LATER = "belezza_production_20261123_020000.sql.gz"
NOISE = os.urandom(6_000_000)


@dataclass(frozen=True)
class Watched(Bucket):
    """A place that knows what was opened in it."""

    opened: list[Any] = field(default_factory=list, compare=False)

    def get(self, seen: ObjectSeen, start: int = 0) -> GetObjectOutputTypeDef:
        made = super().get(seen, start)
        self.opened.append(made["Body"])
        return made

    def open_ones(self) -> int:
        return sum(not body._raw_stream.closed for body in self.opened)

    def all_closed(self, within_s: float = 5.0) -> bool:
        """Soon: what is read by a thread of its own is closed by that thread."""
        pause = threading.Event()
        for _ in range(int(within_s / 0.02)):
            if self.open_ones() == 0:
                return True
            pause.wait(0.02)
        return False


def watched(bucket: Bucket) -> Watched:
    return Watched(
        bucket.name, bucket.prefix, bucket.stem, bucket.endpoint_url, bucket.region, bucket.access_key,
        bucket.secret_key,
    )  # fmt: skip


@pytest.fixture
def place(s3: RealS3) -> Watched:
    return watched(s3.bucket())


class Stop(Exception):
    pass


def refuses(said: str) -> None:
    raise Stop(said)


@pytest.mark.parametrize("case", ["psql shell", "copy to program"])
def test_a_restore_that_is_refused_half_way(world: World, backup: tuple[Manifest, bytes], case: str) -> None:
    bad = WHILE_RUNNING[case]
    here = replace(world, bucket=watched(world.bucket))
    manifest, data = bad.make(here, backup[1])
    data += gzip.compress(b"-- more\n" + NOISE.hex().encode())
    publish(here.bucket, replace(manifest, size_bytes=len(data)), data, here.bucket.prefix + LATER)
    _, plan = planned(restore_database, here.tools, environment="staging")
    with pytest.raises(Refused) as caught:
        run(plan, here.tools, 71)
    place = cast(Watched, here.bucket)
    assert place.opened
    assert place.all_closed(), caught.value


@pytest.mark.parametrize("stage", [gunzip, seen_to_its_end])
def test_a_stage_closes_what_it_reads(place: Watched, stage: Any) -> None:
    source = stream(place, place.put(place.prefix + "x", gzip.compress(NOISE, 1)))
    chunks = stage(source)
    next(chunks)
    assert place.open_ones() == 1
    chunks.close()
    assert place.open_ones() == 0


def test_what_is_not_packed_goes_through_as_it_comes_and_is_closed(place: Watched) -> None:
    source = stream(place, place.put(place.prefix + "x", b"PGDMP" + NOISE))
    chunks = cast("Any", unpacked(source))
    next(chunks)
    assert place.open_ones() == 1
    chunks.close()
    assert place.open_ones() == 0


def test_a_copy_that_its_place_does_not_take(
    place: Watched, backup: tuple[Manifest, bytes], tmp_path: Path
) -> None:
    manifest, _ = backup
    key = place.prefix + manifest.key.rsplit("/", 1)[-1]
    large = replace(manifest, key=key, size_bytes=len(NOISE))
    publish(place, large, NOISE, key)

    class Full(Folder):
        def put_stream(self, key: str, chunks: Any) -> ObjectSeen:
            next(chunks)
            raise Stop("no space left")

    with pytest.raises(Stop) as caught:
        copy_to(Full(tmp_path), place, large)
    assert place.opened
    assert place.open_ones() == 0, caught.value


def test_reading_back_that_is_given_up(place: Watched, backup: tuple[Manifest, bytes], world: World) -> None:
    manifest, _ = backup
    key = place.prefix + manifest.key.rsplit("/", 1)[-1]
    large = replace(manifest, key=key, size_bytes=len(NOISE))
    publish(place, large, NOISE, key)
    with pytest.raises(Stop) as caught:
        check_stored(place, place.head(key), large, refuses)
    with pytest.raises(Stop) as other:
        check_whole(place, list_backups(place)[0], world.production, refuses)
    with pytest.raises(NotVerified) as third:
        check_whole(place, list_backups(place)[0], world.production)
    with pytest.raises(NotVerified) as last:
        contents_of(place, key, world.production, None)
    assert len(place.opened) >= 4
    assert place.all_closed(), (caught, other, third, last)


def test_a_program_that_has_read_enough(place: Watched, tmp_path: Path) -> None:
    head = tmp_path / "pg_restore"
    head.write_text("#!/bin/sh\nhead -c 5 > /dev/null\necho '; none'\n")
    head.chmod(0o755)
    source = stream(place, place.put(place.prefix + "x", NOISE))
    assert read_contents(head, source).entries == 0
    assert place.opened
    assert place.all_closed()


def test_the_reader_of_a_stream_may_stop(place: Watched) -> None:
    source = stream(place, place.put(place.prefix + "x", NOISE))

    def half() -> Iterator[bytes]:
        yield next(source)
        source.close()

    assert b"".join(half())
    assert place.open_ones() == 0
