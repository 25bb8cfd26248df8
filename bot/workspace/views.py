"""Modals and App Home: what each person has open, and Slack's limits on it."""

import json
import time
from dataclasses import dataclass, field

from bot.workspace.blocks import MAX_IN_VIEW, check_blocks
from bot.workspace.report import Faultfinder
from bot.workspace.state import State
from bot.workspace.wire import Json, SlackError

MAX_STACK = 3
MAX_VIEW_BYTES = 250_000
PASSED_ON = ("title", "submit", "close", "blocks", "private_metadata", "callback_id", "clear_on_close",
             "notify_on_close", "submit_disabled", "external_id")  # fmt: skip


@dataclass
class View:
    """One modal or one person's App Home. `values` is `state.values` as last sent to the app."""

    id: str
    user: str
    kind: str
    content: Json
    hash: str
    root_id: str
    previous_id: str = ""
    values: Json = field(default_factory=dict)


class Views:
    """The modal stack and the home of every person."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self._count = 0

    def open(self, user: str, content: object) -> View:
        """Open a modal as the bottom of a new stack; whatever was open is replaced."""
        view = self._made(user, "modal", check_view(content, "modal"))
        self._refuse_known_external_id(view)
        self.stacks[user] = [view]
        return view

    def push(self, user: str, content: object) -> View:
        """Put a modal on top. Raises `push_limit_reached` at three, `not_found` when none is open."""
        stack = self.stacks.get(user, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        view = self._made(user, "modal", check_view(content, "modal"))
        self._refuse_known_external_id(view)
        view.root_id, view.previous_id = stack[0].id, stack[-1].id
        stack.append(view)
        return view

    def update(self, view: View, content: object, wanted_hash: str = "") -> View:
        """Replace a view's content. Raises `hash_conflict` when it moved on since `wanted_hash`."""
        if wanted_hash and wanted_hash != view.hash:
            raise SlackError("hash_conflict")
        view.content, view.hash = check_view(content, view.kind), self._new_hash()
        return view

    def publish(self, user: str, content: object, wanted_hash: str = "") -> View:
        """Set a person's App Home."""
        known = self.homes.get(user)
        if known is not None:
            return self.update(known, content, wanted_hash)
        self.homes[user] = self._made(user, "home", check_view(content, "home"))
        return self.homes[user]

    def find(self, view_id: str, external_id: str = "") -> View:
        """The open view of this id. Raises `not_found`."""
        everything = [*(view for stack in self.stacks.values() for view in stack), *self.homes.values()]
        for view in everything:
            if (view_id and view.id == view_id) or (
                external_id and view.content.get("external_id") == external_id
            ):
                return view
        raise SlackError("not_found")

    def close(self, view: View) -> None:
        """Take the view, and all above it, off its stack."""
        stack = self.stacks.get(view.user, [])
        if view in stack:
            del stack[stack.index(view) :]

    def _made(self, user: str, kind: str, content: Json) -> View:
        view_id = self._state.new_id("V")
        return View(view_id, user, kind, content, self._new_hash(), view_id)

    def _new_hash(self) -> str:
        self._count += 1
        return f"{int(time.time())}.{self._count:08x}"

    def _refuse_known_external_id(self, view: View) -> None:
        wanted = view.content.get("external_id")
        if not wanted:
            return
        for stack in self.stacks.values():
            if any(other.content.get("external_id") == wanted for other in stack):
                raise SlackError("duplicate_external_id")


def check_view(content: object, kind: str) -> Json:
    """A view's content within Slack's limits.

    Raises `SlackError`: `invalid_arguments` with every fault by JSON pointer, `view_too_large`.
    """
    if not isinstance(content, dict):
        raise SlackError("invalid_arguments", ["must be an object [json-pointer:/view]"])
    if len(json.dumps(content)) > MAX_VIEW_BYTES:
        raise SlackError("view_too_large")
    found = Faultfinder()
    if content.get("type") != kind:
        found.note(f"unsupported type: {content.get('type')}", "/view/type")
    if kind == "modal":
        found.has(content, ("title",), "/view")
    for name in ("title", "submit", "close"):
        found.text(content.get(name), 24, f"/view/{name}", plain=True)
    for name, limit in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        found.string(content.get(name), limit, f"/view/{name}", least=0)
    blocks = check_blocks(found, content.get("blocks"), MAX_IN_VIEW, kind, "/view/blocks")
    if (
        kind == "modal"
        and not content.get("submit")
        and any(block.get("type") == "input" for block in blocks)
    ):
        found.note("missing required field: submit (the view has inputs)", "/view")
    if found.messages:
        raise SlackError("invalid_arguments", found.messages)
    return content


def view_json(state: State, view: View) -> Json:
    """A view as answers and payloads carry it."""
    defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": "",
                      "clear_on_close": False, "notify_on_close": False, "submit_disabled": False,
                      "close": None, "submit": None}  # fmt: skip
    sent = {name: view.content[name] for name in PASSED_ON if name in view.content}
    title = {"type": "plain_text", "text": "View Title", "emoji": True}
    return {
        "id": view.id,
        "team_id": state.team_id,
        "type": view.kind,
        "title": title,
        **defaults,
        **sent,
        "state": {"values": view.values},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id or None,
        "app_id": state.app.app_id,
        "app_installed_team_id": state.team_id,
        "bot_id": state.app.bot_id,
    }
