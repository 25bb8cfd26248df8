"""PagerDuty on this machine: Events API v2, REST, webhooks; strict where PagerDuty is, faulty on demand."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.real.pagerduty_account import Account
from tests.real.pagerduty_events import enqueued
from tests.real.pagerduty_hooks import Hooks
from tests.real.pagerduty_rest import Reply, RestApi

ROUTING_KEY = "local-routing-key-of-32-letters."
API_KEY = "local-key"
EVENTS_LIMIT_BYTES = 512_000
HANG_S = 30.0
ACCEPTED = 202


class Request(NamedTuple):
    method: str
    path: str
    body: Any


class PagerDutyThere:
    """`account` is its state, `hooks` its webhooks. `requests` are those that arrived, `writes` those that
    change something, `enqueued` the events that were taken.

    `misbehave` answers the next requests whose path begins so with a status, or: `hang` (no answer), `cut`
    (the connection ends unanswered, nothing was done), `cut-after` (it was done, the answer never comes).
    """

    def __init__(self) -> None:
        self.account = Account()
        self.hooks = Hooks()
        self.account.told = self.hooks.tell
        self.rest = RestApi(self.account, API_KEY)
        self.requests: list[Request] = []
        self.headers: dict[str, str] = {}
        self.url = ""
        self._misdeeds: deque[tuple[str, int | str]] = deque()
        self._down: int | str = ""
        self._lock = threading.RLock()
        self.released = threading.Event()
        self.enqueued: list[Any] = []

    @property
    def writes(self) -> list[Request]:
        return [one for one in self.requests if one.method != "GET"]

    @property
    def actions(self) -> list[str]:
        """The event actions that arrived, in order."""
        return [one.body["event_action"] for one in self.requests if one.path == "/v2/enqueue"]

    def misbehave(self, how: int | str, times: int = 1, path: str = "/") -> None:
        self._misdeeds.extend([(path, how)] * times)

    def down(self, how: int | str = 503) -> None:
        """Until `up`, every request fails so."""
        self._down = how

    def up(self) -> None:
        self._down = ""

    def handle(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> Reply | str:
        """An answer, or how the connection ends without one."""
        with self._lock:
            split = urlsplit(target)
            body = json.loads(raw) if raw else None
            self.requests.append(Request(method, split.path, body))
            how = self._misdeed(split.path)
            if isinstance(how, int):
                return Reply(how, {"error": {"message": "told to fail", "code": how}}, dict(self.headers))
            if how in ("hang", "cut"):
                return how
            reply = self._served(method, split.path, parse_qs(split.query), headers, body, len(raw))
            return how or reply

    def _misdeed(self, path: str) -> int | str:
        if self._down:
            return self._down
        if self._misdeeds and path.startswith(self._misdeeds[0][0]):
            return self._misdeeds.popleft()[1]
        return ""

    def _served(
        self,
        method: str,
        path: str,
        query: dict[str, list[str]],
        headers: dict[str, str],
        body: Any,
        size: int,
    ) -> Reply:
        if path == "/v2/enqueue" and method == "POST":
            if size > EVENTS_LIMIT_BYTES:
                return Reply(413, {"status": "invalid event", "message": "too large", "errors": []})
            reply = enqueued(self.account, ROUTING_KEY, body)
            if reply.status == ACCEPTED:
                self.enqueued.append(body)
            return reply
        return self.rest.answer(method, path, query, headers, body)


@contextmanager
def pagerduty() -> Iterator[PagerDutyThere]:
    """It listens on a free port of this machine while the block runs."""
    made = PagerDutyThere()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    made.hooks.start()
    try:
        yield made
    finally:
        made.released.set()
        made.hooks.stop()
        server.shutdown()
        server.server_close()
        thread.join(10)


def _handler(made: PagerDutyThere) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            raw = self.rfile.read(int(headers.get("content-length", "0")))
            reply = made.handle(self.command, self.path, headers, raw)
            if isinstance(reply, str):
                if reply == "hang":
                    made.released.wait(HANG_S)
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = json.dumps(reply.body).encode() if not isinstance(reply.body, bytes) else reply.body
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _do

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: what matters is kept in `requests`."""

    return Handler
