"""A stand-in for a Spring Boot application's actuator, in this process; each part of it can be broken.

Bodies are shaped as Spring Boot 3 shapes them (protocol: its actuator reference). `closed` endpoints answer
404, with a `token` all but the health want it.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

HPROF = b"JAVA PROFILE 1.0.2\0"
CHUNK = bytes(range(256)) * 256
METRICS: Mapping[str, Mapping[str, float]] = {
    "jvm.memory.used": {"VALUE": 400e6},
    "jvm.memory.used area:heap": {"VALUE": 312e6},
    "jvm.memory.used area:nonheap": {"VALUE": 88e6},
    "jvm.memory.max": {"VALUE": 1.2e9},
    "jvm.memory.max area:heap": {"VALUE": 1024.0**3},
    "jvm.memory.max area:nonheap": {"VALUE": -1.0},
    "jvm.gc.pause": {"COUNT": 41.0, "TOTAL_TIME": 2.5, "MAX": 0.21},
    "jvm.threads.live": {"VALUE": 42.0},
    "jvm.threads.peak": {"VALUE": 57.0},
    "system.cpu.usage": {"VALUE": 0.5},
    "system.cpu.count": {"VALUE": 2.0},
    "process.cpu.usage": {"VALUE": 0.25},
    "process.uptime": {"VALUE": 7300.0},
    "process.start.time": {"VALUE": 1_770_000_000.5},
    "hikaricp.connections.active": {"VALUE": 10.0},
    "hikaricp.connections.idle": {"VALUE": 0.0},
    "hikaricp.connections.pending": {"VALUE": 7.0},
    "hikaricp.connections.max": {"VALUE": 10.0},
    "hikaricp.connections.timeout": {"COUNT": 3.0},
    "http.server.requests": {"COUNT": 1000.0, "TOTAL_TIME": 90.0, "MAX": 1.0},
    "http.server.requests outcome:SERVER_ERROR": {"COUNT": 20.0, "TOTAL_TIME": 9.0, "MAX": 1.0},
}
COMPONENTS: Mapping[str, object] = {
    "db": {
        "status": "UP",
        "components": {"primary": {"status": "UP", "details": {"database": "PostgreSQL"}}},
    },
    "diskSpace": {"status": "UP", "details": {"total": 100_000_000_000, "free": 50_000_000_000}},
    "ping": {"status": "UP"},
    "redis": {"status": "UP", "details": {"version": "7.0.15"}},
}


def frames(*names: str) -> list[dict[str, object]]:
    """A stack of `Class.method` names."""
    split = [name.rpartition(".") for name in names]
    return [{"className": left, "methodName": right, "lineNumber": 7} for left, _, right in split]


def thread(number: int, name: str, state: str, stack: list[dict[str, object]], owner: int = -1) -> object:
    """One thread; `owner` is the thread that holds what it waits for."""
    return {
        "threadId": number, "threadName": name, "threadState": state, "daemon": True, "stackTrace": stack,
        "lockOwnerId": owner, "lockName": f"java.lang.Object@{owner}" if owner >= 0 else None,
    }  # fmt: skip


@dataclass
class Actuator:
    """The application: change it while it runs. `dumped` and `collected` count what it was asked."""

    port: int = 0
    status: str = "UP"
    components: Mapping[str, object] = field(default_factory=lambda: dict(COMPONENTS))
    metrics: dict[str, Mapping[str, float]] = field(default_factory=lambda: dict(METRICS))
    threads: list[object] = field(default_factory=list)
    closed: frozenset[str] = frozenset()
    discovery: bool = True
    token: str = ""
    heap_bytes: int = 20_000_000
    heap_form: bytes = HPROF
    slow_s: Mapping[str, float] = field(default_factory=dict)
    break_after_bytes: int = -1
    dumped: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/actuator"

    def restart(self) -> None:
        """As after a restart: it started later."""
        self.metrics["process.start.time"] = {"VALUE": self.metrics["process.start.time"]["VALUE"] + 100}

    def body(self, kind: str, name: str, tags: list[str]) -> tuple[int, object]:
        """What a GET of `/actuator/KIND/NAME` is answered."""
        if kind == "health":
            return self._health(name)
        if kind == "metrics":
            found = self.metrics.get(" ".join([name, *tags]))
            if name and found is None:
                return 404, {"status": 404, "error": "Not Found"}
            parts = [{"statistic": at, "value": value} for at, value in (found or {}).items()]
            return 200, {"name": name, "measurements": parts} if name else {"names": sorted(self.metrics)}
        if kind == "threaddump":
            return 200, {"threads": self.threads}
        if not kind and self.discovery:
            kinds = {"self", "health", "metrics", "threaddump", "heapdump"} - self.closed
            return 200, {"_links": {one: {"href": f"{self.url}/{one}", "templated": False} for one in kinds}}
        return 404, {"status": 404, "error": "Not Found"}

    def _health(self, group: str) -> tuple[int, object]:
        code = 200 if self.status in ("UP", "UNKNOWN") else 503
        if group:
            return code, {"status": self.status}
        return code, {"components": self.components, "status": self.status, "groups": ["liveness"]}


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        kind, _, name = parts.path.removeprefix("/actuator").strip("/").partition("/")
        app = self.server.app
        time.sleep(app.slow_s.get(kind, 0.0))
        allowed = not app.token or kind == "health" or self.headers["Authorization"] == f"Bearer {app.token}"
        if not parts.path.startswith("/actuator") or kind in app.closed:
            self._say(404, {"status": 404, "error": "Not Found"})
        elif not allowed:
            self._say(401, {"status": 401, "error": "Unauthorized"})
        elif kind == "heapdump":
            self._heap(app)
        else:
            tags = [value for key, value in parse_qsl(parts.query) if key == "tag"]
            self._say(*app.body(kind, name, tags))

    def _heap(self, app: Actuator) -> None:
        app.dumped += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(app.heap_bytes))
        self.end_headers()
        self.wfile.write(app.heap_form)
        left = (app.heap_bytes if app.break_after_bytes < 0 else app.break_after_bytes) - len(app.heap_form)
        while left > 0:
            self.wfile.write(CHUNK[:left])
            left -= len(CHUNK)

    def _say(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.spring-boot.actuator.v3+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has given up
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


class _Server(ThreadingHTTPServer):
    app: Actuator
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked has gone away: a proxy in a test, or a process that was killed."""


@contextlib.contextmanager
def actuator() -> Iterator[Actuator]:
    """The application while the block runs, on a free port of loopback."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.app = Actuator(port=server.server_address[1])
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        serving.start()
        try:
            yield server.app
        finally:
            server.shutdown()
            serving.join(10)
