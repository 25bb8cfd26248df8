"""Starting and stopping the server of a cluster's directory with pg_ctl, as the user that owns it."""

from __future__ import annotations

import contextlib
import os
import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from actions.failures import NotVerified, Refused, Transient
from actions.tools.clusters.account import as_user
from actions.tools.clusters.cluster import Cluster
from actions.tools.command import run

LOG_TAIL_BYTES = 16_384
CLOCK_SLACK_S = 5.0
_TO_CLIENTS = "the database system is "


@dataclass(frozen=True)
class Postmaster:
    """The server that runs in a directory: its process, when it began (seconds since 1970) and its port."""

    pid: int
    started_s: int
    port: int


def postmaster(directory: Path) -> Postmaster | None:
    """Who runs in the directory; None where nobody does, whatever a stale postmaster.pid says."""
    try:
        lines = (directory / "postmaster.pid").read_text().split("\n")
        found = Postmaster(int(lines[0]), int(lines[2]), int(lines[3]))
    except (OSError, ValueError, IndexError):
        return None
    try:
        os.kill(found.pid, 0)
        here = os.path.realpath(f"/proc/{found.pid}/cwd") == str(directory.resolve())
    except ProcessLookupError:
        return None
    except PermissionError:
        return found
    return found if here else None


def stop(cluster: Cluster, directory: Path, timeout_s: float, mode: str = "fast") -> None:
    """Stop whoever runs there; nothing to do where nobody does. Raises NotVerified where it stays."""
    if postmaster(directory) is None:
        return
    program = cluster.program("pg_ctl", directory)
    argv = (program, "stop", "-D", directory, "-m", mode, "-w", "-t", str(int(timeout_s)))
    finished = run(as_user(cluster.user, argv), timeout_s + 10)
    if postmaster(directory) is not None:
        raise NotVerified(
            f"the server in {directory} did not stop within {timeout_s:.0f} s: {finished.complaint}"
        )


def start(
    cluster: Cluster,
    directory: Path,
    options: tuple[str, ...],
    log: Path,
    timeout_s: float,
    wait: bool = True,
) -> None:
    """Start a server there with these options, its output added to `log`; nothing to do where it runs.

    With `wait` it accepts connections afterwards. Raises NotVerified with the log's last complaint.
    """
    if postmaster(directory) is not None:
        return
    program = cluster.program("pg_ctl", directory)
    waiting = ("-w", "-t", str(int(timeout_s))) if wait else ("-W",)
    argv = (program, "start", "-D", directory, *waiting, "-l", log, "-o", shlex.join(options), "-s")
    begun = _length(log)
    finished = run(as_user(cluster.user, argv), timeout_s + 10)
    if finished.code != 0:
        raise NotVerified(
            f"the server in {directory} did not start: {complaint(log, begun) or finished.complaint}"
        )


def started_options(directory: Path) -> tuple[str, ...]:
    """The options that the directory's server was last started with, but for the directory itself.

    Raises Refused where they cannot be read.
    """
    try:
        words = shlex.split((directory / "postmaster.opts").read_text())[1:]
    except (OSError, ValueError) as error:
        raise Refused(
            f"{directory}/postmaster.opts cannot be read, so how the server is started is not known: {error}."
            " Start it once with pg_ctl. Nothing was changed."
        ) from error
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word == "-D":
            skip = True
        elif not word.startswith("-D"):
            kept.append(word)
    return tuple(kept)


def unit_of(running: Postmaster, groups: Path = Path("/proc")) -> str:
    """The systemd unit that looks after a server, '' where none does or it is drbot's own."""

    def units(process: str) -> list[str]:
        try:
            lines = (groups / process / "cgroup").read_text().splitlines()
        except OSError:
            return []
        return [part for line in lines for part in line.split("/") if part.endswith(".service")]

    own = units("self")
    return next((unit for unit in units(str(running.pid)) if unit not in own), "")


def log_of(running: Postmaster) -> Path | None:
    """The file that a server's output goes to, where it is a file."""
    with contextlib.suppress(OSError):
        found = Path(f"/proc/{running.pid}/fd/2").readlink()
        if found.is_file():
            return found
    return None


def complaint(log: Path, begun: int = 0) -> str:
    """The newest FATAL or PANIC line of a log behind position `begun`, without its prefix; '' for none.

    What it answered to clients while it started is no complaint.
    """
    for line in reversed(tail(log, begun).splitlines()):
        if _TO_CLIENTS in line:
            continue
        for word in ("FATAL:", "PANIC:"):
            if word in line:
                return line.split(word, 1)[1].strip()[:300]
    return ""


def tail(log: Path, begun: int = 0) -> str:
    """The end of a log, at most 16 kB, and nothing from before position `begun`."""
    try:
        with log.open("rb") as file:
            file.seek(max(begun, _length(log) - LOG_TAIL_BYTES))
            return file.read(LOG_TAIL_BYTES).decode(errors="replace")
    except OSError:
        return ""


def _length(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0


def wait_gone(directory: Path, timeout_s: float) -> None:
    """Wait until nobody runs there. Raises Transient where somebody still does."""
    deadline = time.monotonic() + timeout_s
    while postmaster(directory) is not None:
        if time.monotonic() > deadline:
            raise Transient(f"the server in {directory} still runs")
        time.sleep(0.05)
