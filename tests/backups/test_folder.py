"""A folder of backups, and reading ahead: whole files or none, whatever happens on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.failures import Refused, Transient
from actions.tools.dumps.folder import Folder, free_bytes
from actions.tools.dumps.read_ahead import read_ahead


def test_what_is_there_is_whole(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new" / "deep")
    assert folder.list() == ()
    seen = folder.put_stream("a.dump", iter([b"one", b"two"]))
    assert (seen.size_bytes, folder.read("a.dump")) == (6, b"onetwo")
    assert b"".join(folder.stream(seen)) == b"onetwo"
    assert (
        folder.directory.stat().st_mode & 0o777,
        oct(Path(folder.directory, "a.dump").stat().st_mode)[-3:],
    ) == (
        0o700,
        "600",
    )

    def breaks() -> Iterator[bytes]:
        yield b"half"
        raise Transient("the source broke")

    with pytest.raises(Transient, match="the source broke"):
        folder.put_stream("a.dump", breaks())
    assert folder.read("a.dump") == b"onetwo", "what was there before"
    assert [one.key for one in folder.list()] == ["a.dump"]


def test_one_that_was_written_again_is_not_the_one_that_was_chosen(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    seen = folder.put("a.dump", b"one")
    folder.put("a.dump", b"another")
    with pytest.raises(Refused, match="written again"):
        b"".join(folder.stream(seen))
    folder.delete("a.dump")
    folder.delete("a.dump")
    with pytest.raises(Refused, match="is not there"):
        folder.head("a.dump")


@pytest.mark.disaster(34)
@pytest.mark.parametrize("key", ["../a", "/etc/passwd", "a/b", "..", "."])
def test_a_key_is_a_name_and_no_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(Refused, match="no name of a file"):
        Folder(tmp_path).put(key, b"x")


def test_what_the_system_refuses_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Transient, match=r"did not take it: (File exists|Not a directory)"):
        Folder(tmp_path / "file").put("a.dump", b"x")
    (tmp_path / "a.dump.part").symlink_to("/dev/full")
    with pytest.raises(Transient, match="did not take it: No space left on device"):
        Folder(tmp_path).put_stream("a.dump", iter([b"x"]))
    assert not (tmp_path / "a.dump").exists()


def test_free_space_is_known_before_the_folder_is_made(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") == pytest.approx(free_bytes(tmp_path), rel=0.1)


@given(st.lists(st.binary(max_size=50), max_size=300), st.integers(1, 8))
def test_reading_ahead_changes_nothing(chunks: list[bytes], depth: int) -> None:
    assert list(read_ahead(iter(chunks), depth)) == chunks


def test_reading_ahead_raises_what_its_source_raised_in_its_place() -> None:
    def breaks() -> Iterator[bytes]:
        yield b"one"
        raise Refused("no more")

    ahead = read_ahead(breaks())
    assert next(ahead) == b"one"
    with pytest.raises(Refused, match="no more"):
        next(ahead)


def test_a_source_that_is_no_longer_wanted_is_closed() -> None:
    closed = threading.Event()

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            closed.set()

    ahead = read_ahead(endless(), 2)
    next(ahead)
    ahead.close()
    assert closed.wait(5)
