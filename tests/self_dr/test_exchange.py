"""The exchange of the memory for a new one: alone, in one move, and nothing of the old one lost."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.answer import Refusal
from bot.self_dr import memory_file
from bot.self_dr.memory_file import Unconfirmed, damage
from bot.store.copying import load_file
from bot.store.database import StoreDown
from bot.store.journal import examine
from bot.store.opening import open_store
from tests.self_dr.losing import AFTER, BEFORE
from tests.self_dr.lost_host import gone, is_the_copy, url_of
from tests.self_dr.memories import bring_back

ROOT = Path(__file__).parents[2]


def test_one_restore_at_a_time(root: Path) -> None:
    at_work = pytest.raises(Refusal, match="another restore is at work in")
    with memory_file.alone(root / "drbot.db"), at_work:
        bring_back(url_of(root), root / "copies", replace=True)
    bring_back(url_of(root), root / "copies", replace=True)


def test_what_somebody_began_meanwhile_is_not_lost(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone(root / "drbot.db")
    (root / "drbot.db-wal").unlink()
    restoring = sys.modules["bot.self_dr.restore"]
    settle = restoring.settle

    def slow(*given: object) -> object:
        with closing(open_store(url_of(root))):
            return settle(*given)

    monkeypatch.setattr(restoring, "settle", slow)
    with pytest.raises(Refusal, match=r"somebody wrote to .* meanwhile: add replace=yes"):
        bring_back(url_of(root), root / "copies")
    assert damage(root / "drbot.db") == ""


def test_a_link_to_the_memory_stays_a_link(root: Path) -> None:
    (root / "disk").mkdir()
    for one in root.glob("drbot.db*"):
        one.rename(root / "disk" / one.name)
    (root / "drbot.db").symlink_to(root / "disk" / "drbot.db")
    bring_back(url_of(root), root / "copies", replace=True)
    assert (root / "drbot.db").is_symlink()
    is_the_copy(root, "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_leaves_the_memory_to_whoever_had_it(root: Path) -> None:
    os.chown(root / "drbot.db", 12345, 12345)
    bring_back(url_of(root), root / "copies", replace=True)
    assert (root / "drbot.db").stat().st_uid == 12345


def test_nothing_is_loaded_into_what_is_there(root: Path) -> None:
    half = root / "half"
    copy = next((root / "copies").iterdir()) / "memory.db"
    load_file(copy, half)
    with pytest.raises(FileExistsError):
        load_file(copy, half)


def test_a_disk_that_confirms_nothing_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def confirm(path: Path) -> None:
        asked.append(path)
        if len(asked) == 2:  # after the exchange
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(memory_file, "_to_disk", confirm)
    with pytest.raises(Unconfirmed, match=r"the memory is back, but the disk of .* does not confirm it"):
        bring_back(url_of(root), root / "copies", replace=True)
    is_the_copy(root, "unconfirmed")


def test_a_file_system_without_links_keeps_a_copy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    done = bring_back(url_of(root), root / "copies", replace=True)
    with closing(open_store(f"sqlite:///{done.kept}")) as kept:
        assert examine(kept).head.seq == BEFORE + AFTER


def test_a_memory_that_cannot_be_opened_for_another_reason_is_told(root: Path) -> None:
    (root / "drbot.db").unlink()
    (root / "drbot.db").mkdir()
    with pytest.raises((StoreDown, OSError)):
        bring_back(url_of(root), root / "copies")
