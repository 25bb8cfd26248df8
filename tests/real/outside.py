"""A service of the outside on loopback: what it answers is its own matter, how it fails is said here.

with served(page.answer, faults) as url: ...
faults.next(status=500)                     # the next write is answered 500, and nothing was done
faults.next("cut", after=True)              # done, and the connection is cut before the answer
faults.always("hang", methods=ALL)          # an outage
faults.well()                               # it answers again; what hung is let go
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

Kind = Literal["status", "hang", "cut"]
WRITES = ("POST", "PATCH", "PUT", "DELETE")
ALL = ("GET", *WRITES)
LIMIT_BYTES = 1_000_000
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """`after`: the request was done before it fails."""

    kind: Kind
    status: int = 500
    after: bool = False
    methods: tuple[str, ...] = WRITES
    headers: Mapping[str, str] = field(default_factory=dict)


class Faults:
    """What goes wrong next, first come first served; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: list[Fault] = []
        self._always: Fault | None = None
        self.released = threading.Event()
        self.hanging = 0

    def next(
        self, kind: Kind = "status", *, status: int = 500, after: bool = False, times: int = 1,
        methods: tuple[str, ...] = WRITES, headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """The next `times` requests of these methods fail so."""
        if kind == "hang":
            self.released.clear()
        with self._lock:
            self._next += [Fault(kind, status, after, methods, headers or {})] * times

    def always(self, kind: Kind = "status", *, status: int = 503, methods: tuple[str, ...] = ALL) -> None:
        """Every request of these methods fails so until `well`."""
        self.released.clear()
        self._always = Fault(kind, status, methods=methods)

    def well(self) -> None:
        """Nothing fails any more."""
        with self._lock:
            self._next.clear()
            self._always = None
        self.released.set()

    def hang(self) -> None:
        """Until `well`, a minute at most; `hanging` counts those who do."""
        with self._lock:
            self.hanging += 1
        self.released.wait(60)
        with self._lock:
            self.hanging -= 1

    def take(self, method: str) -> Fault | None:
        with self._lock:
            for fault in self._next:
                if method in fault.methods:
                    self._next.remove(fault)
                    return fault
            always = self._always
        return always if always is not None and method in always.methods else None


@contextlib.contextmanager
def served(answer: Callable[[Request], Reply], faults: Faults) -> Iterator[str]:
    """The URL while the block runs. `GET /` never fails: it is what people look at."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(min(length, LIMIT_BYTES))
            request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            fault = faults.take(self.command) if parts.path != "/" else None
            if fault is None:
                self._reply(answer(request))
                return
            if fault.after:
                answer(request)
            if fault.kind == "status":
                self._reply(Reply(fault.status, b"<html>broken</html>", "text/html", fault.headers))
                return
            if fault.kind == "hang":
                faults.hang()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.close_connection = True

        def _reply(self, reply: Reply) -> None:
            with contextlib.suppress(OSError):  # who asked may be gone
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        faults.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
