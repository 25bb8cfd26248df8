"""Reactions and pins."""

import re

from bot.workspace import messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.shapes import message_json, permalink
from bot.workspace.state import Message
from bot.workspace.wire import Json, SlackError


def _message(desk: Desk, arguments: Arguments) -> Message:
    channel = desk.state.channel(arguments.needed("channel", "channel_not_found"))
    return desk.state.message(channel, arguments.needed("timestamp", "no_item_specified"))


def reaction_name(name: str) -> str:
    """A reaction's name without colons. Raises `invalid_name`."""
    name = name.strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    return name


def _add_reaction(desk: Desk, arguments: Arguments) -> Json:
    name = reaction_name(arguments.text("name"))
    messages.react(desk.state, _message(desk, arguments), desk.state.app.user_id, name)
    return {"ok": True}


def _remove_reaction(desk: Desk, arguments: Arguments) -> Json:
    name = reaction_name(arguments.text("name"))
    messages.unreact(desk.state, _message(desk, arguments), desk.state.app.user_id, name)
    return {"ok": True}


def _get_reactions(desk: Desk, arguments: Arguments) -> Json:
    message = _message(desk, arguments)
    described = message_json(desk.state, message) | {"permalink": permalink(desk.page_url, message)}
    return {"ok": True, "type": "message", "channel": message.channel, "message": described}


def _add_pin(desk: Desk, arguments: Arguments) -> Json:
    messages.pin(desk.state, _message(desk, arguments), desk.state.app.user_id)
    return {"ok": True}


def _remove_pin(desk: Desk, arguments: Arguments) -> Json:
    messages.unpin(desk.state, _message(desk, arguments), desk.state.app.user_id)
    return {"ok": True}


def _pinned_item(desk: Desk, message: Message) -> Json:
    return {
        "type": "message",
        "channel": message.channel,
        "created": message.pinned_at_s,
        "created_by": message.pinned_by,
        "message": message_json(desk.state, message) | {"permalink": permalink(desk.page_url, message)},
    }


def _list_pins(desk: Desk, arguments: Arguments) -> Json:
    channel = desk.state.channel(arguments.needed("channel", "channel_not_found"))
    pinned = [message for message in channel.messages.values() if message.pinned_by]
    pinned.sort(key=lambda message: message.pinned_at_s, reverse=True)
    items = [_pinned_item(desk, message) for message in pinned]
    return {"ok": True, "items": items}


METHODS = {
    "reactions.add": _add_reaction,
    "reactions.remove": _remove_reaction,
    "reactions.get": _get_reactions,
    "pins.add": _add_pin,
    "pins.remove": _remove_pin,
    "pins.list": _list_pins,
}
