"""What can happen to a message: posted, edited, deleted, reacted to, pinned. Each is told once."""

import time
from dataclasses import replace

from bot.workspace.shapes import message_json
from bot.workspace.state import Change, Channel, Message, State
from bot.workspace.wire import Json, SlackError

MAX_PINS = 100
MAX_REACTIONS_BY_ONE = 23


def post(state: State, message: Message) -> Message:
    """Put a message into its channel (and thread) and say so. Raises `is_archived`, `thread_not_found`."""
    channel = state.channels[message.channel]
    if channel.archived:
        raise SlackError("is_archived")
    if message.ephemeral_for:
        state.keep_ephemeral(message)
        state.tell(Change("ephemeral", channel, message, message.ephemeral_for))
        return message
    if message.is_reply:
        _join_thread(channel, message)
    channel.messages[message.ts] = message
    channel.last_read[message.user] = message.ts
    state.tell(Change("message_posted", channel, message, message.user))
    return message


def _join_thread(channel: Channel, message: Message) -> None:
    parent = channel.messages.get(message.thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    message.thread_ts = parent.thread_ts or parent.ts  # a reply to a reply lands in the same thread
    root = channel.messages[message.thread_ts]
    root.thread_ts = root.ts
    channel.threads.setdefault(root.ts, []).append(message.ts)


def change(state: State, message: Message, by: str, **fields: object) -> Message:
    """Edit fields of a message in place, mark it edited and say so with what it was before."""
    channel = state.channels[message.channel]
    previous = message_json(state, replace(message))
    before = (message.text, message.blocks)
    for name, value in fields.items():
        setattr(message, name, value)
    if (message.text, message.blocks) != before:
        message.edited_ts, message.edited_by = state.new_ts(), by
    if message.ephemeral_for:
        state.tell(Change("ephemeral", channel, message, message.ephemeral_for))
    else:
        state.tell(Change("message_changed", channel, message, by, previous=previous))
    return message


def delete(state: State, message: Message) -> None:
    """Take a message away and say so. A thread's replies stay, as in Slack, under a tombstone."""
    channel = state.channels[message.channel]
    previous = message_json(state, message)
    if message.ephemeral_for:
        kept = state.ephemerals.get(message.ephemeral_for, [])
        state.ephemerals[message.ephemeral_for] = [other for other in kept if other.ts != message.ts]
    elif channel.threads.get(message.ts):
        message.subtype, message.text = "tombstone", "This message was deleted."
        message.blocks, message.attachments, message.files = [], [], []
    else:
        channel.messages.pop(message.ts, None)
        replies = channel.threads.get(message.thread_ts, [])
        if message.ts in replies:
            replies.remove(message.ts)
    state.tell(Change("message_deleted", channel, message, message.user, previous=previous))


def react(state: State, message: Message, user: str, name: str) -> None:
    """Add a reaction. Raises `already_reacted`, `too_many_emoji`."""
    users = message.reactions.get(name, [])
    if user in users:
        raise SlackError("already_reacted")
    if sum(user in others for others in message.reactions.values()) >= MAX_REACTIONS_BY_ONE:
        raise SlackError("too_many_emoji")
    message.reactions[name] = [*users, user]
    state.tell(Change("reaction_added", state.channels[message.channel], message, user, name))


def unreact(state: State, message: Message, user: str, name: str) -> None:
    """Take a reaction back. Raises `no_reaction`."""
    users = message.reactions.get(name, [])
    if user not in users:
        raise SlackError("no_reaction")
    left = [other for other in users if other != user]
    if left:
        message.reactions[name] = left
    else:
        del message.reactions[name]
    state.tell(Change("reaction_removed", state.channels[message.channel], message, user, name))


def pin(state: State, message: Message, user: str) -> None:
    """Pin to the channel. Raises `already_pinned`, `not_pinnable` (the channel has 100)."""
    channel = state.channels[message.channel]
    if message.pinned_by:
        raise SlackError("already_pinned")
    if sum(bool(other.pinned_by) for other in channel.messages.values()) >= MAX_PINS:
        raise SlackError("not_pinnable")
    message.pinned_by, message.pinned_at_s = user, int(time.time())
    state.tell(Change("pin_added", channel, message, user))


def unpin(state: State, message: Message, user: str) -> None:
    """Unpin. Raises `no_pin`."""
    if not message.pinned_by:
        raise SlackError("no_pin")
    message.pinned_by = ""
    state.tell(Change("pin_removed", state.channels[message.channel], message, user))


def join(state: State, channel: Channel, user: str, inviter: str = "") -> None:
    """Make someone a member, with the quiet line Slack writes. Joining twice changes nothing."""
    if user in channel.members:
        return
    channel.members.append(user)
    line = f"<@{user}> has joined the channel"
    post(state, Message(state.new_ts(), channel.id, user, line, subtype="channel_join"))
    channel.last_read[user] = channel.last_read.get(user, "0")
    state.tell(Change("member_joined", channel, None, user, inviter))


def system_line(state: State, channel: Channel, user: str, subtype: str, text: str) -> None:
    """Write one of the quiet lines Slack writes itself (topic set, renamed, archived)."""
    message = Message(
        state.new_ts(), channel.id, user, text, subtype=subtype, by_app=user == state.app.user_id
    )
    post(state, message)


def sent(channel: Channel) -> list[Message]:
    """What the channel shows, oldest first: replies only where they were broadcast."""
    return [m for m in channel.messages.values() if not m.is_reply or m.broadcast]


def thread(channel: Channel, ts: str) -> list[Message]:
    """The parent and its replies, oldest first. Raises `thread_not_found`."""
    asked = channel.messages.get(ts)
    if asked is None:
        raise SlackError("thread_not_found")
    root = channel.messages[asked.thread_ts or asked.ts]
    return [root, *(channel.messages[reply] for reply in channel.threads.get(root.ts, []))]


def described(state: State, messages: list[Message], with_metadata: bool) -> list[Json]:
    """Messages in Slack's shape, metadata only where it was asked for."""
    return [message_json(state, message, with_metadata) for message in messages]
