"""Whoever is refused a backup is told how to choose another."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from actions.plan import Refused
from actions.restores.restore import restore_database
from tests.actions.conftest import World, publish
from tests.actions.running import planned, run

HOW = r"`backups production` lists what there is, `restore staging BACKUP` takes one of them\.$"


def test_when_it_is_found_damaged_while_it_is_loaded(world: World) -> None:
    damaged = bytearray(world.bucket.read(world.manifest.key))
    damaged[len(damaged) // 2] ^= 0x10
    manifest = replace(world.manifest, sha256=hashlib.sha256(damaged).hexdigest())
    publish(world.bucket, manifest, bytes(damaged))
    _, plan = planned(restore_database, world.tools, environment="staging")
    with pytest.raises(Refused, match=HOW):
        run(plan, world.tools, 71)


def test_when_its_manifest_cannot_be_read(world: World) -> None:
    world.bucket.put(world.manifest.key + ".manifest.json", b"{not")
    with pytest.raises(Refused, match=rf"the manifest of \S+ cannot be read.*{HOW}"):
        planned(restore_database, world.tools, environment="staging")
