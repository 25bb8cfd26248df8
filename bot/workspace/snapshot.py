"""Keeps a workspace in a JSON file: a restart finds its channels, messages, homes and tokens again."""

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from bot.workspace.desk import Desk, Tokens
from bot.workspace.state import Channel, Message
from bot.workspace.views import View
from bot.workspace.wire import Json

FORMAT = 1


def take(desk: Desk) -> Json:
    """Everything worth keeping. Modals, triggers and response URLs are short-lived and are not."""
    return {
        "format": FORMAT,
        "tokens": asdict(desk.tokens),
        "channels": [_channel(channel) for channel in desk.state.channels.values()],
        "ephemerals": {user: [vars(m) for m in kept] for user, kept in desk.state.ephemerals.items()},
        "homes": {user: vars(view) for user, view in desk.views.homes.items()},
    }


def _channel(channel: Channel) -> Json:
    # vars, not asdict: nothing is copied, because it is written out before anything can change
    return vars(channel) | {"messages": {ts: vars(message) for ts, message in channel.messages.items()}}


def written(desk: Desk) -> str:
    """The snapshot as JSON text."""
    return json.dumps(take(desk), ensure_ascii=False)


def save(text: str, path: Path) -> None:
    """Write a snapshot beside the old one and put it in its place in one step. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> Json:
    """The snapshot in this file; empty when there is none yet.

    Raises `ValueError` when the file is not a snapshot: nothing is overwritten, the file has to be moved.
    """
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise ValueError(
            f"{path} is not a saved workspace ({wrong}). Move it away to start afresh."
        ) from wrong
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise ValueError(
            f"{path} was saved by another version of the workspace. Move it away to start afresh."
        )
    return kept


def tokens_of(kept: Json) -> Tokens:
    """The tokens of a snapshot, so that the bot's settings stay valid; fresh ones when there is none."""
    return Tokens(**kept["tokens"]) if kept else Tokens()


def restore(desk: Desk, kept: Json) -> None:
    """Put the kept channels, messages and homes into a freshly seeded desk. People come from the seed."""
    for saved in kept.get("channels", []):
        messages = {ts: Message(**message) for ts, message in saved.pop("messages").items()}
        desk.state.channels[saved["id"]] = Channel(**saved, messages=messages)
    for user, private in kept.get("ephemerals", {}).items():
        desk.state.ephemerals[user] = [Message(**message) for message in private]
    for user, home in kept.get("homes", {}).items():
        desk.views.homes[user] = View(**home)
