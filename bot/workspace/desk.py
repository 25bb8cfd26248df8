"""One running workspace: its state and everything that acts on it, put together once."""

import secrets
from dataclasses import dataclass, field

from bot.workspace.delivery import Delivery, Patience
from bot.workspace.events import Events
from bot.workspace.faults import Faults
from bot.workspace.limits import RateLimits
from bot.workspace.live import Live
from bot.workspace.seed import CommandSeed, Seed
from bot.workspace.socket_mode import SocketMode
from bot.workspace.state import State
from bot.workspace.tickets import ResponseTickets, Triggers
from bot.workspace.views import Views


@dataclass(frozen=True)
class Tokens:
    """What the app signs in with. Made fresh unless a saved workspace brings its own."""

    bot: str = field(default_factory=lambda: f"xoxb-local-{secrets.token_hex(12)}")
    app: str = field(default_factory=lambda: f"xapp-local-{secrets.token_hex(12)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))


class Desk:
    """The parts, by name. Built once per server; used only from its event loop."""

    def __init__(
        self, seed: Seed, tokens: Tokens, page_url: str, patience: Patience, rate_limits: bool
    ) -> None:
        self.tokens = tokens
        self.page_url = page_url
        self.state = State(seed)
        self.commands: tuple[CommandSeed, ...] = seed.commands
        self.views = Views(self.state)
        self.triggers = Triggers()
        self.responses = ResponseTickets()
        self.limits = RateLimits(rate_limits)
        self.faults = Faults()
        self.live = Live(self.state)
        self.sockets = SocketMode(self.state.app, lambda: self.live.touch({"t": "channels"}))
        self.delivery = Delivery(self.sockets, seed.request_url, tokens.signing_secret, patience)
        self.events = Events(self.state, self.delivery)
        self.uploads: dict[str, bytes] = {}
        self.state.listeners += [self.events.hear, self.live.hear]

    @property
    def api_url(self) -> str:
        """The `base_url` for Slack's clients."""
        return f"{self.page_url}api/"

    @property
    def socket_url(self) -> str:
        """Where Socket Mode links lead."""
        return self.page_url.replace("http://", "ws://", 1)

    def command(self, name: str) -> CommandSeed | None:
        """The app's slash command of this name."""
        return next((command for command in self.commands if command.command == name), None)
