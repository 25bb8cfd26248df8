"""Names and manifests of both forms: what is listed, what may be asked for, and old manifests for ever."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from actions.backups.choice import NotBelieved, choose, list_backups, read_manifest, taken_at
from actions.backups.manifest import MANIFEST, Manifest
from actions.plan import Refused
from tests.backups.conftest import World

OLD = {
    "sha256": "0" * 64, "size_bytes": 10, "environment": "production", "database": "belezza",
    "system_identifier": "1", "server_version": 150018, "encoding": "UTF8", "collation": "C", "ctype": "C",
    "database_bytes": 1000, "started_at": "2026-11-01T02:00:00Z", "finished_at": "2026-11-01T02:00:09Z",
    "content": {"tables": {"public.usuarios": {"rows": 5, "hash": "1"}}, "sequences": {}, "large_objects": 0},
    "extensions": [], "roles": [], "format": 1,
}  # fmt: skip


def test_both_forms_are_listed_newest_first(world: World) -> None:
    archive = world.put(timedelta(hours=1))
    plain = world.put(timedelta(hours=2), kind="plain")
    world.bucket.put(f"{world.bucket.prefix}.tmp/RUN-3/{archive}.dump.zst", b"x")
    found = list_backups(world.bucket)
    assert [(one.id, one.kind) for one in found] == [(archive, "archive"), (plain, "plain")]
    assert [one.file_name for one in found] == [f"{archive}.dump.zst", f"{plain}.sql.gz"]
    for wanted in (plain, f"{plain}.sql.gz"):
        assert choose(found, wanted).id == plain


def test_of_two_forms_of_one_moment_one_must_be_named(world: World) -> None:
    name = world.put(timedelta(hours=1))
    at = taken_at(world.bucket.stem, f"{name}.dump.zst")
    assert at is not None
    key = f"{world.bucket.prefix}{name}.sql.gz"
    world.bucket.put(key, b"x" * 10)
    world.bucket.put(key + MANIFEST, msgspec.json.encode({**OLD, "key": key}))
    found = list_backups(world.bucket)
    with pytest.raises(Refused, match="on the list more than once"):
        choose(found, name)
    assert choose(found, f"{name}.sql.gz").kind == "plain"
    assert choose(found, f"{name}.dump.zst").kind == "archive"


def test_a_manifest_of_the_first_format_is_read_for_ever(world: World) -> None:
    key = f"{world.bucket.prefix}{world.bucket.stem}_20261101_020000.sql.gz"
    world.bucket.put(key, b"x" * 10)
    world.bucket.put(key + MANIFEST, msgspec.json.encode({**OLD, "key": key}))
    manifest = read_manifest(world.bucket, list_backups(world.bucket)[0])
    assert (manifest.kind, manifest.run, manifest.made_by, manifest.content.rows) == ("plain", 0, "", 5)


@pytest.mark.disaster(5)
@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"kind": "plain"},
        {"kind": "tar"},
        {"sha256": "x"},
        {"content": 5},
        {"size_bytes": "x"},
    ],
)
def test_what_is_no_manifest_of_it_is_not_believed(world: World, change: dict[str, object]) -> None:
    name = world.put(timedelta(hours=1))
    key = f"{world.bucket.prefix}{name}.dump.zst"
    told = {**OLD, "key": key, "format": 2, "kind": "archive", **change}
    world.bucket.put(key + MANIFEST, msgspec.json.encode(told))
    with pytest.raises(NotBelieved, match=rf"manifest of {name}"):
        read_manifest(world.bucket, list_backups(world.bucket)[0])


def test_what_a_later_drbot_adds_does_not_harm() -> None:
    told = {**OLD, "key": "k", "format": 2, "kind": "archive", "something": {"new": 1}}
    assert msgspec.json.decode(msgspec.json.encode(told), type=Manifest).kind == "archive"
