"""Where and how the web is served: the listen address, the server's limits, the interpreter's tuning."""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from bot.exchange import Asgi

CONNECTIONS = 1_000
KEEP_ALIVE_S = 30
BACKLOG = 2_048


def refuse_open_listen(host: str, token: str) -> None:
    """Raises ValueError where the webhook would be open to other machines without a token."""
    if token or host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            f"drbot does not listen on {host or 'every interface'} without DR_WEBHOOK_TOKEN: anybody could"
            " post alerts. Set the token, or listen on 127.0.0.1"
        )


def listener(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything else runs. Raises ValueError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else error.strerror  # a name that is not known has none
        raise ValueError(
            f"it cannot listen on {host}:{port}: {why}. Set DR_LISTEN, or stop what listens there"
        ) from error


class WebServer(uvicorn.Server):
    """uvicorn, returning after SIGINT or SIGTERM, so that the caller can close what it opened.

    uvicorn itself raises the signal anew when it has stopped, which ends the process there and then.
    """

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        tune_process()
        await super().serve(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def server(app: Asgi, host: str, port: int) -> WebServer:
    """A server with this app's limits; `await .serve()` it, best on uvloop. Port 0 takes a free one."""
    return WebServer(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http="httptools",
            loop="uvloop",
            ws="none",
            access_log=False,
            log_level="warning",
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=10,
            server_header=False,
            proxy_headers=False,
        )
    )


def serve(app: Asgi, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then return."""
    server(app, host, port).run()


def tune_process() -> None:
    """Make the interpreter fit for an event loop beside a writer thread. Once, when everything is built.

    Measured on two cores at 100 alerts a webhook: a tenth more alerts a second by each.
    """
    # What lives as long as the process is not looked through again at every collection.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    # A writer back from the disk waits for the loop's thread at most this long, instead of 5 ms.
    sys.setswitchinterval(0.0005)
