"""The file that keeps drbot's memory, as a restore finds it, and its exchange for a new one.

A file of SQLite is more than itself: the log beside it (`-wal`) is played into whatever file bears the name,
so it goes aside together with what it belongs to.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.domain.answer import Refusal
from bot.store.copying import close_log, load_file

LOGS = ("-wal", "-shm", "-journal")
# The bytes that SQLite locks while it has a file open: of the file, and of its log's index.
_LOCKED = (("", 0x40000002, 510), ("-shm", 128, 1))
# What is said of the moment or of the rights, not of the file: whoever opens it to write says it better.
_NOT_ITS_FAULT = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_CANTOPEN",
    "SQLITE_PERM",
    "SQLITE_AUTH",
    "SQLITE_READONLY",
    "SQLITE_FULL",
    "SQLITE_NOMEM",
)
_FORMATS = (bytes([1, 1]), bytes([2, 2]))
"""Bytes 18 and 19 of a file: who may write and read it. Others can be read, or not, and never be written."""
_NO_LOCKS = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL)
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV)


class Unconfirmed(OSError):
    """The new memory is in its place, and the disk has not confirmed it."""


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """One restore at a time into this folder; what a killed one left unfinished is deleted.

    The lock dies with the process. Raises Refusal while another one works.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(
                f"another restore is at work in {target.parent}: wait until it is done. Nothing was changed"
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:  # a file system without locks: the names still never meet
                raise
        for left in target.parent.glob(f"{target.name}.*.restoring*"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(folder)


def open_elsewhere(target: Path) -> bool:
    """Whether a process works on the file or on its log, also where the file itself was moved away."""
    for suffix, start, length in _LOCKED:
        try:
            opened = beside(target, suffix).open("r+b")
        except FileNotFoundError:
            continue
        with opened:
            try:
                fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
            except (BlockingIOError, PermissionError):
                return True
    return False


def damage(target: Path, table: str = "journal") -> str:
    """Why what is there is no database that can be opened, in a few words; '' where it is one.

    One that has tables, and not this one, is another program's ('' asks for none). Looks without changing
    anything: opening a file to write plays its log into it.
    """
    if not target.stat().st_size:
        log = beside(target, "-wal")
        full = log.exists() and log.stat().st_size
        return "it is empty, and its write-ahead log is not" if full else ""
    try:
        with closing(sqlite3.connect(f"{target.as_uri()}?mode=ro", uri=True, timeout=1.0)) as memory:
            found = str(memory.execute("PRAGMA quick_check(1)").fetchone()[0])
            tables = {str(row[0]) for row in memory.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        blameless = getattr(error, "sqlite_errorname", "").startswith(_NOT_ITS_FAULT)
        return "" if blameless else str(error)
    with target.open("rb") as opened:
        if opened.read(20)[18:] not in _FORMATS:
            return "unsupported file format"
    if found != "ok":
        return " ".join(found.split())[:120]
    return "it is another program's database" if table and tables and table not in tables else ""


def exchange(copy: Path, target: Path, stamp: str, held: bool, sound: bool) -> str:
    """Put the copy in the memory's place; where what was there is kept, '' where there was nothing.

    The new file is made beside and moved in place at once: always the old or the new one is there. `held`:
    keep the old one; `sound`: it can be opened, so its log is played into it first. Raises StoreDown and
    OSError; the memory is as it was then, except for Unconfirmed.
    """
    made = target.with_name(f"{target.name}.{stamp}.restoring")
    aside = target.with_name(f"{target.name}.before-{stamp}")
    there = target.exists()
    try:
        load_file(copy, made)
        _owned_like(made, target if there else target.parent)
        if there and sound:
            close_log(target)
        if there and held:
            _keep(target, aside)
        logs = _logs_aside(target, aside)
        made.replace(target)
    finally:
        for suffix in ("", *LOGS):
            beside(made, suffix).unlink(missing_ok=True)
    try:
        _to_disk(target.parent)
    except OSError as error:
        raise Unconfirmed(
            f"the memory is back, but the disk of {target} does not confirm it: {error}"
        ) from error
    return str(aside) if there and held else ", ".join(logs)


def set_aside(file: Path, stamp: str) -> str:
    """The file and its logs under another name, if it is there and damaged; that name, or ''."""
    if not file.exists() or not damage(file, table=""):
        return ""
    if open_elsewhere(file):
        raise Refusal(f"a process works on {file}: stop it first, then restore. Nothing was changed")
    aside = file.with_name(f"{file.name}.before-{stamp}")
    _logs_aside(file, aside)
    return str(file.rename(aside))


def beside(target: Path, suffix: str) -> Path:
    """The file itself, or one of its logs."""
    return target.with_name(target.name + suffix)


def _keep(target: Path, aside: Path) -> None:
    try:
        aside.hardlink_to(target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(target, aside)  # a file system without links
        _to_disk(aside)


def _logs_aside(target: Path, aside: Path) -> list[str]:
    """Everything beside the old file under the old file's new name; on disk before the new one comes."""
    moved = []
    for suffix in LOGS:
        log = beside(target, suffix)
        if log.exists():
            moved.append(str(log.rename(beside(aside, suffix))))
    _to_disk(target.parent)
    return [one for one in moved if not one.endswith("-shm")]


def _owned_like(made: Path, example: Path) -> None:
    """A restore by root for a bot that runs as somebody else: the file is that one's."""
    if os.geteuid() == 0:
        seen = example.stat()
        os.chown(made, seen.st_uid, seen.st_gid)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
