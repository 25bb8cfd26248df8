"""TLS in front of a server that speaks plainly: pgBackRest asks S3 over https only."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.real.tls import make

CHUNK_BYTES = 65_536
IDLE_S = 60.0


@contextlib.contextmanager
def tls_proxy(port: int, folder: Path) -> Iterator[int]:
    """The port on loopback at which the server at `port` answers with TLS, while the block runs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make("localhost").written(folder))
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, context, port), daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return  # closed: the test is over
        threading.Thread(target=_serve, args=(plain, context, port), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    plain.settimeout(IDLE_S)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(OSError))
        secure = stack.enter_context(context.wrap_socket(stack.enter_context(plain), server_side=True))
        server = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
        # One thread may not read a TLS connection while another writes it: so one alone does both.
        secure.setblocking(False)
        server.setblocking(False)
        _relay(secure, server)


def _relay(secure: ssl.SSLSocket, server: socket.socket) -> None:
    """Pass on what either side says until one of them ends."""
    while True:
        if not secure.pending():
            ready, _, _ = select.select([secure, server], [], [], IDLE_S)
            if not ready:
                return
        for source, sink in ((secure, server), (server, secure)):
            try:
                data = source.recv(CHUNK_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            if not data:
                return
            sink.setblocking(True)
            sink.sendall(data)
            sink.setblocking(False)
