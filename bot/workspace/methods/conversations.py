"""Channels themselves: list, look, read, create, rename, archive, topic and purpose."""

import re
import time

from bot.workspace import messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.methods.pages import page
from bot.workspace.shapes import channel_json
from bot.workspace.state import Change, Channel, State
from bot.workspace.wire import Json, SlackError

KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
MAX_NAME = 80
MAX_TOPIC = 250


def check_name(state: State, name: str) -> str:
    """A legal channel name. Raises `invalid_name_required`, `…_maxlength`, `…_specials`, `name_taken`."""
    name = name.removeprefix("#")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > MAX_NAME:
        raise SlackError("invalid_name_maxlength")
    if not re.search(r"\w", name):
        raise SlackError("invalid_name_punctuation")
    if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if any(channel.name == name for channel in state.channels.values()):
        raise SlackError("name_taken")
    return name


def _visible(desk: Desk, arguments: Arguments) -> Channel:
    channel = desk.state.channel(arguments.needed("channel", "channel_not_found"))
    if channel.private and desk.state.app.user_id not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def _member(desk: Desk, arguments: Arguments) -> Channel:
    channel = _visible(desk, arguments)
    if desk.state.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    if channel.im_with:
        raise SlackError("method_not_supported_for_channel_type")
    return channel


def create(state: State, name: str, creator: str, private: bool = False) -> Channel:
    """Create a channel with its creator in it."""
    channel = state.add_channel(check_name(state, name), creator, private)
    channel.members = [creator]
    state.tell(Change("channel_created", channel, None, creator))
    return channel


def _create(desk: Desk, arguments: Arguments) -> Json:
    app = desk.state.app.user_id
    channel = create(desk.state, arguments.text("name"), app, arguments.flag("is_private"))
    return {"ok": True, "channel": channel_json(desk.state, channel)}


def _list(desk: Desk, arguments: Arguments) -> Json:
    kinds = {KINDS.get(kind, kind) for kind in arguments.names("types") or ["public_channel"]}
    app = desk.state.app.user_id
    wanted = [
        channel
        for channel in desk.state.channels.values()
        if channel.kind in kinds
        and not (channel.archived and arguments.flag("exclude_archived"))
        and (channel.kind == "channel" or app in channel.members)
    ]
    shown, cursor = page(wanted, arguments)
    described = [channel_json(desk.state, channel, members=True) for channel in shown]
    return {"ok": True, "channels": described, "response_metadata": {"next_cursor": cursor}}


def _info(desk: Desk, arguments: Arguments) -> Json:
    channel = _visible(desk, arguments)
    described = channel_json(desk.state, channel, members=arguments.flag("include_num_members"))
    return {"ok": True, "channel": described}


def _between(ts: str, oldest: str, latest: str, inclusive: bool) -> bool:
    above = not oldest or ts > oldest or (inclusive and ts == oldest)
    below = not latest or ts < latest or (inclusive and ts == latest)
    return above and below


def _bounds(arguments: Arguments) -> tuple[str, str, bool]:
    bounds = []
    for name in ("oldest", "latest"):
        value = arguments.text(name)
        try:
            moment = float(value or 0)
        except ValueError as wrong:
            raise SlackError(f"invalid_ts_{name}") from wrong
        exact = re.fullmatch(r"\d+\.\d{6}", value)
        bounds.append(value if exact else f"{moment:.6f}" if moment else "")
    return bounds[0], bounds[1], arguments.flag("inclusive")


def _history(desk: Desk, arguments: Arguments) -> Json:
    channel = _visible(desk, arguments)
    if desk.state.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    oldest, latest, inclusive = _bounds(arguments)
    newest_first = [m for m in reversed(messages.sent(channel)) if _between(m.ts, oldest, latest, inclusive)]
    shown, cursor = page(newest_first, arguments)
    body: Json = {
        "ok": True,
        "messages": messages.described(desk.state, shown, arguments.flag("include_all_metadata")),
        "has_more": bool(cursor),
        "pin_count": sum(bool(message.pinned_by) for message in channel.messages.values()),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    return body | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _replies(desk: Desk, arguments: Arguments) -> Json:
    channel = _visible(desk, arguments)
    if desk.state.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    whole = messages.thread(channel, arguments.needed("ts", "thread_not_found"))
    oldest, latest, inclusive = _bounds(arguments)
    replies = [m for m in whole[1:] if _between(m.ts, oldest, latest, inclusive)]
    shown, cursor = page([whole[0], *replies], arguments, default=1000)
    described = messages.described(desk.state, shown, arguments.flag("include_all_metadata"))
    body: Json = {"ok": True, "messages": described, "has_more": bool(cursor)}
    return body | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _archive(desk: Desk, arguments: Arguments) -> Json:
    channel = _visible(desk, arguments)
    if channel.archived:
        raise SlackError("already_archived")
    if channel.general:
        raise SlackError("cant_archive_general")
    _member(desk, arguments)
    app = desk.state.app.user_id
    messages.system_line(desk.state, channel, app, "channel_archive", f"<@{app}> archived the channel")
    channel.archived = True
    desk.state.tell(Change("channel_archived", channel, None, app))
    return {"ok": True}


def _rename(desk: Desk, arguments: Arguments) -> Json:
    channel, app = _member(desk, arguments), desk.state.app.user_id
    if channel.creator != app:
        raise SlackError("not_authorized")
    name, old = check_name(desk.state, arguments.text("name")), channel.name
    channel.previous_names.append(old)
    channel.name = name
    line = f'<@{app}> has renamed the channel from "{old}" to "{name}"'
    messages.system_line(desk.state, channel, app, "channel_name", line)
    desk.state.tell(Change("channel_renamed", channel, None, app))
    return {"ok": True, "channel": channel_json(desk.state, channel)}


def _set(desk: Desk, arguments: Arguments, what: str) -> Json:
    channel, app = _member(desk, arguments), desk.state.app.user_id
    value = arguments.text(what)
    if len(value) > MAX_TOPIC:
        raise SlackError("too_long")
    setting = {"value": value, "creator": app, "last_set": int(time.time())}
    setattr(channel, what, setting)
    shown = "topic" if what == "topic" else "description"
    line = f"<@{app}> set the channel {shown}: {value}" if value else f"<@{app}> cleared the channel {shown}"
    messages.system_line(desk.state, channel, app, f"channel_{what}", line)
    desk.state.tell(Change("channel_changed", channel, None, app))
    return {"ok": True, "channel": channel_json(desk.state, channel), what: value}


def _set_topic(desk: Desk, arguments: Arguments) -> Json:
    return _set(desk, arguments, "topic")


def _set_purpose(desk: Desk, arguments: Arguments) -> Json:
    return _set(desk, arguments, "purpose")


METHODS = {
    "conversations.create": _create,
    "conversations.list": _list,
    "conversations.info": _info,
    "conversations.history": _history,
    "conversations.replies": _replies,
    "conversations.archive": _archive,
    "conversations.rename": _rename,
    "conversations.setTopic": _set_topic,
    "conversations.setPurpose": _set_purpose,
}
