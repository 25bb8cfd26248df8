"""Takes events, commands and presses to the app, by Socket Mode or signed HTTP, and waits for the ack."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.workspace import loopback
from bot.workspace.socket_mode import SocketMode
from bot.workspace.wire import Json

ENCODED_AS = {"events_api": "json", "slash_commands": "form", "interactive": "payload"}


class Unanswered(Exception):
    """The app did not acknowledge: it is not connected, too slow, or answered with an error."""


@dataclass(frozen=True)
class Patience:
    """How long an ack may take, and when an event that got none is sent again."""

    ack_s: float = 3.0
    event_retries_s: tuple[float, ...] = (0.0, 60.0, 300.0)


class Delivery:
    """The way to the app. Events are redelivered; commands and presses are not, as in Slack."""

    def __init__(
        self, sockets: SocketMode, request_url: str, signing_secret: str, patience: Patience
    ) -> None:
        self.request_url = request_url
        self._sockets = sockets
        self._secret = signing_secret.encode()
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, kind: str, payload: Json) -> Json:
        """Deliver a command or an interaction; the ack's payload. Raises `Unanswered` with the reason."""
        return await self._once(kind, payload, {})

    def tell(self, event: Json) -> None:
        """Deliver an event in the background, in order, again until it is acknowledged or given up."""
        self.start(self._redeliver(event, self._begin("events_api", event, {})))

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the request that caused it, kept until done or closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up on everything still under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, kind: str, payload: Json, retry: Json) -> asyncio.Future[Json] | None:
        return self._sockets.send(kind, payload, kind != "events_api", retry)

    async def _redeliver(self, event: Json, first: asyncio.Future[Json] | None) -> None:
        reason = await self._failure(event, first, {})
        for attempt, delay_s in enumerate(self._patience.event_retries_s, start=1):
            if not reason:
                return
            await asyncio.sleep(delay_s)
            retry = {"retry_attempt": attempt, "retry_reason": reason}
            reason = await self._failure(event, self._begin("events_api", event, retry), retry)

    async def _failure(self, event: Json, ack: asyncio.Future[Json] | None, retry: Json) -> str:
        """Why this attempt failed; empty when it was acknowledged."""
        try:
            await self._answer("events_api", event, ack, retry)
        except Unanswered as failed:
            return str(failed)
        return ""

    async def _once(self, kind: str, payload: Json, retry: Json) -> Json:
        return await self._answer(kind, payload, self._begin(kind, payload, retry), retry)

    async def _answer(self, kind: str, payload: Json, ack: asyncio.Future[Json] | None, retry: Json) -> Json:
        if ack is not None:
            try:
                return await asyncio.wait_for(ack, self._patience.ack_s)
            except TimeoutError as late:
                raise Unanswered("timeout") from late
        if not self.request_url:
            raise Unanswered("not_connected")
        return await asyncio.to_thread(self._post, kind, payload, retry)

    def _post(self, kind: str, payload: Json, retry: Json) -> Json:
        body, content_type = _encoded(kind, payload)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (local workspace)",
            **self._signed(body),
        }
        if retry:
            headers["X-Slack-Retry-Num"] = str(retry["retry_attempt"])
            headers["X-Slack-Retry-Reason"] = f"http_{retry['retry_reason']}"
        try:
            answer = loopback.call("POST", self.request_url, body, headers, self._patience.ack_s)
        except TimeoutError as late:
            raise Unanswered("timeout") from late
        except (OSError, ValueError) as broken:
            raise Unanswered("connection_failed") from broken
        if answer.status != 200:
            raise Unanswered("error")
        return _read_answer(answer)

    def _signed(self, body: bytes) -> dict[str, str]:
        moment = str(int(time.time()))
        digest = hmac.new(self._secret, b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}


def _encoded(kind: str, payload: Json) -> tuple[bytes, str]:
    if ENCODED_AS[kind] == "json":
        return json.dumps(payload).encode(), "application/json"
    if ENCODED_AS[kind] == "payload":
        payload = {"payload": json.dumps(payload)}
    return urlencode(payload).encode(), "application/x-www-form-urlencoded"


def _read_answer(answer: loopback.Answer) -> Json:
    text = answer.body.decode(errors="replace")
    if answer.kind == "application/json" and text.strip():
        try:
            read = json.loads(text)
        except ValueError as wrong:
            raise Unanswered("error") from wrong
        return read if isinstance(read, dict) else {}
    return {"text": text} if text.strip() else {}
