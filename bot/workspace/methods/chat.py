"""Messages of the app: post, update, delete, ephemeral, permalink."""

from bot.workspace import messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.posting import app_message, read_content
from bot.workspace.shapes import message_json, permalink
from bot.workspace.state import Channel, Message
from bot.workspace.wire import Json, SlackError


def _own_channel(desk: Desk, arguments: Arguments) -> Channel:
    """The channel the app may write to. Raises `channel_not_found`, `not_in_channel`, `is_archived`."""
    channel = desk.state.channel(arguments.needed("channel", "channel_not_found"))
    if channel.archived:
        raise SlackError("is_archived")
    if desk.state.app.user_id not in channel.members:
        raise SlackError("channel_not_found" if channel.private else "not_in_channel")
    return channel


def _post(desk: Desk, arguments: Arguments) -> Json:
    channel = _own_channel(desk, arguments)
    message = app_message(desk.state, channel, read_content(arguments), arguments.text("thread_ts"))
    message.broadcast = bool(message.thread_ts) and arguments.flag("reply_broadcast")
    if message.broadcast:
        message.subtype = "thread_broadcast"
    message.username, message.icon_emoji = arguments.text("username"), arguments.text("icon_emoji")
    messages.post(desk.state, message)
    return {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(desk.state, message, True),
    }


def _own_message(desk: Desk, arguments: Arguments, refused: str) -> Message:
    channel = desk.state.channel(arguments.needed("channel", "channel_not_found"))
    message = desk.state.message(channel, arguments.needed("ts", "message_not_found"))
    if message.subtype == "tombstone":
        raise SlackError("message_not_found")
    if not message.by_app:
        raise SlackError(refused)
    return message


def _update(desk: Desk, arguments: Arguments) -> Json:
    message = _own_message(desk, arguments, "cant_update_message")
    if desk.state.channels[message.channel].archived:
        raise SlackError("is_archived")
    content = read_content(arguments)
    fields: dict[str, object] = {
        "text": content.text,
        "blocks": content.blocks,
        "attachments": content.attachments,
    }
    if "metadata" in arguments:
        fields["metadata"] = content.metadata
    messages.change(desk.state, message, desk.state.app.user_id, **fields)
    described = message_json(desk.state, message, True)
    return {
        "ok": True,
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": described,
    }


def _delete(desk: Desk, arguments: Arguments) -> Json:
    message = _own_message(desk, arguments, "cant_delete_message")
    messages.delete(desk.state, message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def _post_ephemeral(desk: Desk, arguments: Arguments) -> Json:
    channel = _own_channel(desk, arguments)
    user = arguments.needed("user", "user_not_found")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = app_message(desk.state, channel, read_content(arguments), arguments.text("thread_ts"))
    message.ephemeral_for = user
    messages.post(desk.state, message)
    return {"ok": True, "message_ts": message.ts}


def _permalink(desk: Desk, arguments: Arguments) -> Json:
    channel = desk.state.channel(arguments.needed("channel", "channel_not_found"))
    message = desk.state.message(channel, arguments.needed("message_ts", "message_not_found"))
    return {"ok": True, "channel": channel.id, "permalink": permalink(desk.page_url, message)}


METHODS = {
    "chat.postMessage": _post,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.postEphemeral": _post_ephemeral,
    "chat.getPermalink": _permalink,
}
