"""A TCP proxy on loopback before a real server: it passes, refuses, hangs, cuts, or answers for it.

    with proxy(("127.0.0.1", 5432)) as way:         # or proxy("/run/docker.sock")
        url = f"redis://127.0.0.1:{way.port}"
        with way.refuse(): ...                      # nobody listens; what was open is reset
        with way.hang(): ...                        # connections stand, no byte moves
        with way.cut(after_bytes=10): ...           # reset once so many bytes of an answer went through
        with way.answer(403, b"no"): ...            # an HTTP answer, whatever was asked
        way.at(3, way.refuse)                       # called before the third request from now goes on

A request is what a client sends before it is answered. A switch holds for connections that are open, too;
without `with` it stays until the next one.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Address: TypeAlias = tuple[str, int] | str
Mode: TypeAlias = Literal["pass", "refuse", "hang", "cut", "answer", "ended"]
HOST = "127.0.0.1"
CHUNK_BYTES = 64 * 1024
HEAD_LIMIT_BYTES = 64 * 1024
JOIN_S = 10.0
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing resets
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class _Connection:
    """One client and its way to the server; `asking` while the client's request is not answered yet."""

    client: socket.socket
    server: socket.socket
    asking: bool = False
    answered_bytes: int = 0


class Proxy:
    """See the module. `port` stays the same through every switch; `requests` counts what clients asked."""

    def __init__(self, upstream: Address) -> None:
        self._upstream = upstream
        self._changed = threading.Condition()
        self._mode: Mode = "pass"
        self._cut_after_bytes = 0
        self._answer = b""
        self._due: list[tuple[int, Callable[[], object]]] = []
        self._open: list[_Connection] = []
        self._threads: list[threading.Thread] = []
        self._holder = socket.socket()  # bound and never listening: the port is ours while we refuse
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind((HOST, 0))
        self.port: int = self._holder.getsockname()[1]
        self.requests = 0
        self._listener: socket.socket | None = None
        self._listen()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{HOST}:{self.port}"

    def passing(self) -> None:
        """Let everything through again, also what hung."""
        self._switch("pass")

    def refuse(self) -> _Until:
        """Nobody listens any more, and open connections are reset."""
        self._switch("refuse")
        self._reset_all()
        return _Until(self)

    def hang(self) -> _Until:
        """Take connections and bytes, and pass none on."""
        self._switch("hang")
        return _Until(self)

    def cut(self, after_bytes: int = 1) -> _Until:
        """Reset each connection once so many bytes of its answers have gone through from now."""
        with self._changed:
            for one in self._open:
                one.answered_bytes = 0
            self._cut_after_bytes = after_bytes
        self._switch("cut")
        return _Until(self)

    def answer(self, status: int, body: bytes = b"", kind: str = "application/json") -> _Until:
        """Answer every HTTP request with this, and never ask the server."""
        head = f"HTTP/1.1 {status} drbot test\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        self._answer = head.encode() + b"Connection: close\r\n\r\n" + body
        self._switch("answer")
        return _Until(self)

    def at(self, request: int, call: Callable[[], object]) -> None:
        """Call it once, before the `request`-th request from now goes on (it may switch this proxy)."""
        with self._changed:
            self._due.append((self.requests + request, call))

    def close(self) -> None:
        """Reset what is open and end every thread. Safe to call twice."""
        self._switch("ended")
        self._reset_all()
        self._holder.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(JOIN_S)

    def _switch(self, mode: Mode) -> None:
        with self._changed:
            if self._mode == "ended":
                return
            self._mode = mode
            self._changed.notify_all()
            if mode in ("refuse", "ended"):
                self._deafen()
            elif self._listener is None:
                self._listen()

    def _listen(self) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((HOST, self.port))
        self._listener.listen(128)
        self._spawn(self._accept, self._listener)

    def _deafen(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts; it closes
            listener.close()

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, args=arguments, name=f"proxy {self.port}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # the listener was closed: refused, or ended
            self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        try:
            server = _connected(self._upstream)
        except OSError:
            _close(client, reset=True)  # the server is not there
            return
        one = _Connection(client, server)
        with self._changed:
            if self._mode in ("refuse", "ended"):
                _close(client, server, reset=True)
                return
            self._open.append(one)
            self._spawn(self._relay, one, client, server, self._to_server)
            self._spawn(self._relay, one, server, client, self._to_client)

    def _relay(
        self,
        one: _Connection,
        source: socket.socket,
        sink: socket.socket,
        forward: Callable[[_Connection, bytes], bool],
    ) -> None:
        try:
            while chunk := source.recv(CHUNK_BYTES):
                if not forward(one, chunk):
                    return self._drop(one)
            sink.shutdown(socket.SHUT_WR)
            if sink is one.client:  # the server has said everything
                self._drop(one, reset=False)
        except OSError:
            self._drop(one)

    def _to_server(self, one: _Connection, chunk: bytes) -> bool:
        """Pass a request on; False where the connection is to end."""
        if not one.asking:
            one.asking = True
            self._count()
        mode = self._moving()
        if mode == "answer":
            _drain(one.client, chunk)
            one.client.sendall(self._answer)
            self._drop(one, reset=False)
            return True
        if mode in ("refuse", "ended"):
            return False
        one.server.sendall(chunk)
        return True

    def _to_client(self, one: _Connection, chunk: bytes) -> bool:
        one.asking = False
        mode = self._moving()
        if mode in ("refuse", "ended"):
            return False
        if mode == "cut":
            left = self._cut_after_bytes - one.answered_bytes
            one.answered_bytes += len(chunk)
            one.client.sendall(chunk[: max(0, left)])
            return one.answered_bytes < self._cut_after_bytes
        one.client.sendall(chunk)
        return True

    def _count(self) -> None:
        with self._changed:
            self.requests += 1
            due = [call for number, call in self._due if number <= self.requests]
            self._due = [(number, call) for number, call in self._due if number > self.requests]
        for call in due:
            call()

    def _moving(self) -> Mode:
        """What to do with bytes, once they do not hang any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._mode != "hang")
            return self._mode

    def _drop(self, one: _Connection, reset: bool = True) -> None:
        with self._changed:
            if one not in self._open:
                return
            self._open.remove(one)
        _close(one.client, one.server, reset=reset)

    def _reset_all(self) -> None:
        for one in list(self._open):
            self._drop(one)


class _Until:
    """What a switch gives back: as a `with` block, it ends with the block."""

    def __init__(self, way: Proxy) -> None:
        self._way = way

    def __enter__(self) -> None:
        """The switch is made already."""

    def __exit__(self, *error: object) -> None:
        self._way.passing()


@contextlib.contextmanager
def proxy(upstream: Address) -> Iterator[Proxy]:
    """A proxy before `(host, port)` or a unix socket's path; ended with the block."""
    made = Proxy(upstream)
    try:
        yield made
    finally:
        made.close()


def _connected(upstream: Address) -> socket.socket:
    server = socket.socket(socket.AF_UNIX if isinstance(upstream, str) else socket.AF_INET)
    try:
        server.settimeout(5)
        server.connect(upstream)
        server.settimeout(None)
    except OSError:
        server.close()
        raise
    return server


def _drain(client: socket.socket, chunk: bytes) -> None:
    """Read the rest of an HTTP request of known length, so that the answer is not lost to a reset."""
    request = chunk
    while b"\r\n\r\n" not in request and len(request) < HEAD_LIMIT_BYTES:
        more = client.recv(CHUNK_BYTES)
        if not more:
            return
        request += more
    head, _, body = request.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    left = (int(length[1]) if length else 0) - len(body)
    while left > 0 and (more := client.recv(CHUNK_BYTES)):
        left -= len(more)


def _close(*sockets: socket.socket, reset: bool = False) -> None:
    """End connections; with `reset` without a goodbye, so that the other side sees no regular end."""
    for one in sockets:
        with contextlib.suppress(OSError):
            if reset and one.family == socket.AF_INET:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            one.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)  # wakes the thread that reads it
        one.close()
