"""PagerDuty's `GET /oncalls` on this machine: strict about what it is asked, and able to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "local-key"
ACCEPT = "application/vnd.pagerduty+json;version=2"


class Pager:
    """Who is on call there: (email, level, start, end). `status` other than 200 is answered instead."""

    def __init__(self) -> None:
        self.turns: list[tuple[str, int, str | None, str | None]] = []
        self.status = 200
        self.body: bytes | None = None
        self.asked: list[dict[str, list[str]]] = []
        self.faults: list[str] = []
        self.url = ""

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        split = urlsplit(path)
        asked = parse_qs(split.query)
        self.asked.append(asked)
        if headers.get("authorization") != f"Token token={KEY}":
            return 401, b'{"error":{"message":"Unauthorized","code":2006}}'
        wrong = [name for name in asked if name not in ("schedule_ids[]", "include[]", "earliest", "limit")]
        if split.path != "/oncalls" or wrong or headers.get("accept") != ACCEPT:
            self.faults.append(f"{path} {headers.get('accept')}")
            return 400, b'{"error":{"message":"Invalid Input Provided","code":2001}}'
        if self.status != 200:
            return self.status, b"{}"
        if self.body is not None:
            return 200, self.body
        with_users = "users" in asked.get("include[]", [])
        oncalls = [self._oncall(number, turn, with_users) for number, turn in enumerate(self.turns)]
        page = {"oncalls": oncalls, "limit": 100, "offset": 0, "more": False, "total": None}
        return 200, json.dumps(page).encode()

    @staticmethod
    def _oncall(number: int, turn: tuple[str, int, str | None, str | None], with_users: bool) -> object:
        email, level, start, end = turn
        user: dict[str, object] = {
            "id": f"PU{number}",
            "type": "user_reference",
            "summary": email.split("@")[0],
        }
        if with_users:
            user |= {"type": "user", "name": user["summary"], "email": email, "time_zone": "UTC"}
        return {
            "user": user,
            "schedule": {"id": "PI7DH85", "type": "schedule_reference", "summary": "Daily"},
            "escalation_policy": {"id": "PT20YPA", "type": "escalation_policy_reference", "summary": "All"},
            "escalation_level": level,
            "start": start,
            "end": end,
        }


@contextmanager
def pager() -> Iterator[Pager]:
    """It listens on a free port of this machine while the block runs."""
    made = Pager()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, body = made.answer(self.path, headers)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: what matters is kept in `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
