"""The files of a cluster: who it is, what drbot noted on it, and two directories changing places."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from actions.failures import Refused, Transient
from actions.tools.clusters.account import as_user, give
from actions.tools.clusters.backrest_info import read_lsn
from actions.tools.clusters.cluster import Cluster
from actions.tools.command import run

MARK = "drbot_recovery.json"
BOOT = Path("/proc/sys/kernel/random/boot_id")
_EXCHANGE = 2
_HERE = -100
_NOT_HERE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


@dataclass(frozen=True)
class Control:
    """What pg_control says. `limits` are the settings that a recovery must not fall below."""

    system_identifier: str
    state: str
    timeline: int
    wal_file: str
    limits: Mapping[str, int]


class Mark(msgspec.Struct, frozen=True):
    """What drbot writes into a recovered cluster's directory, so that a repeated step sees what is done.

    `state` is restored, recovered, verified or ready. `last_transaction` (ISO 8601 UTC, '' for none) is
    the newest that was replayed; `options` and `log` are how the live server is started. `boot` is when the
    machine was started: what was not ready by its crash was not on the disk either.
    """

    run: int
    label: str
    at: str
    state: str
    boot: str
    last_transaction: str = ""
    options: tuple[str, ...] = ()
    log: str = ""


_LIMITS = {
    "max_connections setting": "max_connections",
    "max_worker_processes setting": "max_worker_processes",
    "max_wal_senders setting": "max_wal_senders",
    "max_prepared_xacts setting": "max_prepared_transactions",
    "max_locks_per_xact setting": "max_locks_per_transaction",
}


def read_control(cluster: Cluster, directory: Path) -> Control:
    """The cluster in a directory. Raises Refused where none is there, or it may not be read."""
    program = cluster.program("pg_controldata", directory)
    finished = run(
        as_user(cluster.user, (program, "-D", directory)), cluster.answer_timeout_s, {"LC_ALL": "C"}
    )
    rows = dict(_row(line) for line in finished.out.splitlines())
    if finished.code != 0 or "Database system identifier" not in rows:
        raise Refused(
            f"{directory} holds no cluster that can be read: {finished.complaint}. Nothing was changed."
        )
    return Control(
        system_identifier=rows["Database system identifier"],
        state=rows.get("Database cluster state", ""),
        timeline=int(rows.get("Latest checkpoint's TimeLineID", "0")),
        wal_file=rows.get("Latest checkpoint's REDO WAL file", ""),
        limits={
            ours: int(rows[theirs]) for theirs, ours in _LIMITS.items() if rows.get(theirs, "").isdigit()
        },
    )


def _row(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def read_lineage(directory: Path, timeline: int) -> Mapping[int, int]:
    """Timelines that a cluster's own one came from, and the LSN (bytes) at which each was left."""
    history = directory / "pg_wal" / f"{timeline:08X}.history"
    try:
        lines = [line.split("\t") for line in history.read_text().splitlines()]
    except OSError:
        return {}
    return {int(words[0]): read_lsn(words[1]) for words in lines if len(words) > 1 and words[0].isdigit()}


def boot_id() -> str:
    """What tells this start of the machine from the one before."""
    return BOOT.read_text().strip()


def read_mark(directory: Path) -> Mark | None:
    """What drbot noted there; None where it noted nothing that can be read."""
    try:
        return msgspec.json.decode((directory / MARK).read_bytes(), type=Mark)
    except (OSError, msgspec.MsgspecError):
        return None


def write_mark(cluster: Cluster, directory: Path, mark: Mark) -> None:
    """Note it, whole or not at all."""
    write_whole(cluster, directory / MARK, msgspec.json.format(msgspec.json.encode(mark), indent=1))


def write_whole(cluster: Cluster, path: Path, data: bytes) -> None:
    """Write a small file of the cluster's user: after a crash the old or the new one is there."""
    fresh = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    give(fresh, cluster.user)
    os.replace(fresh, path)  # noqa: PTH105 - one call, whole
    sync(path.parent)


def make_directory(cluster: Cluster, path: Path) -> None:
    """A closed directory of the cluster's user, unless it is there."""
    try:
        path.mkdir(0o700)
    except FileExistsError:
        return
    except OSError as error:
        raise Refused(f"{path} cannot be made: {error.strerror}. Nothing was changed.") from error
    give(path, cluster.user)


def exchange(one: Path, other: Path) -> None:
    """Let two directories change places in one call of the kernel: each name is there at any moment.

    Raises Transient where the file system cannot do that.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    if done != 0:
        code = ctypes.get_errno()
        hint = "; this file system cannot exchange two directories" if code in _NOT_HERE else ""
        raise Transient(f"{one} and {other} did not change places: {os.strerror(code)}{hint}")
    sync(one.parent)
    sync(other.parent)


def move(path: Path, away: Path) -> None:
    """Rename a directory. Raises Refused where something is there already."""
    if away.exists():
        raise Refused(f"{away} is there already, so {path} was not moved there")
    os.replace(path, away)  # noqa: PTH105 - one call, whole
    sync(away.parent)
    sync(path.parent)


def sync(directory: Path) -> None:
    """Make renames in a directory outlast a crash."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(directory: Path) -> bool:
    """Remove a directory that drbot made, whatever is in it; whether it was there."""
    if not directory.is_dir() or directory.is_symlink():
        return False
    shutil.rmtree(directory)
    return True
