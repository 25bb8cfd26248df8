"""Ports on 127.0.0.1 for servers that are about to start, each given to one process alone."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections import deque
from pathlib import Path

GRPC_OFFSET = 10_000
PORTS = range(12_000, 22_000)
REMEMBERED = 500


class _Claims:
    """What was given and may not be listened on yet: a lock on the byte of its number, in a file all share.

    The system lets go of a process's locks when it dies, however it dies; until then the file stays open.
    """

    def __init__(self) -> None:
        self._file = -1
        self._owner = 0
        self._given: deque[int] = deque()

    def take(self, port: int) -> bool:
        """Whether the port is this process's from now on; the oldest of many is let go."""
        if port in self._given:
            return False
        if not self._locked(port, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
        self._given.append(port)
        if len(self._given) > REMEMBERED:
            self._locked(self._given.popleft(), fcntl.LOCK_UN)
        return True

    def _locked(self, port: int, how: int) -> bool:
        if self._owner != os.getpid():
            self._file, self._owner, self._given = _shared_file(), os.getpid(), deque()
        try:
            fcntl.lockf(self._file, how, 1, port)
        except (BlockingIOError, PermissionError):
            return False
        return True


def _shared_file() -> int:
    # One for each account: the folder is everybody's, its files are not.
    path = Path(tempfile.gettempdir()) / f"drbot-ports-{os.geteuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


_claims = _Claims()


def free_port(wanted: int = 0) -> int:
    """The wanted port where it is free, else any whose +10000 sibling is free as well.

    Both lie under the ports that the system gives to outgoing connections, which come and go. What was chosen
    is given to nobody else while this process lives, though its server may start much later.
    """
    if wanted and _free(wanted):
        return wanted
    for port in random.sample(PORTS, REMEMBERED):
        if _free(port) and _claims.take(port):
            return port
    raise RuntimeError("no free port on 127.0.0.1")


def _free(port: int) -> bool:
    return _bindable(port) and _bindable(port + GRPC_OFFSET)


def _bindable(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port that a world of a minute ago has left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
