"""The shapes of an exported channel, as Slack writes them; what drbot does not read is ignored."""

from __future__ import annotations

import msgspec


class Channel(msgspec.Struct):
    id: str = ""
    name: str = ""


class Profile(msgspec.Struct):
    real_name: str = ""
    display_name: str = ""


class User(msgspec.Struct):
    id: str = ""
    name: str = ""
    real_name: str = ""
    handle: str = ""
    tz: str = ""
    profile: Profile = msgspec.field(default_factory=Profile)


class Reaction(msgspec.Struct):
    name: str
    users: list[str] = []


class Posted(msgspec.Struct):
    ts: str
    text: str = ""
    user: str = ""
    bot_id: str = ""
    username: str = ""
    subtype: str = ""
    thread_ts: str = ""
    reactions: list[Reaction] = []
    edited: object = None


class Before(msgspec.Struct):
    ts: str = ""
    text: str = ""


class Item(msgspec.Struct):
    ts: str = ""
    message: Before = msgspec.field(default_factory=Before)


class Event(msgspec.Struct):
    type: str
    subtype: str = ""
    user: str = ""
    reaction: str = ""
    deleted_ts: str = ""
    item: Item = msgspec.field(default_factory=Item)
    message: Before = msgspec.field(default_factory=Before)
    previous_message: Before = msgspec.field(default_factory=Before)


class BotEntry(msgspec.Struct):
    ts: str
    kind: str
    text: str = ""
    by: str = ""
    run: str = ""
    severity: str = ""
    alert: str = ""


class Transcript(msgspec.Struct):
    messages: list[Posted]
    channel: Channel | str = ""
    users: dict[str, User] | list[User] = {}
    events: list[Event] = []
    bot_entries: list[BotEntry] = []
    title: str = ""
    plan_severity: str = ""
    time_zone_of_people: str = ""
