"""What a person at the page can do and see, as JSON: the page and the test client both speak only this."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from uuid import uuid4

from bot.workspace import interactions, messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.interactions import Outcome, Press
from bot.workspace.methods.conversations import create
from bot.workspace.methods.marks import reaction_name
from bot.workspace.responses import slackbot_says
from bot.workspace.shapes import permalink
from bot.workspace.state import Channel, Message
from bot.workspace.typed import read_typed
from bot.workspace.wire import Json, SlackError

Deed = Callable[[Desk, str, Arguments], Awaitable[Json]]


def _member_channel(desk: Desk, user: str, arguments: Arguments) -> Channel:
    channel = desk.state.channel(arguments.needed("channel"))
    if user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _message(desk: Desk, user: str, arguments: Arguments) -> Message:
    return desk.state.message(_member_channel(desk, user, arguments), arguments.needed("ts"))


async def _say(desk: Desk, user: str, arguments: Arguments) -> Json:
    channel, typed = _member_channel(desk, user, arguments), arguments.needed("text", "no_text")
    thread_ts = arguments.text("thread_ts")
    if typed.startswith("/") and thread_ts:
        slackbot_says(
            desk, user, channel.id, f"{typed.split()[0]} is not supported in threads. Sorry!", thread_ts
        )
        return {"ok": False, "error": "not supported in threads"}
    text, blocks = read_typed(desk.state, typed)
    made = Message(
        desk.state.new_ts(), channel.id, user, text, blocks, thread_ts=thread_ts, client_msg_id=str(uuid4())
    )
    if thread_ts and arguments.flag("broadcast"):
        made.broadcast, made.subtype = True, "thread_broadcast"
    messages.post(desk.state, made)
    return {"ok": True, "ts": made.ts, "channel": channel.id}


async def _edit(desk: Desk, user: str, arguments: Arguments) -> Json:
    message = _message(desk, user, arguments)
    if message.user != user:
        raise SlackError("cant_update_message")
    text, blocks = read_typed(desk.state, arguments.needed("text", "no_text"))
    messages.change(desk.state, message, user, text=text, blocks=blocks)
    return {"ok": True}


async def _delete(desk: Desk, user: str, arguments: Arguments) -> Json:
    mine = desk.state.ephemerals.get(user, [])
    for message in mine:
        if message.ts == arguments.text("ts"):
            messages.delete(desk.state, message)
            return {"ok": True}
    message = _message(desk, user, arguments)
    if message.user != user:
        raise SlackError("cant_delete_message")
    messages.delete(desk.state, message)
    return {"ok": True}


async def _react(desk: Desk, user: str, arguments: Arguments) -> Json:
    message, name = _message(desk, user, arguments), reaction_name(arguments.needed("name"))
    if user in message.reactions.get(name, []):
        messages.unreact(desk.state, message, user, name)
    else:
        messages.react(desk.state, message, user, name)
    return {"ok": True}


async def _pin(desk: Desk, user: str, arguments: Arguments) -> Json:
    message = _message(desk, user, arguments)
    if message.pinned_by:
        messages.unpin(desk.state, message, user)
    else:
        messages.pin(desk.state, message, user)
    return {"ok": True}


async def _slash(desk: Desk, user: str, arguments: Arguments) -> Json:
    channel = _member_channel(desk, user, arguments)
    return _told(await interactions.slash(desk, user, channel.id, arguments.needed("line")))


def _told(outcome: Outcome) -> Json:
    return asdict(outcome)


def _press_of(user: str, arguments: Arguments) -> Press:
    inputs = arguments.structure("inputs") or {}
    choice = arguments.structure("choices") if "choices" in arguments else None
    if choice is None and "choice" in arguments:
        choice = arguments.text("choice")
    return Press(user, arguments.needed("action_id"), arguments.text("block_id"), choice, inputs)


async def _press(desk: Desk, user: str, arguments: Arguments) -> Json:
    press = _press_of(user, arguments)
    if "view" in arguments:
        return _told(await interactions.press_in_view(desk, press, arguments.text("view")))
    channel, ts = arguments.needed("channel"), arguments.needed("ts")
    return _told(await interactions.press_in_message(desk, press, channel, ts))


async def _submit(desk: Desk, user: str, arguments: Arguments) -> Json:
    inputs = arguments.structure("inputs") or {}
    return _told(await interactions.submit(desk, user, arguments.needed("view"), inputs))


async def _close(desk: Desk, user: str, arguments: Arguments) -> Json:
    view = arguments.needed("view")
    return _told(await interactions.close(desk, user, view, arguments.flag("everything")))


async def _shortcut(desk: Desk, user: str, arguments: Arguments) -> Json:
    channel, ts = arguments.needed("channel"), arguments.needed("ts")
    return _told(await interactions.shortcut(desk, user, channel, ts, arguments.needed("callback_id")))


async def _open_home(desk: Desk, user: str, arguments: Arguments) -> Json:
    desk.events.opened_home(user, arguments.text("tab", "home"), desk.views.homes.get(user))
    return {"ok": True}


async def _join(desk: Desk, user: str, arguments: Arguments) -> Json:
    channel = desk.state.channel(arguments.needed("channel"))
    if channel.private or channel.archived:
        raise SlackError("is_archived" if channel.archived else "channel_not_found")
    messages.join(desk.state, channel, user)
    return {"ok": True}


async def _invite_app(desk: Desk, user: str, arguments: Arguments) -> Json:
    messages.join(desk.state, _member_channel(desk, user, arguments), desk.state.app.user_id, user)
    return {"ok": True}


async def _create_channel(desk: Desk, user: str, arguments: Arguments) -> Json:
    channel = create(desk.state, arguments.text("name"), user)
    return {"ok": True, "channel": channel.id}


async def _read(desk: Desk, user: str, arguments: Arguments) -> Json:
    channel = _member_channel(desk, user, arguments)
    newest = next(reversed(channel.messages), "0")
    if channel.last_read.get(user, "0") < newest:
        channel.last_read[user] = newest
        desk.live.send({"t": "channels"}, user)
    return {"ok": True}


async def _link(desk: Desk, user: str, arguments: Arguments) -> Json:
    return {"ok": True, "permalink": permalink(desk.page_url, _message(desk, user, arguments))}


DEEDS: dict[str, Deed] = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "pin": _pin,
    "slash": _slash,
    "press": _press,
    "submit": _submit,
    "close": _close,
    "shortcut": _shortcut,
    "open_home": _open_home,
    "join": _join,
    "invite_app": _invite_app,
    "create_channel": _create_channel,
    "read": _read,
    "link": _link,
}
