"""Who and what a fresh workspace holds: people, channels, the app and the words its commands complete to."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec


@dataclass(frozen=True)
class PersonSeed:
    """Someone who can sit at the page. `name` is the handle; an empty `id` is given out by position."""

    name: str
    real_name: str
    email: str = ""
    title: str = ""
    tz: str = "America/Sao_Paulo"
    id: str = ""


@dataclass(frozen=True)
class ChannelSeed:
    """A channel at the start. Empty `members` means everyone; `app` says whether the bot was invited."""

    name: str
    topic: str = ""
    purpose: str = ""
    members: tuple[str, ...] = ()
    app: bool = True
    private: bool = False


@dataclass(frozen=True)
class Completion:
    """A line the composer offers while a command is typed."""

    text: str
    hint: str = ""


@dataclass(frozen=True)
class CommandSeed:
    """A slash command of the app, as its manifest would declare it."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False
    completions: tuple[Completion, ...] = ()


@dataclass(frozen=True)
class ShortcutSeed:
    """A message shortcut of the app, shown in the message menu."""

    name: str
    callback_id: str


@dataclass(frozen=True)
class GroupSeed:
    """A user group; `members` are handles."""

    handle: str
    name: str
    members: tuple[str, ...] = ()


DEFAULT_PEOPLE = (
    PersonSeed("ana", "Ana Souza", "ana@belezza.example", "SRE, on call"),
    PersonSeed("bruno", "Bruno Lima", "bruno@belezza.example", "Tech lead"),
    PersonSeed("carla", "Carla Dias", "carla@belezza.example", "Database"),
    PersonSeed("davi", "Davi Rocha", "davi@belezza.example", "Product"),
)
DEFAULT_CHANNELS = (
    ChannelSeed("belezza-alerts", "Incidents of the booking platform", "Where alerts become incidents"),
    ChannelSeed("general", "", "Everyone at Belezza"),
)
DEFAULT_COMMANDS = (
    CommandSeed(
        "/dr",
        "Incidents and disaster recovery",
        "[help | status | incidents | restore ENV]",
        completions=(
            Completion("/dr help", "what can be said, and by whom"),
            Completion("/dr status", "the readiness board"),
            Completion("/dr incidents", "open incidents"),
            Completion("/dr declare", "TITLE [sev=2]"),
            Completion("/dr restore staging", "newest verified production backup into staging"),
        ),
    ),
)


@dataclass(frozen=True)
class Seed:
    """The whole beginning of a workspace. Every field has the value that tests start from."""

    team_name: str = "Belezza"
    team_domain: str = "belezza"
    app_name: str = "drbot"
    app_description: str = "Incidents and disaster recovery"
    people: tuple[PersonSeed, ...] = DEFAULT_PEOPLE
    channels: tuple[ChannelSeed, ...] = DEFAULT_CHANNELS
    commands: tuple[CommandSeed, ...] = DEFAULT_COMMANDS
    shortcuts: tuple[ShortcutSeed, ...] = ()
    groups: tuple[GroupSeed, ...] = ()
    request_url: str = field(default="")
    """Where events, commands and presses are POSTed while no Socket Mode connection is open (HTTP mode)."""

    def numbered(self) -> "Seed":
        """The same seed with an id for everyone, the same at each start, so that links stay valid."""
        people = (replace(p, id=p.id or f"U0BLZ{n:04d}") for n, p in enumerate(self.people, start=1))
        return replace(self, people=tuple(people))


def read_seed(path: Path) -> Seed:
    """Read a seed document (JSON, the fields of `Seed`).

    Raises `ValueError` naming the field that is wrong, and `OSError` when the file cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Seed)
    except msgspec.DecodeError as wrong:
        raise ValueError(f"{path} is not a seed of the workspace: {wrong}") from wrong


def read_commands(body: bytes) -> tuple[CommandSeed, ...]:
    """Read commands with completions, as a bot's launcher sends them. Raises `ValueError`."""
    try:
        return msgspec.json.decode(body, type=tuple[CommandSeed, ...])
    except msgspec.DecodeError as wrong:
        raise ValueError(f"not a list of commands: {wrong}") from wrong
