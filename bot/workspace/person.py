"""Someone at the page, played by a program over HTTP: what a test says, presses, submits and sees."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from bot.workspace import loopback
from bot.workspace.inputs import elements_of
from bot.workspace.seen import SeenMessage, SeenView, words_of
from bot.workspace.wire import Json, SlackError

T = TypeVar("T")
CALL_S = 30.0
LOOK_AGAIN_S = 0.25


@dataclass(frozen=True)
class Told:
    """What the person was told of a press, a command or a submitted modal."""

    ok: bool
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


class Person:
    """One person. Deeds raise `SlackError` where the page would refuse them; presses return what was told."""

    def __init__(self, page_url: str, user_id: str, name: str) -> None:
        self.id, self.name = user_id, name
        self._url = page_url

    def say(self, text: str, channel: str, thread_ts: str = "", broadcast: bool = False) -> SeenMessage:
        """Type a message; `@ana`, `@drbot` and `#general` become mentions."""
        done = self._do("say", channel=channel, text=text, thread_ts=thread_ts, broadcast=broadcast)
        look = self.thread(channel, thread_ts) if thread_ts else self.channel(channel)
        return next(message for message in look if message.ts == done["ts"])

    def edit(self, message: SeenMessage, text: str) -> None:
        """Edit an own message."""
        self._do("edit", channel=message.channel, ts=message.ts, text=text)

    def delete(self, message: SeenMessage) -> None:
        """Delete an own message, or dismiss one that only this person sees."""
        self._do("delete", channel=message.channel, ts=message.ts)

    def react(self, message: SeenMessage, name: str) -> None:
        """Add a reaction, or take it back."""
        self._do("react", channel=message.channel, ts=message.ts, name=name)

    def pin(self, message: SeenMessage) -> None:
        """Pin, or unpin."""
        self._do("pin", channel=message.channel, ts=message.ts)

    def slash(self, line: str, channel: str) -> Told:
        """Send a slash command; returns when the app acknowledged or three seconds passed."""
        return self._told(self._do("slash", channel=channel, line=line))

    def press(
        self,
        place: SeenMessage | SeenView,
        what: str,
        *,
        choice: str | list[str] | None = None,
        inputs: Json | None = None,
        confirm: bool = True,
    ) -> Told:
        """Press a button or choose in a menu, named by its action id or its text.

        `choice` is the value of the chosen option(s); a confirm dialog is accepted unless `confirm=False`,
        which sends nothing. Raises `LookupError` when there is no such thing, naming what there is.
        """
        block, element = _find(place.blocks, what)
        if element.get("confirm") and not confirm:
            return Told(False, "not confirmed")
        sent: Json = {
            "action_id": element["action_id"],
            "block_id": block.get("block_id", ""),
            "inputs": inputs or {},
        }
        if choice is not None:
            sent["choices" if isinstance(choice, list) else "choice"] = choice
        where: Json = (
            {"view": place.id} if isinstance(place, SeenView) else {"channel": place.channel, "ts": place.ts}
        )
        return self._told(self._do("press", **sent, **where))

    def submit(self, view: SeenView, values: Json | None = None) -> Told:
        """Submit a modal. `values`: action id to what was typed, or `{block_id: {action_id: value}}`."""
        inputs: Json = {}
        for name, value in (values or {}).items():
            if isinstance(value, dict):
                inputs[name] = value
                continue
            block, element = _find(view.blocks, name)
            inputs.setdefault(str(block.get("block_id")), {})[element["action_id"]] = value
        return self._told(self._do("submit", view=view.id, inputs=inputs))

    def close(self, view: SeenView, everything: bool = False) -> None:
        """Close a modal, or the whole stack."""
        self._do("close", view=view.id, everything=everything)

    def shortcut(self, message: SeenMessage, callback_id: str) -> Told:
        """Use a message shortcut of the app."""
        return self._told(
            self._do("shortcut", channel=message.channel, ts=message.ts, callback_id=callback_id)
        )

    def open_home(self, tab: str = "home") -> None:
        """Open the app's Home (or `messages`) tab."""
        self._do("open_home", tab=tab)

    def join(self, channel: str) -> None:
        """Join a public channel."""
        self._do("join", channel=channel)

    def create_channel(self, name: str) -> str:
        """Create a channel; its id."""
        return str(self._do("create_channel", name=name)["channel"])

    def invite_app(self, channel: str) -> None:
        """Bring the bot into a channel."""
        self._do("invite_app", channel=channel)

    def direct(self) -> str:
        """The id of the direct conversation with the app."""
        return next(str(channel["id"]) for channel in self.channels() if channel["kind"] == "im")

    def channels(self) -> list[Json]:
        """The channels in the rail, with unread counts."""
        return list(self._see("rail")["channels"])

    def channel(self, channel: str) -> list[SeenMessage]:
        """The messages of a channel, oldest first, with those only this person sees."""
        return [SeenMessage.read(body) for body in self._see("channel", channel=channel)["messages"]]

    def thread(self, channel: str, ts: str) -> list[SeenMessage]:
        """A thread, parent first."""
        return [SeenMessage.read(body) for body in self._see("thread", channel=channel, ts=ts)["messages"]]

    def ephemerals(self, channel: str) -> list[SeenMessage]:
        """What only this person sees in a channel."""
        return [message for message in self.channel(channel) if message.private]

    def modals(self) -> list[SeenView]:
        """The open modals, bottom first."""
        return [SeenView.read(body) for body in self._see("views")["views"]]

    def home(self) -> SeenView | None:
        """App Home as published for this person."""
        body = self._see("home")["view"]
        return SeenView.read(body) if body else None

    def wait_for(self, look: Callable[[], T | None], timeout_s: float = 5.0) -> T:
        """Look again after each change until there is something to return. Raises `TimeoutError`."""
        ends = time.monotonic() + timeout_s
        version = 0
        while True:
            if found := look():
                return found
            if time.monotonic() > ends:
                raise TimeoutError(f"{self.name} saw nothing of the kind within {timeout_s} s")
            version = self._wait(version)

    def wait_for_message(self, words: str, channel: str, timeout_s: float = 5.0) -> SeenMessage:
        """The newest message of a channel that carries these words anywhere in its text or blocks."""

        def look() -> SeenMessage | None:
            return next((m for m in reversed(self.channel(channel)) if words in m.words), None)

        return self.wait_for(look, timeout_s)

    def wait_for_modal(self, title: str = "", timeout_s: float = 5.0) -> SeenView:
        """The topmost modal, once there is one (whose title carries these words)."""

        def look() -> SeenView | None:
            return next((view for view in reversed(self.modals()) if title in view.title), None)

        return self.wait_for(look, timeout_s)

    def _wait(self, version: int) -> int:
        query = urlencode({"version": version, "timeout_s": LOOK_AGAIN_S})
        answer = loopback.call("GET", f"{self._url}local/wait?{query}", None, {}, CALL_S)
        return int(json.loads(answer.body)["version"])

    def _told(self, body: Json) -> Told:
        return Told(bool(body["ok"]), str(body.get("error") or ""), dict(body.get("errors") or {}))

    def _do(self, deed: str, **body: object) -> Json:
        sent = json.dumps({"as": self.id, **body}).encode()
        headers = {"Content-Type": "application/json"}
        answer = loopback.call("POST", f"{self._url}local/do/{deed}", sent, headers, CALL_S)
        return _checked(answer, told=deed in ("slash", "press", "submit", "shortcut"))

    def _see(self, sight: str, **query: str) -> Json:
        words = urlencode({"as": self.id, **query})
        return _checked(loopback.call("GET", f"{self._url}local/see/{sight}?{words}", None, {}, CALL_S))


def _checked(answer: loopback.Answer, told: bool = False) -> Json:
    body: Json = json.loads(answer.body)
    if not body.get("ok") and not (told and "errors" in body and isinstance(body["errors"], dict)):
        raise SlackError(str(body.get("error")), body.get("errors"))
    return body


def _find(blocks: list[Json], what: str) -> tuple[Json, Json]:
    there = list(elements_of(blocks))
    for block, element in there:
        if what in (element["action_id"], words_of(element.get("text"))):
            return block, element
    names = ", ".join(f"{element['action_id']} ({words_of(element.get('text'))})" for _, element in there)
    raise LookupError(f"nothing called {what!r} here; there is: {names or 'nothing to press'}")
