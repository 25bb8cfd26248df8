"""Edit, delete, reorder, cut, insert: each is found by drbot and by the exported program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.store import journal
from tests.journal.conftest import Archive

SWAP = (
    "UPDATE journal SET seq = 100 WHERE seq = 3",
    "UPDATE journal SET seq = 3 WHERE seq = 5",
    "UPDATE journal SET seq = 5 WHERE seq = 100",
)
INSERT = (
    "UPDATE journal SET seq = seq + 100 WHERE seq > 4",
    "UPDATE journal SET seq = seq - 99 WHERE seq > 100",
    "INSERT INTO journal SELECT 5, at, kind, actor, 7, run, data, hash, hash FROM journal WHERE seq = 4",
)


@pytest.mark.parametrize(
    ("statements", "at", "why"),
    [
        (("UPDATE journal SET data = replace(data, '5', '6') WHERE seq = 5",), 5, "changed after"),
        (("UPDATE journal SET actor = 'eve' WHERE seq = 7",), 7, "changed after"),
        (("UPDATE journal SET data = data || ' ' WHERE seq = 1",), 1, "changed after"),
        (("DELETE FROM journal WHERE seq = 4",), 5, "entry 4 is missing"),
        (SWAP, 3, "not chained"),
        (INSERT, 5, "changed after"),
        (("UPDATE journal SET data = X'00ff' WHERE seq = 5",), 5, "changed after"),
        (("UPDATE journal SET run = 0 WHERE seq = 5",), 5, "changed after"),
        (("DELETE FROM journal WHERE seq > 10",), 11, "entries 11 to 12 were cut off"),
        (("DELETE FROM journal",), 1, "entries 1 to 12 were cut off"),
    ],
)
def test_tampering_with_the_store_is_found_by_both(
    archive: Archive, statements: tuple[str, ...], at: int, why: str
) -> None:
    kept = journal.Kept.parse(str(archive.head))
    assert journal.examine(archive.store, kept, page=5).broken is None
    archive.tamper(*statements)
    broken = journal.examine(archive.store, kept, page=5).broken
    assert broken is not None
    assert (broken.seq, why in broken.why) == (at, True), broken
    archive.export()
    outside = archive.check("out", archive.head.hash)
    assert outside.code == 1
    assert outside.said.startswith("BROKEN: ")


def test_a_journal_written_anew_is_found_by_the_kept_hash_only(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Archive(tmp_path / "other")
    assert journal.examine(other.store).broken is None
    broken = journal.examine(other.store, journal.Kept.parse(str(archive.head))).broken
    assert broken is not None
    assert (broken.seq, "written anew" in broken.why) == (12, True)
    without_number = journal.examine(other.store, journal.Kept(archive.head.hash)).broken
    assert without_number is not None
    assert "no entry has the hash" in without_number.why
    other.export()
    assert other.check().code == 0
    assert "is of no entry" in other.check("out", archive.head.hash).said
    other.store.close()


def test_a_kept_hash_goes_on_holding_while_the_journal_grows(archive: Archive) -> None:
    archive.store.write(lambda tx: journal.append(tx, archive.entry(13)))
    verdict = journal.examine(archive.store, journal.Kept(archive.head.hash))
    assert verdict.broken is None
    assert verdict.head.seq == 13
    archive.export()
    assert "holds the hash that was kept elsewhere" in archive.check("out", str(archive.head)).said


@pytest.mark.parametrize(
    "text", ["", "x", "12", "12:", "g" * 64, f"-1:{'a' * 64}", "a" * 63, f"{'a' * 64} or"]
)
def test_what_is_no_hash_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no hash of the journal"):
        journal.Kept.parse(text)


def edit(lines: list[str]) -> None:
    entry = json.loads(lines[2])
    entry["data"] = entry["data"].replace("ação", "nada")
    lines[2] = json.dumps(entry, ensure_ascii=False)


def swap(lines: list[str]) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def delete(lines: list[str]) -> None:
    del lines[2]


def cut(lines: list[str]) -> None:
    del lines[-1]


def insert(lines: list[str]) -> None:
    lines.insert(2, lines[1])


def append(lines: list[str]) -> None:
    lines.append(lines[1])


def spoil(lines: list[str]) -> None:
    lines[2] = lines[2][:-1]


Change = Callable[[list[str]], None]


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("entries.jsonl", edit, "entry 5: it was changed after it was written"),
        ("entries.jsonl", swap, "entry 5: entries.jsonl has entry 7 in its place"),
        ("entries.jsonl", delete, "entry 5: entries.jsonl has entry 7 in its place"),
        ("entries.jsonl", cut, "entry 11: it is missing in entries.jsonl"),
        ("entries.jsonl", insert, "entry 5: entries.jsonl has entry 3 in its place"),
        ("entries.jsonl", append, "entry 3: chain.csv knows of no such entry"),
        ("entries.jsonl", spoil, "entries.jsonl, line 3: it is not an entry"),
        ("chain.csv", swap, "entry 2: chain.csv has entry 3 in its place"),
        ("chain.csv", delete, "entry 2: chain.csv has entry 3 in its place"),
        ("chain.csv", cut, "entry 12: the chain ends at entry 11, head.txt says 12"),
        ("chain.csv", insert, "entry 2: chain.csv has entry 1 in its place"),
        ("chain.csv", spoil, "chain.csv, line 3: exported is neither yes nor no"),
        ("head.txt", delete, "head.txt does not name"),
    ],
)
def test_tampering_with_the_folder_is_found_at_its_entry(
    archive: Archive, file: str, change: Change, said: str
) -> None:
    archive.export()
    assert archive.check().code == 0
    path = archive.root / "out" / file
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    change(lines)
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    found = archive.check()
    assert (found.code, said in found.said) == (1, True), found.said


@pytest.mark.parametrize(
    ("file", "was", "becomes", "said"),
    [
        ("entries.jsonl", "note-added", "\\ud800", "entry 1: it was changed after it was written"),
        ("entries.jsonl", "{", "[" * 100_000, "entries.jsonl, line 1: it is not an entry"),
        (
            "entries.jsonl",
            '"run": null',
            f'"run": {"9" * 6_000}',
            "entries.jsonl, line 1: it is not an entry",
        ),
        ("head.txt", "INC-7", "INC-9", "entry 1: it is of INC-7, head.txt says INC-9"),
        ("head.txt", "INC-7", "INC-7\x1b[2J", "head.txt does not name"),
        ("head.txt", "seq 12", "seq \u2028é", "head.txt does not name"),
    ],
)
def test_a_hostile_folder_is_broken_and_no_trace(
    archive: Archive, file: str, was: str, becomes: str, said: str
) -> None:
    archive.export()
    path = archive.root / "out" / file
    path.write_text(path.read_text(encoding="utf-8").replace(was, becomes, 1), encoding="utf-8")
    found = archive.check()
    assert (found.code, said in found.said) == (1, True), found.said


@pytest.mark.parametrize("seq", [-1, 0])
def test_nothing_is_put_before_the_first_entry(archive: Archive, seq: int) -> None:
    archive.tamper(
        f"INSERT INTO journal VALUES ({seq}, '2020', 'note-added', 'eve', 7, NULL, '{{}}', '', '')"
    )
    broken = journal.verify(archive.store)
    assert broken is not None
    assert (broken.seq, "nothing comes before it" in broken.why) == (seq, True)


def test_every_byte_of_the_entries_counts(archive: Archive) -> None:
    """Whatever a line says otherwise, its hash or its form no longer holds."""
    archive.export()
    path = archive.root / "out" / "entries.jsonl"
    whole = path.read_text(encoding="utf-8")
    first = json.loads(whole.split("\n")[0])
    for name, other in [
        ("at", "2020"),
        ("kind", "x"),
        ("actor", "x"),
        ("incident", 8),
        ("run", 1),
        ("data", "{}"),
    ]:
        changed = json.dumps(first | {name: other}, ensure_ascii=False)
        path.write_text("\n".join([changed, *whole.split("\n")[1:]]), encoding="utf-8")
        assert "BROKEN: entry 1: it was changed after it was written" in archive.check().said, name


def test_a_missing_file_is_told_without_a_trace(archive: Archive) -> None:
    archive.export()
    (archive.root / "out" / "chain.csv").unlink()
    found = archive.check()
    assert (found.code, "cannot be read" in found.said) == (1, True)
