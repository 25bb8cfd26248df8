"""People, channels and messages in the exact JSON shapes that Slack's Web API and events carry."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.workspace.state import SLACKBOT, Channel, Message, State
from bot.workspace.wire import Json

COLOURS = ("2b7a78", "8f4899", "c2702d", "2f6fb5", "b0413e", "5b7f3a", "6a5acd", "a2467a")


def colour_of(user_id: str) -> str:
    """A steady colour for a person, six hex digits."""
    return COLOURS[hashlib.sha256(user_id.encode()).digest()[0] % len(COLOURS)]


def _offset_s(tz: str) -> int:
    try:
        offset = datetime.now(ZoneInfo(tz)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    return int(offset.total_seconds()) if offset else 0


def user_json(state: State, user_id: str) -> Json:
    """A person or the app's bot user, as `users.info` describes it."""
    person = state.people.get(user_id)
    is_app = user_id == state.app.user_id
    name = person.name if person else state.app.name if is_app else "slackbot"
    real_name = person.real_name if person else state.app.name if is_app else "Slackbot"
    tz = person.tz if person else "America/Los_Angeles"
    profile: Json = {
        "title": person.title if person else "",
        "real_name": real_name,
        "real_name_normalized": real_name,
        "display_name": "" if is_app else name,
        "display_name_normalized": "" if is_app else name,
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": f"g{hashlib.sha256(user_id.encode()).hexdigest()[:11]}",
        "team": state.team_id,
    }
    if person and person.email:
        profile["email"] = person.email
    if is_app:
        profile |= {"api_app_id": state.app.app_id, "bot_id": state.app.bot_id, "always_active": True}
    return {
        "id": user_id,
        "team_id": state.team_id,
        "name": name,
        "deleted": False,
        "color": colour_of(user_id),
        "real_name": real_name,
        "tz": tz,
        "tz_label": tz,
        "tz_offset": _offset_s(tz),
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": is_app or user_id == SLACKBOT,
        "is_app_user": False,
        "updated": 0,
    }


def channel_json(state: State, channel: Channel, seen_by: str = "", members: bool = False) -> Json:
    """A conversation as `conversations.info` describes it, from the app's seat unless `seen_by` is given."""
    if channel.im_with:
        return {
            "id": channel.id,
            "created": channel.created_s,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "user": channel.im_with,
            "is_user_deleted": False,
            "priority": 0,
        }
    described: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "created": channel.created_s,
        "updated": channel.created_s * 1000,
        "is_archived": channel.archived,
        "is_general": channel.general,
        "unlinked": 0,
        "is_shared": False,
        "is_org_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "shared_team_ids": [state.team_id],
        "context_team_id": state.team_id,
        "creator": channel.creator,
        "is_member": (seen_by or state.app.user_id) in channel.members,
        "topic": dict(channel.topic),
        "purpose": dict(channel.purpose),
        "previous_names": list(channel.previous_names),
        "priority": 0,
    }
    if members:
        described["num_members"] = len(channel.members)
    return described


def bot_profile(state: State) -> Json:
    """The app's card inside its messages."""
    return {
        "id": state.app.bot_id,
        "deleted": False,
        "name": state.app.name,
        "updated": 0,
        "app_id": state.app.app_id,
        "icons": {},
        "team_id": state.team_id,
    }


def message_json(state: State, message: Message, with_metadata: bool = False) -> Json:
    """A message as history, events and interactions carry it."""
    body: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": state.team_id,
    }
    if message.subtype:
        body["subtype"] = message.subtype
    if message.by_app:
        body |= {"bot_id": state.app.bot_id, "app_id": state.app.app_id, "bot_profile": bot_profile(state)}
    for name in ("client_msg_id", "blocks", "attachments", "files", "username"):
        if value := getattr(message, name):
            body[name] = value
    if with_metadata and message.metadata:
        body["metadata"] = message.metadata
    return body | _marks(message) | _thread_fields(state, message)


def _marks(message: Message) -> Json:
    marks: Json = {}
    if message.icon_emoji:
        marks["icons"] = {"emoji": message.icon_emoji}
    if message.edited_ts:
        marks["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.reactions:
        reactions = message.reactions.items()
        marks["reactions"] = [{"name": n, "users": list(us), "count": len(us)} for n, us in reactions]
    if message.pinned_by:
        marks |= {"pinned_to": [message.channel], "pinned_info": {"pinned_by": message.pinned_by}}
    return marks


def _thread_fields(state: State, message: Message) -> Json:
    if not message.thread_ts:
        return {}
    if message.is_reply:
        parent = state.channels[message.channel].messages.get(message.thread_ts)
        return {"thread_ts": message.thread_ts, "parent_user_id": parent.user if parent else ""}
    channel = state.channels[message.channel]
    replies = [channel.messages[ts] for ts in channel.threads.get(message.ts, [])]
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users[:5],
        "latest_reply": replies[-1].ts if replies else message.ts,
        "is_locked": False,
        "subscribed": False,
    }


def permalink(page_url: str, message: Message) -> str:
    """A link to the message on the workspace's own page; opens its thread for a reply."""
    link = f"{page_url}archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else link
