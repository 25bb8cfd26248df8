"""The connection to Slack: Socket Mode or HTTP through real Bolt, and the announcer beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias, cast

import aiohttp
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.console import Console
from bot.slack.announcer import Announcer, OnTrouble, _unheard
from bot.slack.calls import Limited, Rejected, Unreachable, call
from bot.slack.ears import Ears
from bot.slack.listeners import register
from bot.slack.reception import Reception
from bot.slack.replies import is_loopback
from bot.slack.scene import Scene
from bot.store.database import Store, iso, utc_now
from bot.store.seen import forget_before
from bot.store.workspace import keep_workspace_url

_log = logging.getLogger(__name__)
SLACK = "https://slack.com/api/"
EVENTS_PATH = "/slack/events"
TIMEOUT_S = 10.0
PING_S = 3.0  # also how soon a lost socket is made anew
DELIVERIES_KEPT = timedelta(days=2)
AGAIN_FIRST_S = 0.25
AGAIN_LONGEST_S = 20.0
Asgi: TypeAlias = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]],
    Awaitable[None],
]


@dataclass(frozen=True)
class SlackSettings:
    """How to reach Slack. An app token means Socket Mode, otherwise the signing secret means HTTP."""

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api_url: str = SLACK
    home_channel: str = "#belezza-alerts"


@dataclass(frozen=True)
class SlackParts:
    """What the face calls: the console, what it reads, what it keeps, and who counts its troubles."""

    console: Console
    scene: Scene
    store: Store
    ears: Ears
    on_trouble: OnTrouble = _unheard


class SlackFace:
    """Slack as a face of drbot: `start`, `asgi` for HTTP mode, `health`, `stop`."""

    def __init__(self, settings: SlackSettings, parts: SlackParts) -> None:
        self._settings = settings
        self._parts = parts
        self._who: AuthorizeResult | None = None
        self._trouble = "not connected yet"
        self._socket: AsyncSocketModeHandler | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._asgi: Asgi | None = None

    async def start(self) -> None:
        """Begin. Returns at once also when Slack is down: it connects as soon as Slack lets it."""
        settings, parts = self._settings, self._parts
        base_url = (settings.api_url or SLACK).rstrip("/") + "/"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        self._client = AsyncWebClient(
            settings.bot_token,
            base_url=base_url,
            timeout=int(TIMEOUT_S),
            session=self._session,
            logger=_quiet("sdk", logging.WARNING),
        )
        if is_loopback(base_url):
            self._client.proxy = None  # slack_sdk takes a proxy from the environment and ignores NO_PROXY
        parts.store.submit(lambda tx: forget_before(tx, iso(utc_now() - DELIVERIES_KEPT)))
        self.reception = Reception(parts.console, parts.scene, parts.store, parts.ears, self._client)
        bolt_log = _quiet("bolt", logging.ERROR)  # it warns of the token that it need not read
        self._app = AsyncApp(
            name="drbot",
            logger=bolt_log,
            authorize=lambda: self._authorize(),  # Bolt reads its arguments by name
            signing_secret=settings.signing_secret or "unused-in-socket-mode",
            process_before_response=True,
        )
        bolt_log.setLevel(logging.WARNING)
        register(self._app, self.reception, parts.scene)
        self._announcer = Announcer(
            parts.store, self._client, parts.scene, settings.home_channel, parts.on_trouble
        )
        if settings.signing_secret and not settings.app_token:
            handler = AsyncSlackRequestHandler(self._app, path=EVENTS_PATH)
            self._asgi = cast(Asgi, handler)
        self._tasks = [
            asyncio.create_task(self._announcer.run(), name="announcer"),
            asyncio.create_task(self._connect(), name="slack-connect"),
        ]

    async def asgi(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Answer `POST /slack/events` (HTTP mode); 404 in Socket Mode."""
        if self._asgi is not None:
            await self._asgi(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"Slack is connected by Socket Mode here"})

    async def health(self) -> str:
        """What is wrong between drbot and Slack, for `/readyz`; empty when nothing is."""
        if self._trouble:
            return self._trouble
        if self._announcer.is_down:
            return "Slack did not answer the last call; what it should show is kept and sent later"
        if self._socket is not None and not await self._socket.client.is_connected():
            return "the Socket Mode connection is being made anew"
        return ""

    async def stop(self) -> None:
        """End: hear nothing more, answer what was asked, finish what is being sent. Safe to call twice."""
        tasks, self._tasks = self._tasks, []
        if not tasks:
            return
        announcing, connecting = tasks
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        if self._socket is not None:
            await self._socket.client.close()  # type: ignore[no-untyped-call]  # untyped there
        await self.reception.close()
        self._announcer.stop()
        await announcing
        await self._session.close()

    async def _authorize(self) -> AuthorizeResult:
        if self._who is None:  # only in HTTP mode: Slack delivers again
            raise RuntimeError("not signed in to Slack yet")
        return self._who

    async def _connect(self) -> None:
        pause_s = AGAIN_FIRST_S
        while True:
            try:
                await self._sign_in()
            except (Limited, Unreachable, Rejected, TimeoutError, aiohttp.ClientError, OSError) as error:
                self._trouble = str(error) or type(error).__name__
                _log.warning("not connected to Slack: %s; again in %.1f s", error, pause_s)
            else:
                self._trouble = ""
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, AGAIN_LONGEST_S)

    async def _sign_in(self) -> None:
        if self._who is None:
            me = await call(self._client.auth_test)
            self._who = AuthorizeResult(
                enterprise_id=me.get("enterprise_id"),
                team_id=me.get("team_id"),
                bot_user_id=me.get("user_id"),
                bot_id=me.get("bot_id"),
                bot_token=self._settings.bot_token,
            )
            address = str(me.get("url") or "")
            self._parts.store.submit(lambda tx: keep_workspace_url(tx, address))
        if not self._settings.app_token:
            return
        opened = await call(self._client.apps_connections_open, app_token=self._settings.app_token)
        if self._socket is None:
            self._socket = AsyncSocketModeHandler(
                self._app, self._settings.app_token, web_client=self._client, ping_interval=PING_S
            )
            self._socket.client.proxy = self._client.proxy
        # Its own way of asking would retry a refusal without end and without a word.
        self._socket.client.wss_uri = str(opened["url"])
        connecting = self._socket.client.connect()  # type: ignore[no-untyped-call]  # untyped there
        await asyncio.wait_for(connecting, TIMEOUT_S)


def _quiet(name: str, level: int) -> logging.Logger:
    """A logger with a level of its own: with none, the library spells out every request for nobody."""
    logger = logging.getLogger(f"{__name__}.{name}")
    logger.setLevel(level)
    return logger
