"""A file that is replaced at once, died over at every call that touches the disk, and done again."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from actions.plan import Refused, Transient
from actions.tools.kept_file import FileSeen, KeptFile

FORMER = "A=former\n"
NEW = "A=new\n"
RUN = 7


class Killed(BaseException):
    """As good as kill -9: nothing after it is done."""


def _begun(folder: Path, former: str | None) -> tuple[KeptFile, FileSeen | None]:
    file = KeptFile(folder / ".env")
    if former is not None:
        file.path.write_text(former)
        file.path.chmod(0o640)
    return file, file.see()


def _now(file: KeptFile) -> str | None:
    return file.path.read_text() if file.path.exists() else None


def _around(file: KeptFile) -> set[str]:
    return {found.name for found in file.path.parent.iterdir()}


@pytest.mark.parametrize("former", [None, FORMER])
@pytest.mark.parametrize("call", ["open", "replace", "fsync", "utime", "fchmod", "unlink"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_killed_at_the_nth_call_and_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, former: str | None, call: str, when: str, nth: int
) -> None:
    file, seen = _begun(tmp_path, former)
    _killed_at(monkeypatch, call, when, nth, lambda: _all(file, seen))
    assert _now(file) in (former, NEW)  # whole, whichever
    _all(file, seen)
    assert _now(file) == NEW
    assert (tmp_path / ".env.before-7").read_text() == (former or "")
    assert _around(file) == {".env", ".env.before-7"}
    _killed_at(monkeypatch, call, when, nth, lambda: file.put_back(RUN, seen))
    assert _now(file) in (former, NEW)
    file.put_back(RUN, seen)
    file.put_back(RUN, seen)
    assert _now(file) == former
    assert _around(file) == ({".env"} if former else set())


def _all(file: KeptFile, seen: FileSeen | None) -> None:
    file.keep(RUN, seen)
    file.replace(RUN, NEW, seen)


def _killed_at(
    monkeypatch: pytest.MonkeyPatch, call: str, when: str, nth: int, work: Callable[[], object]
) -> None:
    """Do the work until the nth such call, if there are so many."""
    real = getattr(os, call)
    left = nth

    def deadly(*given: object, **named: object) -> object:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            raise Killed
        done = real(*given, **named)
        if left == 0:
            raise Killed
        return done

    with monkeypatch.context() as patched, contextlib.suppress(Killed):
        patched.setattr(os, call, deadly)
        work()


def test_it_is_private_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, seen = _begun(tmp_path, None)
    modes: list[int] = []
    real = os.fchmod

    def watched(descriptor: int, mode: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        real(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", watched)
    before = os.umask(0)
    try:
        _all(file, seen)
    finally:
        os.umask(before)
    assert modes == [0o600, 0o600]


def test_what_is_at_the_temporary_name_is_not_written_through(tmp_path: Path) -> None:
    file, seen = _begun(tmp_path, FORMER)
    other = tmp_path / "other"
    other.write_text("of another program")
    (tmp_path / "..env.drbot-7").symlink_to(other)
    _all(file, seen)
    assert other.read_text() == "of another program"
    assert _now(file) == NEW


def test_without_what_was_kept_nothing_is_replaced(tmp_path: Path) -> None:
    file, seen = _begun(tmp_path, FORMER)
    with pytest.raises(Refused, match="is not there any more"):
        file.replace(RUN, NEW, seen)
    assert _now(file) == FORMER


def test_a_full_disk_is_told_and_leaves_the_former_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, seen = _begun(tmp_path, FORMER)
    file.keep(RUN, seen)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Transient, match="No space left on device"):
            file.replace(RUN, NEW, seen)
    assert _now(file) == FORMER
    file.replace(RUN, NEW, seen)
    assert _now(file) == NEW
