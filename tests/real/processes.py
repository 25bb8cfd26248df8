"""Starting and stopping real servers for tests: free ports, an account that is not root, ended by pid."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path


def wait_for(what: str, ready: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Poll until `ready` says so. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {timeout_s:.0f} s")
        time.sleep(0.02)


def plain_account() -> str | None:
    """Who runs a server that refuses root: None (ourselves) unless we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextlib.contextmanager
def server_directory(owner: str | None) -> Iterator[Path]:
    """A directory that `owner` may write, gone afterwards. (pytest's own is closed to other accounts.)"""
    directory = Path(tempfile.mkdtemp(prefix="drbot-real-"))
    try:
        if owner is not None:
            directory.chmod(0o755)
            entry = pwd.getpwnam(owner)
            os.chown(directory, entry.pw_uid, entry.pw_gid)
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running(
    argv: Sequence[str],
    directory: Path,
    owner: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    grace_s: float = 10.0,
) -> Iterator[subprocess.Popen[bytes]]:
    """The server while the block runs; its output goes to `log` in the directory. Killed if it stays."""
    identity = (
        {} if owner is None else {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}
    )
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(  # type: ignore[call-overload]  # the identity is a plain mapping
            argv,
            cwd=directory,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
            **identity,
        )
        try:
            yield process
        finally:
            process.send_signal(stop_signal)
            try:
                process.wait(grace_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
