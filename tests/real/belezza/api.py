"""A stand-in for the Belezza API: its actuator, its login, and ways to break it on purpose.

It runs as process 1 of a container made of little more than Python. On SIGTERM it accepts what has already
knocked, closes the door, answers what it is busy with, and ends with 0, as Spring's graceful shutdown does.

Broken on purpose: `STUB_HEALTH=DOWN` (health check fails), `STUB_CRASH=1` (ends with 1 at once),
`STUB_DEAF=1` (SIGTERM is ignored), a file `/tmp/broken` (DOWN from the next start on; its content `crash`
ends it with 1), and `POST /test/health?status=DOWN` until the next start.
`POST /test/metrics?NAME=VALUE` sets a metric, `GET /test/slow?ms=500` answers late. `STUB_VERSION` is told
at `/`, `STUB_TOKEN` closes the actuator but for its health, `STUB_HEAP_BYTES` sizes a heap dump.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

WOKEN, WAKE = os.pipe()
LOADED_AT = time.time()
HPROF = b"JAVA PROFILE 1.0.2\0" + (8).to_bytes(4, "big") + int(LOADED_AT * 1000).to_bytes(8, "big")
CHUNK = b"\x00" * 65536
BROKEN = Path("/tmp/broken")
METRICS = {
    "jvm.memory.used": 312_000_000.0,
    "jvm.memory.max": 1_073_741_824.0,
    "jvm.memory.committed": 536_870_912.0,
    "jvm.threads.live": 42.0,
    "jvm.gc.pause": 0.012,
    "system.cpu.usage": 0.21,
    "process.cpu.usage": 0.12,
    "system.cpu.count": 2.0,
    "process.uptime": 0.0,
    "hikaricp.connections": 10.0,
    "hikaricp.connections.active": 3.0,
    "hikaricp.connections.idle": 7.0,
    "hikaricp.connections.pending": 0.0,
    "hikaricp.connections.max": 10.0,
    "http.server.requests": 1000.0,
}
UNITS = {
    "jvm.memory": "bytes",
    "jvm.gc.pause": "seconds",
    "process.uptime": "seconds",
    "jvm.threads": "threads",
}
state = {"status": os.environ.get("STUB_HEALTH", "UP")}


def answers(address: str, hello: bytes = b"", wanted: bytes = b"") -> bool:
    """Whether the server at `host:port` takes a connection (and says what is wanted)."""
    host, _, port = address.partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=0.5) as connection:
            connection.sendall(hello)
            return not wanted or connection.recv(64).startswith(wanted)
    except OSError:
        return False


def component(variable: str, name: str, hello: bytes = b"", wanted: bytes = b"") -> dict[str, Any]:
    """The health of one dependency: what its variable names is asked; unnamed, it is taken to be well."""
    address = os.environ.get(variable, "")
    up = not address or answers(address, hello, wanted)
    return {"status": "UP" if up else "DOWN", "details": {name: address or "embedded"}}


def health() -> dict[str, Any]:
    """The body of /actuator/health."""
    parts = {
        "db": component("STUB_DB", "database"),
        "redis": component("STUB_REDIS", "server", b"PING\r\n", b"+PONG"),
        "diskSpace": {"status": "UP", "details": {"total": 100_000_000_000, "free": 50_000_000_000}},
        "ping": {"status": state["status"]},
    }
    down = any(part["status"] == "DOWN" for part in parts.values())
    return {"components": parts, "groups": ["liveness", "readiness"], "status": "DOWN" if down else "UP"}


def metric(name: str) -> dict[str, object] | None:
    """The body of /actuator/metrics/NAME, or None."""
    if name not in METRICS:
        return None
    value = time.time() - LOADED_AT if name == "process.uptime" else METRICS[name]
    unit = next((unit for start, unit in UNITS.items() if name.startswith(start)), None)
    found: dict[str, object] = {"name": name, "description": name}
    found["measurements"] = [{"statistic": "VALUE", "value": value}]
    tags = [{"tag": "area", "values": ["heap", "nonheap"]}] if name.startswith("jvm.memory") else []
    return found | ({"baseUnit": unit} if unit else {}) | {"availableTags": tags}


def threads() -> dict[str, object]:
    """The body of /actuator/threaddump."""
    trace = [{"className": "java.lang.Thread", "methodName": "run", "lineNumber": 833, "nativeMethod": False}]
    named = [f"http-nio-8080-exec-{number}" for number in range(1, 9)] + ["HikariPool-1 housekeeper"]
    return {
        "threads": [
            {"threadName": name, "threadId": number, "threadState": "WAITING", "blockedCount": 0,
             "daemon": True, "stackTrace": trace}
            for number, name in enumerate(named, 20)
        ]
    }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    timeout = 15

    def do_GET(self) -> None:
        path, asked = self.read()
        if path.startswith("/actuator"):
            self.actuator(path.removeprefix("/actuator"))
        elif path == "/test/slow":
            time.sleep(int(asked.get("ms", "500")) / 1000)
            self.say(200, {"waited_ms": int(asked.get("ms", "500"))})
        elif path == "/":
            version = os.environ.get("STUB_VERSION", "1")
            self.say(200, {"replica": socket.gethostname(), "version": version, "loaded_at": LOADED_AT})
        else:
            self.say(404, {"status": 404, "error": "Not Found", "path": path})

    def do_POST(self) -> None:
        path, asked = self.read()
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
        if path == "/api/auth/login":
            self.say(200, {"token": "local-token"})
        elif path == "/test/health":
            state["status"] = asked.get("status", "UP")
            self.say(200, dict(state))
        elif path == "/test/metrics":
            METRICS.update({name: float(value) for name, value in asked.items()})
            self.say(200, METRICS)
        else:
            self.say(404, {"status": 404, "error": "Not Found", "path": path})

    def actuator(self, path: str) -> None:
        token = os.environ.get("STUB_TOKEN", "")
        kind, _, name = path.strip("/").partition("/")
        if token and kind != "health" and self.headers.get("Authorization") != f"Bearer {token}":
            self.say(401, {"status": 401, "error": "Unauthorized"})
        elif kind == "health":
            found = health() if not name else {"status": state["status"]}
            self.say(200 if found["status"] == "UP" else 503, found)
        elif kind == "metrics":
            known = metric(name) if name else {"names": sorted(METRICS)}
            self.say(200 if known else 404, known or {"status": 404, "error": "Not Found"})
        elif kind == "threaddump":
            self.say(200, threads())
        elif kind == "heapdump":
            self.heapdump(int(os.environ.get("STUB_HEAP_BYTES", "4000000")))
        else:
            self.say(404, {"status": 404, "error": "Not Found"})

    def heapdump(self, size_bytes: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(size_bytes))
        self.end_headers()
        self.wfile.write(HPROF)
        left = size_bytes - len(HPROF)
        while left > 0:
            self.wfile.write(CHUNK[:left])
            left -= len(CHUNK)

    def read(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, dict(parse_qsl(parts.query))

    def say(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.spring-boot.actuator.v3+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        if self.client_address[0] != "127.0.0.1":  # the health check would fill the log
            say(format % args)


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = False  # closing waits for those that are at work
    quiet = False

    def handle_timeout(self) -> None:
        self.quiet = True


def say(line: str) -> None:
    """One line to the container's log."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def stop(number: int, frame: object) -> None:
    os.write(WAKE, b"x")


def main() -> None:
    if os.environ.get("STUB_DEAF"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, stop)
    left = BROKEN.read_text().strip() if BROKEN.exists() else None
    if os.environ.get("STUB_CRASH") or left == "crash":
        sys.exit("could not start: the pool has no connection (made to fail)")
    if left is not None:
        state["status"] = "DOWN"
    server = Server(("0.0.0.0", 8080), Handler)
    server.timeout = 0
    say(f"Started BelezzaApplication in {time.time() - LOADED_AT:.3f} seconds")
    while WOKEN not in select.select([server.fileno(), WOKEN], [], [])[0]:
        server.handle_request()
    say("Commencing graceful shutdown. Waiting for active requests to complete")
    while not server.quiet:
        server.handle_request()
    server.socket.close()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(8)
    say("Graceful shutdown complete")


if __name__ == "__main__":
    main()
