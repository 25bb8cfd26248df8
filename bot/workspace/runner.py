"""A workspace inside the test's own process, on a free port, gone when the block ends."""

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from bot.workspace import loopback
from bot.workspace.delivery import Patience
from bot.workspace.person import Person
from bot.workspace.seed import ChannelSeed, CommandSeed, PersonSeed, Seed
from bot.workspace.server import Setup, build_desk, build_server, listening_socket
from bot.workspace.wire import Json, SlackError

START_S = 10.0
CALL_S = 10.0


class LocalWorkspace:
    """`with LocalWorkspace() as ws:` runs a workspace in a thread, with its people and fault switches.

    `seed` gives everything at once; `people`, `channels` and `commands` replace parts of it. `ack_timeout_s`
    and `event_retries_s` are Slack's unless a test shortens them. Safe to open any number side by side.
    """

    def __init__(
        self,
        people: tuple[PersonSeed, ...] | None = None,
        channels: tuple[ChannelSeed, ...] | None = None,
        rate_limits: bool = False,
        *,
        commands: tuple[CommandSeed, ...] | None = None,
        seed: Seed | None = None,
        state_path: Path | None = None,
        request_url: str = "",
        port: int = 0,
        ack_timeout_s: float = 3.0,
        event_retries_s: tuple[float, ...] = (0.0, 60.0, 300.0),
    ) -> None:
        wanted = seed or Seed()
        wanted = replace(
            wanted,
            people=people if people is not None else wanted.people,
            channels=channels if channels is not None else wanted.channels,
            commands=commands if commands is not None else wanted.commands,
            request_url=request_url or wanted.request_url,
        )
        patience = Patience(ack_timeout_s, event_retries_s)
        self._setup = Setup(
            wanted, port=port, rate_limits=rate_limits, state_path=state_path, patience=patience
        )

    def __enter__(self) -> "LocalWorkspace":
        self._socket = listening_socket(self._setup.host, self._setup.port)
        try:
            desk = build_desk(self._setup, self._socket.getsockname()[1])
        except (OSError, ValueError):
            self._socket.close()
            raise
        self.page_url, self.api_url = desk.page_url, desk.api_url
        self.bot_token, self.app_token = desk.tokens.bot, desk.tokens.app
        self.signing_secret = desk.tokens.signing_secret
        self._desk = desk
        self._server = build_server(desk, self._setup.state_path)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="workspace", daemon=True
        )
        self._thread.start()
        ends = time.monotonic() + START_S
        while not self._server.started:
            if time.monotonic() > ends or not self._thread.is_alive():
                raise RuntimeError("the local workspace did not start; its log says why")
            time.sleep(0.005)
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(START_S)
        self._socket.close()

    def person(self, name: str) -> Person:
        """The person of this handle, to act and look as. Raises `KeyError`."""
        for person in self._desk.state.people.values():
            if name in (person.name, person.id):
                return Person(self.page_url, person.id, person.name)
        raise KeyError(name)

    def channel_id(self, name: str) -> str:
        """The id of `#name`. Raises `KeyError`."""
        try:
            return self._desk.state.channel(name).id
        except SlackError as unknown:
            raise KeyError(name) from unknown

    @property
    def app_user_id(self) -> str:
        """The bot user's id."""
        return self._desk.state.app.user_id

    def connected(self) -> bool:
        """Whether the bot holds a Socket Mode connection."""
        return self._desk.sockets.connected

    def calls(self) -> dict[str, int]:
        """How often each Web API method was called so far."""
        return dict(self._desk.faults.calls)

    def fail(self, method: str, error: str = "ratelimited", times: int = 1, retry_after_s: int = 1) -> None:
        """Answer the next calls with `error`: a Slack code, `ratelimited` (429), or a status like `500`."""
        self._control(
            "fail", {"method": method, "error": error, "times": times, "retry_after_s": retry_after_s}
        )

    def down(self) -> None:
        """Slack is down: the API answers 503 and connections drop. People can still look."""
        self._control("down", {})

    def up(self) -> None:
        """Slack is back."""
        self._control("up", {})

    def rate_limits(self, on: bool) -> None:
        """Switch Slack's rate limits on or off."""
        self._control("rate_limits", {"on": on})

    def ask_to_reconnect(self, reason: str = "warning") -> None:
        """Send `disconnect`, as Slack does before it refreshes a connection."""
        self._control("reconnect", {"reason": reason})

    def set_request_url(self, url: str) -> None:
        """Where to POST events and presses while no Socket Mode connection is open."""
        self._desk.delivery.request_url = url

    def set_commands(self, commands: list[Json]) -> None:
        """Replace the slash commands and their completions. Raises `ValueError` naming the wrong field."""
        self._control("commands", commands)

    def _control(self, switch: str, body: Json | list[Json]) -> None:
        headers = {"Content-Type": "application/json"}
        url = f"{self.page_url}local/control/{switch}"
        answer = loopback.call("POST", url, json.dumps(body).encode(), headers, CALL_S)
        if answer.status != 200:
            raise ValueError(answer.body.decode(errors="replace"))
