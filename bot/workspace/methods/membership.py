"""Who is in a channel: members, invite, join, leave, and direct conversations."""

from bot.workspace import messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.methods.pages import page
from bot.workspace.shapes import channel_json
from bot.workspace.state import Channel
from bot.workspace.wire import Json, SlackError

MAX_INVITED = 100


def _channel(desk: Desk, arguments: Arguments) -> Channel:
    channel = desk.state.channel(arguments.needed("channel", "channel_not_found"))
    if channel.private and desk.state.app.user_id not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def _members(desk: Desk, arguments: Arguments) -> Json:
    shown, cursor = page(_channel(desk, arguments).members, arguments)
    return {"ok": True, "members": shown, "response_metadata": {"next_cursor": cursor}}


def _fault(desk: Desk, channel: Channel, user: str) -> str:
    if user == desk.state.app.user_id:
        return "cant_invite_self"
    if user not in desk.state.people:
        return "user_not_found"
    return "already_in_channel" if user in channel.members else ""


def _invite(desk: Desk, arguments: Arguments) -> Json:
    channel = _channel(desk, arguments)
    app = desk.state.app.user_id
    if channel.im_with:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if app not in channel.members:
        raise SlackError("not_in_channel")
    users = arguments.names("users")
    if not users:
        raise SlackError("no_user")
    if len(users) > MAX_INVITED:
        raise SlackError("too_many_users")
    faults = {user: fault for user in users if (fault := _fault(desk, channel, user))}
    errors = [{"user": user, "ok": False, "error": fault} for user, fault in faults.items()]
    good = [user for user in users if user not in faults]
    if errors and (not arguments.flag("force") or not good):
        raise SlackError(str(errors[0]["error"]), errors=errors)
    for user in good:
        messages.join(desk.state, channel, user, app)
    return {
        "ok": True,
        "channel": channel_json(desk.state, channel),
        **({"errors": errors} if errors else {}),
    }


def _join(desk: Desk, arguments: Arguments) -> Json:
    channel = _channel(desk, arguments)
    if channel.im_with or channel.private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    already = desk.state.app.user_id in channel.members
    messages.join(desk.state, channel, desk.state.app.user_id)
    body: Json = {"ok": True, "channel": channel_json(desk.state, channel)}
    if already:
        body |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return body


def _leave(desk: Desk, arguments: Arguments) -> Json:
    channel = _channel(desk, arguments)
    if desk.state.app.user_id not in channel.members:
        return {"ok": True, "not_in_channel": True}
    channel.members.remove(desk.state.app.user_id)
    return {"ok": True}


def _open(desk: Desk, arguments: Arguments) -> Json:
    if "channel" in arguments:
        channel = desk.state.channel(arguments.text("channel"))
    else:
        users = arguments.names("users")
        if not users:
            raise SlackError("users_list_not_supplied")
        if len(users) > 1:
            raise SlackError("invalid_user_combination")
        if users[0] not in desk.state.people:
            raise SlackError("user_not_found")
        channel = desk.state.direct(users[0])
    if not arguments.flag("return_im"):
        return {"ok": True, "channel": {"id": channel.id}}
    return {"ok": True, "channel": channel_json(desk.state, channel)}


METHODS = {
    "conversations.members": _members,
    "conversations.invite": _invite,
    "conversations.join": _join,
    "conversations.leave": _leave,
    "conversations.open": _open,
}
