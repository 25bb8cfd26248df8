"""PagerDuty's V3 webhooks on their way out: signed, in order, again until they are taken, at least once."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
from typing import Any

import httpx

SECRET = "local-secret"
AGAIN_S = 0.1
TRIES = 100


class Hooks:
    """`to` is where they go ('' while nobody subscribes); `copies` how often each is delivered.

    `answers` are the status codes that came, 0 where nobody was there.
    """

    def __init__(self) -> None:
        self.to = ""
        self.copies = 1
        self.answers: list[int] = []
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._deliver, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(10)

    def tell(self, event: dict[str, Any]) -> None:
        if self.to:
            self._queue.put(event)

    @property
    def idle(self) -> bool:
        """Whether everything that was told was taken."""
        return not self._queue.unfinished_tasks

    def _deliver(self) -> None:
        with httpx.Client(timeout=5) as http:
            while (event := self._queue.get()) is not None:
                for _ in range(self.copies):
                    self._until_taken(http, json.dumps(event).encode())
                self._queue.task_done()

    def _until_taken(self, http: httpx.Client, body: bytes) -> None:
        for _ in range(TRIES):
            try:
                status = http.post(self.to, content=body, headers=headers(body)).status_code
            except httpx.HTTPError:
                status = 0
            self.answers.append(status)
            if 200 <= status < 300 or 400 <= status < 429 or self._stopping.wait(AGAIN_S):
                return


def headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """As PagerDuty signs it: the right signature among others."""
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-PagerDuty-Signature": f"v1={'0' * 64}, v1={right}", "Content-Type": "application/json"}
