"""What a person sees: the workspace at a glance, a channel, a thread, their modals and their App Home."""

from bot.workspace import messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.live import page_message
from bot.workspace.methods.people import group_id
from bot.workspace.shapes import colour_of
from bot.workspace.state import SLACKBOT, Channel
from bot.workspace.views import view_json
from bot.workspace.wire import Json, SlackError

MAX_SHOWN = 200


def world(desk: Desk, user: str) -> Json:
    """Everything the page needs before it knows which channel to show."""
    state = desk.state
    app = {"id": state.app.user_id, "bot_id": state.app.bot_id, "name": state.app.name,
           "description": state.seed.app_description, "connected": connected(desk)}  # fmt: skip
    people = [
        {"id": person.id, "name": person.name, "real_name": person.real_name, "title": person.title,
         "tz": person.tz, "color": colour_of(person.id)}
        for person in state.people.values()
    ]  # fmt: skip
    groups = [{"id": group_id(n), "handle": g.handle} for n, g in enumerate(state.seed.groups, start=1)]
    return {
        "ok": True,
        "me": user,
        "team": state.seed.team_name,
        "app": app,
        "slackbot": SLACKBOT,
        "people": people,
        "groups": groups,
        "channels": channels(desk, user),
        "commands": commands(desk),
        "shortcuts": [{"name": s.name, "callback_id": s.callback_id} for s in state.seed.shortcuts],
    }


def connected(desk: Desk) -> bool:
    """Whether there is a way to the app right now."""
    return desk.sockets.connected or bool(desk.delivery.request_url)


def commands(desk: Desk) -> list[Json]:
    """The slash commands with what they complete to."""
    return [
        {"command": command.command, "description": command.description, "usage_hint": command.usage_hint,
         "completions": [{"text": one.text, "hint": one.hint} for one in command.completions]}
        for command in desk.commands
    ]  # fmt: skip


def channels(desk: Desk, user: str) -> list[Json]:
    """The channels a person can see, with what they have not read."""
    visible = (c for c in desk.state.channels.values() if user in c.members or c.kind == "channel")
    return [_channel(desk, user, channel) for channel in visible]


def _channel(desk: Desk, user: str, channel: Channel) -> Json:
    member = user in channel.members
    unread = mentions = 0
    if member:
        since = channel.last_read.get(user, "0")
        for message in reversed(channel.messages.values()):
            if message.ts <= since or unread >= 100:
                break
            if message.user != user and not message.subtype.startswith("channel_") and not message.is_reply:
                unread += 1
                mentions += f"<@{user}>" in message.text or "<!channel>" in message.text
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "topic": channel.topic["value"],
        "purpose": channel.purpose["value"],
        "member": member,
        "app_member": desk.state.app.user_id in channel.members,
        "archived": channel.archived,
        "members": list(channel.members),
        "unread": unread,
        "mentions": mentions,
        "latest": next(reversed(channel.messages), ""),
        "bookmarks": [
            {"title": b["title"], "link": b["link"], "emoji": b["emoji"]} for b in channel.bookmarks
        ],
    }


def channel(desk: Desk, user: str, arguments: Arguments) -> Json:
    """The newest messages of a channel, oldest first, with what only this person sees among them."""
    seen = _readable(desk, user, arguments)
    before = arguments.text("before")
    sent = [m for m in messages.sent(seen) if not before or m.ts < before]
    shown = sent[-MAX_SHOWN:]
    private = [m for m in desk.state.ephemerals.get(user, []) if m.channel == seen.id and not m.thread_ts]
    oldest = shown[0].ts if shown and (len(sent) > MAX_SHOWN or before) else "0"
    shown = sorted([*shown, *(m for m in private if m.ts >= oldest)], key=lambda message: message.ts)
    pinned = [page_message(desk.state, m) for m in seen.messages.values() if m.pinned_by]
    described = [page_message(desk.state, message) for message in shown]
    return {"ok": True, "messages": described, "more": len(sent) > MAX_SHOWN, "pinned": pinned}


def thread(desk: Desk, user: str, arguments: Arguments) -> Json:
    """A thread, parent first, with what only this person sees in it."""
    seen = _readable(desk, user, arguments)
    whole = messages.thread(seen, arguments.needed("ts"))
    private = [m for m in desk.state.ephemerals.get(user, []) if m.thread_ts == whole[0].ts]
    shown = [whole[0], *sorted([*whole[1:], *private], key=lambda message: message.ts)]
    return {"ok": True, "messages": [page_message(desk.state, message) for message in shown]}


def _readable(desk: Desk, user: str, arguments: Arguments) -> Channel:
    seen = desk.state.channel(arguments.needed("channel"))
    if user not in seen.members and seen.kind != "channel":
        raise SlackError("channel_not_found")
    return seen


def views(desk: Desk, user: str, _: Arguments) -> Json:
    """The person's open modals, bottom first."""
    return {"ok": True, "views": [view_json(desk.state, view) for view in desk.views.stacks.get(user, [])]}


def home(desk: Desk, user: str, _: Arguments) -> Json:
    """The person's App Home; null until the app published one."""
    view = desk.views.homes.get(user)
    return {"ok": True, "view": view_json(desk.state, view) if view else None}


def rail(desk: Desk, user: str, _: Arguments) -> Json:
    """The channel list alone, for when only it changed."""
    return {
        "ok": True,
        "channels": channels(desk, user),
        "connected": connected(desk),
        "commands": commands(desk),
    }


def everything(desk: Desk, user: str, _: Arguments) -> Json:
    """The whole world, for a page that starts."""
    return world(desk, user)


SIGHTS = {
    "world": everything,
    "rail": rail,
    "channel": channel,
    "thread": thread,
    "views": views,
    "home": home,
}
