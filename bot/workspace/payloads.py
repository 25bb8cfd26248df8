"""The exact bodies of slash commands and interactions."""

import re

from bot.workspace.desk import Desk
from bot.workspace.events import VERIFICATION
from bot.workspace.shapes import message_json
from bot.workspace.state import Channel, Message, State
from bot.workspace.views import View, view_json
from bot.workspace.wire import Json


def slash(desk: Desk, user: str, channel: Channel, command: str, text: str, response_path: str) -> Json:
    """The form of a slash command."""
    shown = {"im": "directmessage", "group": "privategroup"}.get(channel.kind, channel.name)
    return {
        "token": VERIFICATION,
        "team_id": desk.state.team_id,
        "team_domain": desk.state.seed.team_domain,
        "channel_id": channel.id,
        "channel_name": shown,
        "user_id": user,
        "user_name": desk.state.name_of(user),
        "command": command,
        "text": text,
        "api_app_id": desk.state.app.app_id,
        "is_enterprise_install": "false",
        "response_url": desk.page_url + response_path,
        "trigger_id": desk.triggers.issue(user),
    }


def mentions_escaped(state: State, text: str) -> str:
    """`@ana` as `<@U…|ana>` and `#name` as `<#C…|name>`, for a command with `should_escape`."""
    people = {person.name: person.id for person in state.people.values()}
    channels = {channel.name: channel.id for channel in state.channels.values() if channel.name}

    def mention(found: re.Match[str]) -> str:
        sign, name = found.group(1), found.group(2)
        known = (people if sign == "@" else channels).get(name)
        return f"<{sign}{known}|{name}>" if known else found.group()

    return re.sub(r"(?<!\S)([@#])([a-z0-9][a-z0-9._-]*)", mention, text)


def _common(desk: Desk, kind: str, user: str) -> Json:
    name = desk.state.name_of(user)
    return {
        "type": kind,
        "user": {"id": user, "username": name, "name": name, "team_id": desk.state.team_id},
        "api_app_id": desk.state.app.app_id,
        "token": VERIFICATION,
        "team": {"id": desk.state.team_id, "domain": desk.state.seed.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def block_actions(desk: Desk, user: str) -> Json:
    """What every press carries; place, state and actions are added to it."""
    return _common(desk, "block_actions", user) | {"trigger_id": desk.triggers.issue(user)}


def in_message(desk: Desk, user: str, message: Message) -> Json:
    """Where a press in a message happened. An ephemeral message is not repeated, as in Slack."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": bool(message.ephemeral_for),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    path = desk.responses.issue(user, message.channel, message.ts)
    place: Json = {
        "container": container,
        "channel": channel_stub(desk.state, message.channel),
        "response_url": desk.page_url + path,
    }
    return place if message.ephemeral_for else place | {"message": message_json(desk.state, message)}


def channel_stub(state: State, channel_id: str) -> Json:
    """A channel as interactions name it."""
    channel = state.channels[channel_id]
    return {
        "id": channel.id,
        "name": {"im": "directmessage", "group": "privategroup"}.get(channel.kind, channel.name),
    }


def in_view(desk: Desk, view: View) -> Json:
    """Where a press in a modal or in App Home happened."""
    described = view_json(desk.state, view)
    return {"container": {"type": "view", "view_id": view.id}, "view": described, "state": described["state"]}


def view_submission(desk: Desk, view: View) -> Json:
    """A submitted modal."""
    body = _common(desk, "view_submission", view.user) | {"trigger_id": desk.triggers.issue(view.user)}
    return body | {"view": view_json(desk.state, view), "response_urls": []}


def view_closed(desk: Desk, view: View, cleared: bool) -> Json:
    """A modal that was closed with `notify_on_close`."""
    body = _common(desk, "view_closed", view.user)
    return body | {"view": view_json(desk.state, view), "is_cleared": cleared, "response_urls": []}


def message_action(desk: Desk, user: str, message: Message, callback_id: str) -> Json:
    """A message shortcut."""
    place = in_message(desk, user, message)
    return _common(desk, "message_action", user) | {
        "action_ts": desk.state.new_ts(),
        "callback_id": callback_id,
        "trigger_id": desk.triggers.issue(user),
        "response_url": place["response_url"],
        "message_ts": message.ts,
        "channel": place["channel"],
        "message": message_json(desk.state, message),
    }
