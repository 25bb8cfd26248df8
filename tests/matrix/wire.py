"""Every call that leaves a process for the world, counted as its answer comes back; in test processes only.

The libraries are wrapped, not the tools: so no product code has a place for tests, and a kill can fall where
it hurts most, when the server has done it and nobody has read the answer.
"""

from __future__ import annotations

import functools
import http.client
import os
import ssl
import subprocess
from collections.abc import Callable
from typing import Any

import psycopg
import redis.connection

Hook = Callable[[], None]


def watch(leaves: Hook, returned: Hook) -> None:
    """From now on `leaves` is called before each call goes out, `returned` when its answer is there."""
    around = functools.partial(_around, leaves, returned)
    around(psycopg.Connection, "wait")  # statements, commits, parts of a COPY
    around(http.client.HTTPConnection, "putrequest", after=False)  # Docker, actuator, monitors, AWS
    around(http.client.HTTPConnection, "getresponse", before=False)
    around(redis.connection.AbstractConnection, "send_packed_command", after=False)
    around(redis.connection.AbstractConnection, "read_response", before=False)
    around(subprocess.Popen, "__init__", after=False)
    around(subprocess.Popen, "wait", before=False)
    around(ssl.SSLSocket, "do_handshake")
    around(os, "replace")


def _around(
    leaves: Hook, returned: Hook, owner: Any, name: str, before: bool = True, after: bool = True
) -> None:
    work: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(work)
    def watched(*given: Any, **named: Any) -> Any:
        if before:
            leaves()
        done = work(*given, **named)
        if after:
            returned()
        return done

    setattr(owner, name, watched)
