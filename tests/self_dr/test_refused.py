"""What cannot be trusted or read brings nothing back, and is told."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.answer import Refusal, UsageError
from bot.self_dr import back_up
from bot.store.database import StoreDown
from tests.self_dr.memories import Memories, bring_back


def spoil_byte(copy: Path) -> None:
    whole = bytearray((copy / "memory.db").read_bytes())
    whole[len(whole) // 2] ^= 1
    (copy / "memory.db").write_bytes(whole)


def cut_short(copy: Path) -> None:
    whole = (copy / "memory.db").read_bytes()
    (copy / "memory.db").write_bytes(whole[: len(whole) // 2])


def forge(copy: Path) -> None:
    """Somebody edits the journal and writes the right sum beside it: the chain tells."""
    with sqlite3.connect(copy / "memory.db") as memory:
        memory.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    memory.close()
    whole = (copy / "memory.db").read_bytes()
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest |= {"sha256": hashlib.sha256(whole).hexdigest(), "size_bytes": len(whole)}
    (copy / "manifest.json").write_text(json.dumps(manifest))


def other_head(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | {"journal_seq": 1}))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_byte, "is not what was written"),
        (cut_short, "is not what was written"),
        (forge, "The journal is broken at entry 2"),
        (other_head, "does not hold what its manifest says"),
    ],
)
def test_a_copy_that_is_not_whole_brings_nothing_back(
    memories: Memories, tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    before = memories.open(memories.url("sqlite"))
    before.verified()
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    spoil(Path(where))
    url = memories.url("sqlite")
    with pytest.raises(Refusal, match=told):
        bring_back(url, where)
    assert not Path(url.removeprefix("sqlite:///")).exists()


def test_what_is_no_copy_is_said(memories: Memories, tmp_path: Path) -> None:
    url = memories.url("sqlite")
    with pytest.raises(UsageError, match="there is no copy of drbot's memory at"):
        bring_back(url, tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UsageError, match="is no manifest of a copy"):
        bring_back(url, tmp_path)
    with pytest.raises(UsageError, match="names no bucket"):
        bring_back(url, "s3://")
    with pytest.raises(StoreDown, match="there is no memory at"):
        back_up(url, str(tmp_path), {})


def test_a_copy_of_a_newer_drbot_is_left_to_it(memories: Memories, tmp_path: Path) -> None:
    before = memories.open(memories.url("sqlite"))
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    manifest = json.loads((Path(where) / "manifest.json").read_text())
    (Path(where) / "manifest.json").write_text(json.dumps(manifest | {"format": 2, "version": "9.0"}))
    with pytest.raises(UsageError, match=r"written by a newer drbot \(9.0\)"):
        bring_back(memories.url("sqlite"), where)
