"""Whether a PostgreSQL server takes connections, by its first answer, as pg_isready tells it.

libpq's own PQping would do, but it holds the interpreter while it waits, and the whole bot with it.
The messages are those of the frontend/backend protocol 3.0 (PostgreSQL manual, "Message Formats").
"""

from __future__ import annotations

import re
import socket
import struct
from enum import Enum

APPLICATION = "drbot"
PROTOCOL = 196608
TERMINATE = b"X\x00\x00\x00\x04"
ANSWER_LIMIT_BYTES = 4096
_CANNOT_CONNECT_NOW = b"57P03"
_CODE = re.compile(rb"\x00C([0-9A-Z]{5})\x00|^C([0-9A-Z]{5})\x00")


class Greeting(Enum):
    """How a server takes a new connection."""

    ACCEPTING = "it accepts connections"
    REJECTING = "it rejects connections for now: it starts up, shuts down or recovers"
    REFUSING = "it refuses connections: nothing listens there"
    SILENT = "it does not answer"
    UNKNOWN = "its name cannot be resolved"
    STRANGE = "something answers there, but not as PostgreSQL does"


def greet(host: str, port: int, user: str, database: str, timeout_s: float) -> Greeting:
    """Say hello and read the first answer. Needs no login, and makes none.

    A host that begins with `/` is the folder of a unix socket. The timeout bounds each of connecting and
    being answered.
    """
    try:
        with _connected(host, port, timeout_s) as wire:
            wire.settimeout(timeout_s)
            wire.sendall(_startup(user, database))
            first = wire.recv(ANSWER_LIMIT_BYTES)
            wire.sendall(TERMINATE)
    except socket.gaierror:
        return Greeting.UNKNOWN
    except (ConnectionRefusedError, FileNotFoundError):
        return Greeting.REFUSING
    except OSError:  # a timeout, a reset, no route: nothing that a server said
        return Greeting.SILENT
    return read_greeting(first)


def read_greeting(first: bytes) -> Greeting:
    """What a server's first bytes say. Whoever errs otherwise than "cannot connect now" does accept."""
    if not first:
        return Greeting.SILENT
    if first[:1] == b"R":
        return Greeting.ACCEPTING
    if first[:1] != b"E":
        return Greeting.STRANGE
    found = _CODE.search(first[5:])
    code = (found[1] or found[2]) if found else b""
    return Greeting.REJECTING if code == _CANNOT_CONNECT_NOW else Greeting.ACCEPTING


def _connected(host: str, port: int, timeout_s: float) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout_s)
    wire = socket.socket(socket.AF_UNIX)
    wire.settimeout(timeout_s)
    try:
        wire.connect(f"{host}/.s.PGSQL.{port}")
    except OSError:
        wire.close()
        raise
    return wire


def _startup(user: str, database: str) -> bytes:
    words = ("user", user, "database", database, "application_name", APPLICATION)
    body = struct.pack("!i", PROTOCOL) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
    return struct.pack("!i", len(body) + 4) + body
