"""Which copy of a place is brought back, where it holds more than those of one memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.answer import Refusal, UsageError
from bot.self_dr import back_up, restore
from bot.self_dr.choice import current
from bot.self_dr.manifest import Manifest
from bot.store.identity import identity
from tests.self_dr.memories import CHANNEL, NOW, Memories, Memory, bring_back


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "copies"


def copy(memory: Memory, place: Path, hour: int) -> str:
    identity(memory.store)
    return back_up(memory.url, str(place), {}, 48, lambda: NOW + timedelta(hours=hour)).where


def test_a_bot_that_was_begun_before_the_restore_does_not_hide_the_memory(
    memories: Memories, place: Path
) -> None:
    """The host dies, somebody says `dr serve` on the new one, and at :40 its empty memory is copied."""
    lost = memories.open(memories.url("sqlite"))
    lost.verified()
    wanted = copy(lost, place, 0)
    fresh = memories.open(memories.url("sqlite"))
    fresh.ask()
    newest = copy(fresh, place, 1)
    fresh.store.close()
    with pytest.raises(Refusal) as refused:
        bring_back(fresh.url, place, replace=True)
    said = str(refused.value)
    assert "there are copies of 2 memories at" in said
    assert "Nothing was changed" in said
    assert f"`dr self restore {newest}` (1 journal entries, copied at 2026-11-23 04:00 UTC on " in said
    assert f"`dr self restore {wanted}` (" in said
    bring_back(fresh.url, wanted, replace=True)
    assert "RUN-1" in memories.open(fresh.url).states()


def test_a_memory_that_was_brought_back_goes_on_in_the_same_place(memories: Memories, place: Path) -> None:
    """The second disaster asks nobody which memory: the journal tells which one continues which."""
    lost = memories.open(memories.url("sqlite"))
    lost.verified()
    for generation in range(3):
        copied = copy(lost, place, generation)
        url = memories.url("sqlite")
        at = NOW + timedelta(hours=generation, minutes=5)
        done = restore(url, str(place), {}, CHANNEL, "ana", clock=lambda at=at: at)  # type: ignore[misc]
        assert done.source == copied
        lost = memories.open(url)
        lost.verified("attic")
    assert len([one for one in lost.states() if one != "RUN-1"]) == 6  # a mark and a run each time


def test_an_old_bot_that_still_lives_is_not_passed_over(memories: Memories, place: Path) -> None:
    old = memories.open(memories.url("sqlite"))
    old.verified()
    copy(old, place, 0)
    url = memories.url("sqlite")
    restore(url, str(place), {}, CHANNEL, "ana", clock=lambda: NOW + timedelta(hours=1))
    new = memories.open(url)
    copy(new, place, 2)
    bring_back(memories.url("sqlite"), place)
    copy(old, place, 3)  # the old host came back, with its bot
    with pytest.raises(Refusal, match="there are copies of 2 memories at"):
        bring_back(memories.url("sqlite"), place)
    told = back_up(new.url, str(place), {}, 48, lambda: NOW + timedelta(hours=4)).notes
    assert [one for one in told if one.startswith("another memory is copied there too (drbot-20261123T06")]


@pytest.mark.parametrize("text", ["{", '{"format": 2}', ""])
def test_a_newest_copy_that_cannot_be_read_is_not_passed_over_in_silence(
    memories: Memories, place: Path, text: str
) -> None:
    memory = memories.open(memories.url("sqlite"))
    whole = copy(memory, place, 0)
    for name in ("drbot-20261122T030000Z-0000", "drbot-20261124T030000Z-0000"):
        (place / name).mkdir()
        (place / name / "manifest.json").write_text(text)
        if name < Path(whole).name:
            bring_back(memories.url("sqlite"), place)  # an old one that nobody wants: no matter
    url = memories.url("sqlite")
    with pytest.raises(Refusal, match=r"newest copy at .* cannot be read: drbot-20261124T") as refused:
        bring_back(url, place)
    assert f"say `dr self restore {whole}`" in str(refused.value)
    bring_back(url, whole)


def test_a_place_where_nothing_can_be_read_says_why(memories: Memories, place: Path) -> None:
    (place / "drbot-20261122T030000Z-0000").mkdir(parents=True)
    (place / "drbot-20261122T030000Z-0000" / "manifest.json").write_text("{")
    with pytest.raises(
        UsageError, match=r"no copy at .* can be read. The newest: drbot-20261122T030000Z-0000"
    ):
        bring_back(memories.url("sqlite"), place)


def test_the_copy_before_a_damaged_one_is_named(memories: Memories, place: Path) -> None:
    memory = memories.open(memories.url("sqlite"))
    before, newest = copy(memory, place, 0), copy(memory, place, 1)
    (Path(newest) / "memory.db").write_bytes(b"half")
    url = memories.url("sqlite")
    with pytest.raises(Refusal, match="is not what was written") as refused:
        bring_back(url, place)
    assert f"nothing was brought back; take the one before it: `dr self restore {before}`" in str(
        refused.value
    )
    (Path(newest) / "memory.db").unlink()
    with pytest.raises(Refusal, match=r"is not whole, memory.db is missing: nothing was brought back; take"):
        bring_back(url, place)
    bring_back(url, before)


def manifest(identity: str, made_at: str, seq: int = 1, **came_from: str) -> Manifest:
    return Manifest(made_at, "host", "1", identity, seq, "hash", "", "sum", 1, {}, came_from)


@pytest.mark.parametrize(
    ("copies", "left"),
    [
        ({"b": manifest("B", "2"), "a": manifest("A", "1")}, ["b", "a"]),
        ({"b": manifest("B", "3", A="2"), "a": manifest("A", "1")}, ["b"]),
        ({"b": manifest("B", "3", A="2"), "a": manifest("A", "4")}, ["b", "a"]),
        ({"c": manifest("C", "5", A="2", B="4"), "b": manifest("B", "3"), "a": manifest("A", "1")}, ["c"]),
        ({"b": manifest("B", "2", seq=0), "a": manifest("A", "1")}, ["a"]),  # a bot that only began
        ({"b": manifest("B", "2", seq=0)}, ["b"]),
        # two that claim to continue each other are no reason to choose one, or none
        ({"b": manifest("B", "1", A="9"), "a": manifest("A", "1", B="9")}, ["b", "a"]),
        ({"a": manifest("A", "1", A="9")}, ["a"]),
    ],
)
def test_what_continues_what(copies: dict[str, Manifest], left: Sequence[str]) -> None:
    assert sorted(own[0] for own in current(copies)) == sorted(left)
