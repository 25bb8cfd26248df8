"""What is true in the workspace: people, channels, messages. Every change is told to whoever listens."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.workspace.seed import PersonSeed, Seed
from bot.workspace.wire import Json, SlackError

SLACKBOT = "USLACKBOT"
MAX_EPHEMERALS = 200


@dataclass
class Message:
    """One message. `thread_ts` names its parent (or itself), `ephemeral_for` its only reader."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    by_app: bool = False
    thread_ts: str = ""
    subtype: str = ""
    edited_ts: str = ""
    edited_by: str = ""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned_by: str = ""
    pinned_at_s: int = 0
    metadata: Json = field(default_factory=dict)
    files: list[Json] = field(default_factory=list)
    client_msg_id: str = ""
    username: str = ""
    icon_emoji: str = ""
    ephemeral_for: str = ""
    broadcast: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether it lives in a thread and not (only) in the channel."""
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass
class Channel:
    """A channel or a direct conversation with the app (`im_with` names the person)."""

    id: str
    name: str
    creator: str
    created_s: int
    members: list[str] = field(default_factory=list)
    private: bool = False
    im_with: str = ""
    archived: bool = False
    general: bool = False
    topic: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    purpose: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    previous_names: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    bookmarks: list[Json] = field(default_factory=list)
    last_read: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`channel`, `group` (private) or `im`, as events call it."""
        return "im" if self.im_with else "group" if self.private else "channel"


@dataclass(frozen=True)
class Change:
    """Something that happened, for the bot's events and for the pages that watch."""

    kind: str
    channel: Channel | None = None
    message: Message | None = None
    user: str = ""
    detail: str = ""
    previous: Json = field(default_factory=dict)


@dataclass(frozen=True)
class App:
    """The one app of the workspace and its identity in every payload."""

    name: str
    app_id: str = "A0DRBOT0001"
    bot_id: str = "B0DRBOT0001"
    user_id: str = "U0DRBOT0001"


class State:
    """All of it, in memory, touched only from the server's own event loop."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed.numbered()
        self.team_id = "T0BELEZZA01"
        self.app = App(self.seed.app_name)
        self.people: dict[str, PersonSeed] = {person.id: person for person in self.seed.people}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: dict[str, list[Message]] = {}
        self.files: dict[str, Json] = {}
        self.listeners: list[Callable[[Change], None]] = []
        self._last_us = 0
        self._channel_number = 0
        self._plant()

    def _plant(self) -> None:
        by_name = {person.name: person.id for person in self.seed.people}
        for number, wanted in enumerate(self.seed.channels):
            members = [by_name[name] for name in wanted.members] or list(self.people)
            channel = self.add_channel(wanted.name, SLACKBOT, wanted.private)
            channel.members = members + ([self.app.user_id] if wanted.app else [])
            channel.topic["value"], channel.purpose["value"] = wanted.topic, wanted.purpose
            channel.general = wanted.name == "general" or (number == 0 and len(self.seed.channels) == 1)
        for person_id in self.people:
            self.direct(person_id)

    def tell(self, change: Change) -> None:
        """Tell every listener, in order."""
        for listener in self.listeners:
            listener(change)

    def new_ts(self) -> str:
        """A message timestamp: now, unique and rising even within a microsecond."""
        self._last_us = max(int(time.time() * 1_000_000), self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """An id in Slack's form: a letter and ten capitals or digits."""
        return prefix + "0" + secrets.token_hex(5).upper()

    def add_channel(self, name: str, creator: str, private: bool = False, im_with: str = "") -> Channel:
        """Add a channel. Its id counts up, so a seeded channel has the same link after every start."""
        self._channel_number = max(self._channel_number + 1, len(self.channels) + 1)
        channel_id = f"{'D' if im_with else 'C'}0BLZ{self._channel_number:05d}"
        channel = Channel(channel_id, name, creator, int(time.time()), private=private, im_with=im_with)
        self.channels[channel_id] = channel
        return channel

    def channel(self, wanted: str) -> Channel:
        """The channel of this id, or of this `#name`. Raises `channel_not_found`."""
        found = self.channels.get(wanted)
        if found is None and wanted:
            name = wanted.removeprefix("#")
            found = next((c for c in self.channels.values() if c.name == name and not c.im_with), None)
        if found is None and wanted in self.people:
            found = self.direct(wanted)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def direct(self, person_id: str) -> Channel:
        """The direct conversation between a person and the app; made when first needed."""
        for channel in self.channels.values():
            if channel.im_with == person_id:
                return channel
        made = self.add_channel("", person_id, im_with=person_id)
        made.members = [person_id, self.app.user_id]
        return made

    def message(self, channel: Channel, ts: str) -> Message:
        """The message with this timestamp. Raises `message_not_found`."""
        found = channel.messages.get(ts)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def keep_ephemeral(self, message: Message) -> None:
        """Keep what only one person sees, the newest `MAX_EPHEMERALS` of them."""
        mine = self.ephemerals.setdefault(message.ephemeral_for, [])
        mine.append(message)
        del mine[:-MAX_EPHEMERALS]

    def name_of(self, user_id: str) -> str:
        """The handle of a person, the app or Slackbot."""
        if user_id == self.app.user_id:
            return self.app.name
        person = self.people.get(user_id)
        return person.name if person else "slackbot"
