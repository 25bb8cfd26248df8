"""Socket Mode: single-use links, envelopes to any one connection, acks matched by envelope id."""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.state import App
from bot.workspace.wire import Json, SlackError

MAX_CONNECTIONS = 10
TICKET_LIFE_S = 30.0
MAX_WAITING_FRAMES = 10_000
CLOSE = ""


@dataclass
class _Connection:
    websocket: WebSocket
    frames: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING_FRAMES))
    leaving: bool = False


class SocketMode:
    """Every open connection of the app, and the envelopes that wait for an ack."""

    def __init__(self, app: App, changed: Callable[[], None]) -> None:
        self._app = app
        self._changed = changed
        self._tickets: dict[str, float] = {}
        self._connections: list[_Connection] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = 0

    @property
    def connected(self) -> bool:
        """Whether the app holds a connection."""
        return bool(self._connections)

    def link(self, websocket_url: str) -> str:
        """A single-use link, good for 30 s. Raises `too_many_websockets` at ten connections."""
        if len(self._connections) >= MAX_CONNECTIONS:
            raise SlackError("too_many_websockets")
        now_s = time.monotonic()
        self._tickets = {ticket: ends_s for ticket, ends_s in self._tickets.items() if ends_s > now_s}
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = now_s + TICKET_LIFE_S
        return f"{websocket_url}link/?ticket={ticket}&app_id={self._app.app_id}"

    async def serve(self, websocket: WebSocket) -> None:
        """Hold one connection until either side ends it; a link used before is refused."""
        if self._tickets.pop(websocket.query_params.get("ticket", ""), 0.0) < time.monotonic():
            await websocket.close(1008)
            return
        await websocket.accept()
        connection = _Connection(websocket)
        self._connections.append(connection)
        self._changed()
        connection.frames.put_nowait(json.dumps(self._hello()))
        sender = asyncio.create_task(self._send(connection))
        try:
            while True:
                self._read(await websocket.receive_text())
        except (WebSocketDisconnect, RuntimeError, KeyError):
            pass  # the app went away or we closed: both end here, and unacked envelopes are redelivered
        finally:
            if connection in self._connections:
                self._connections.remove(connection)
            self._changed()
            sender.cancel()

    def send(
        self, kind: str, payload: Json, accepts_answer: bool, retry: Json
    ) -> asyncio.Future[Json] | None:
        """Send one envelope; the future is the ack's payload. None when nobody is connected."""
        staying = [
            connection for connection in self._connections if not connection.leaving
        ] or self._connections
        if not staying:
            return None
        self._turn += 1
        envelope_id = secrets.token_hex(4) + "-" + secrets.token_hex(8)
        envelope = {"envelope_id": envelope_id, "payload": payload, "type": kind,
                    "accepts_response_payload": accepts_answer, **retry}  # fmt: skip
        ack: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        ack.add_done_callback(lambda _: self._waiting.pop(envelope_id, None))
        self._waiting[envelope_id] = ack
        try:
            staying[self._turn % len(staying)].frames.put_nowait(json.dumps(envelope))
        except asyncio.QueueFull:
            ack.cancel()
            return None
        return ack

    def ask_to_reconnect(self, reason: str = "warning") -> None:
        """Send `disconnect` on every connection: the app should open a new one and leave this one."""
        for connection in self._connections:
            connection.leaving = True
            frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "local-workspace"}}
            connection.frames.put_nowait(json.dumps(frame))

    def drop(self) -> None:
        """Close every connection at once, as an outage does."""
        for connection in self._connections:
            connection.leaving = True
            connection.frames.put_nowait(CLOSE)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {
                "host": "local-workspace",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._app.app_id},
        }

    def _read(self, frame: str) -> None:
        try:
            ack = json.loads(frame)
        except ValueError:
            return  # not an ack: the envelope it should have been for runs into its time limit
        waiting = self._waiting.get(ack.get("envelope_id", "")) if isinstance(ack, dict) else None
        if waiting is not None and not waiting.done():
            payload = ack.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    async def _send(self, connection: _Connection) -> None:
        try:
            while True:
                frame = await connection.frames.get()
                if frame == CLOSE:
                    await connection.websocket.close(1012)
                    return
                await connection.websocket.send_text(frame)
        except (WebSocketDisconnect, RuntimeError):
            return  # gone while sending: the envelope stays unacked and is redelivered
