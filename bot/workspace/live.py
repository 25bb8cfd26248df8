"""Tells open pages what changed, and lets a test wait for the next change instead of sleeping."""

import asyncio
import json

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.shapes import message_json
from bot.workspace.state import Change, Message, State
from bot.workspace.wire import Json

MAX_WAITING = 5_000
CLOSE = ""


def page_message(state: State, message: Message) -> Json:
    """A message as the page draws it: Slack's shape, its place, and whether only one person sees it."""
    body = message_json(state, message)
    return body | {
        "channel": message.channel,
        "private_to": message.ephemeral_for,
        "broadcast": message.broadcast,
    }


class Live:
    """Every open page with the person who looks at it, and a version that counts all changes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pages: dict[asyncio.Queue[str], str] = {}
        self._changed = asyncio.Event()
        self.version = 0

    def hear(self, change: Change) -> None:
        """Send a change of the state to the pages that may see it."""
        self.version += 1
        self._changed.set()
        if not self._pages:
            return
        message = change.message
        if message is not None and change.kind == "message_deleted" and message.subtype != "tombstone":
            self.send({"t": "gone", "channel": message.channel, "ts": message.ts}, message.ephemeral_for)
        elif message is not None:
            posted = change.kind == "message_posted"
            body = {"t": "message", "posted": posted, "message": page_message(self._state, message)}
            self.send(body, message.ephemeral_for, message.channel)
        if message is not None and message.is_reply and not message.ephemeral_for:
            parent = self._state.channels[message.channel].messages.get(message.thread_ts)
            if parent is not None:
                body = {"t": "message", "posted": False, "message": page_message(self._state, parent)}
                self.send(body, "", message.channel)
        if message is None or change.kind == "pin_added":
            self.send({"t": "channels"})

    def touch(self, event: Json, user: str = "") -> None:
        """Count a change that is not in the state (a modal, a home, the grammar) and send it."""
        self.version += 1
        self._changed.set()
        self.send(event, user)

    def send(self, event: Json, user: str = "", channel: str = "") -> None:
        """Send to one person's pages, or to everyone who can see the channel."""
        frame = json.dumps(event)
        place = self._state.channels.get(channel)
        for queue, viewer in list(self._pages.items()):
            hidden = place is not None and (place.im_with or place.private) and viewer not in place.members
            if user not in ("", viewer) or hidden:
                continue
            if queue.full():
                del self._pages[queue]  # too slow to follow: closed, and it reads everything again
                while not queue.empty():
                    queue.get_nowait()
                frame = CLOSE
            queue.put_nowait(frame)

    async def wait(self, version: int, timeout_s: float) -> int:
        """The current version, as soon as it is past `version` or the time is up."""
        if self.version <= version:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), timeout_s)
            except TimeoutError:
                return self.version
        return self.version

    async def serve(self, websocket: WebSocket) -> None:
        """Follow along until the page goes away."""
        await websocket.accept()
        queue: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)
        self._pages[queue] = websocket.query_params.get("as", "")
        sender = asyncio.create_task(self._send(websocket, queue))
        try:
            while True:
                await websocket.receive_text()
        except (WebSocketDisconnect, RuntimeError, KeyError):
            pass  # the page was closed
        finally:
            self._pages.pop(queue, None)
            sender.cancel()

    async def _send(self, websocket: WebSocket, queue: asyncio.Queue[str]) -> None:
        try:
            while frame := await queue.get():
                await websocket.send_text(frame)
            await websocket.close(1013)
        except (WebSocketDisconnect, RuntimeError):
            return  # the page was closed while we spoke
