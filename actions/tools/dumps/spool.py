"""A file without a name, for what must be read more than once: gone with whoever holds it, even killed.

It lies where TMPDIR says (by default /tmp). Programs are handed it by its number, `/dev/fd/N`.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from actions.failures import Transient

BY_NUMBER = Path("/proc/self/fd")
RESERVE_BYTES = 64 * 1024 * 1024
LOOK_EVERY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Spooled:
    """What was put into it: how a program opens it, and which numbers it must keep open."""

    path: str
    keep: tuple[int, ...]


def spool_place() -> Path:
    """The folder on whose disk it lies."""
    return Path(tempfile.gettempdir())


def spool_free_bytes() -> int:
    """How much room there is for it."""
    return shutil.disk_usage(spool_place()).free


@contextlib.contextmanager
def spooled(chunks: Iterable[bytes], told: Callable[[int], None] | None = None) -> Iterator[Spooled]:
    """Put the chunks into a file of its own for as long as the block lasts; `told` hears how many bytes.

    Where the system has no files by number (it is not Linux) the file has a name until the block ends.
    Raises Transient where its disk is full, or nearly; whatever the chunks raise goes through.
    """
    anonymous = BY_NUMBER.is_dir()
    made = tempfile.TemporaryFile if anonymous else tempfile.NamedTemporaryFile
    with made(prefix="drbot-restore-") as file:
        size_bytes = looked_at = 0
        for chunk in chunks:
            _write(file.write, chunk)
            size_bytes += len(chunk)
            if size_bytes > looked_at + LOOK_EVERY_BYTES:
                looked_at = size_bytes
                _check_room()
            if told is not None:
                told(size_bytes)
        _write(lambda _: file.flush(), b"")
        number = file.fileno()
        path, keep = (f"/dev/fd/{number}", (number,)) if anonymous else (str(file.name), ())
        yield Spooled(path, keep)


def _write(write: Callable[[bytes], object], data: bytes) -> None:
    try:
        write(data)
    except OSError as error:
        raise Transient(
            f"the disk of {spool_place()}, where the backup is put for loading, does not take it:"
            f" {error.strerror}. Nothing was changed; make room there, or set TMPDIR to a larger place"
        ) from error


def _check_room() -> None:
    """Others need that disk, too."""
    if spool_free_bytes() < RESERVE_BYTES:
        raise Transient(
            f"the disk of {spool_place()}, where the backup is put for loading, is nearly full. Nothing was"
            " changed; make room there, or set TMPDIR to a larger place"
        )


def against_spool(size_bytes: int) -> Iterator[str]:
    """What speaks against putting so much there."""
    free = spool_free_bytes()
    if free < size_bytes + RESERVE_BYTES:
        yield (
            f"the backup is put into {spool_place()} for loading ({size_bytes / 1e6:,.0f} MB), but"
            f" {free / 1e6:,.0f} MB are free there: make room, or set TMPDIR to a larger place"
        )


def held(data: bytes) -> contextlib.AbstractContextManager[Spooled]:
    """A few bytes as such a file."""
    return spooled([data])
