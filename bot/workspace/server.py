"""Puts the workspace on a loopback port, and runs it as a process of its own (`dr workspace`)."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from bot.workspace import snapshot
from bot.workspace.delivery import Patience
from bot.workspace.desk import Desk
from bot.workspace.guard import LoopbackOnly
from bot.workspace.page import Page
from bot.workspace.seed import Seed, read_seed
from bot.workspace.web_api import WebApi

log = logging.getLogger(__name__)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAVE_EVERY_S = 1.0


@dataclass(frozen=True)
class Setup:
    """How a workspace is to run. Port 0 takes a free one; `state_path` keeps it over restarts."""

    seed: Seed = field(default_factory=Seed)
    host: str = "127.0.0.1"
    port: int = 0
    rate_limits: bool = False
    state_path: Path | None = None
    patience: Patience = field(default_factory=Patience)


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket on a loopback address. Raises `ValueError` for any other, `OSError` when taken."""
    if host not in LOOPBACK:
        raise ValueError(f"The workspace has no sign-in, so it listens on 127.0.0.1 only, not on {host!r}.")
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def build_desk(setup: Setup, port: int) -> Desk:
    """The desk, with what was kept from before. Raises `ValueError` when the kept file cannot be read."""
    kept = snapshot.read(setup.state_path) if setup.state_path else {}
    name = f"[{setup.host}]" if ":" in setup.host else setup.host
    page_url = f"http://{name}:{port}/"
    desk = Desk(setup.seed, snapshot.tokens_of(kept), page_url, setup.patience, setup.rate_limits)
    snapshot.restore(desk, kept)
    return desk


def build_app(desk: Desk, state_path: Path | None) -> Starlette:
    """The ASGI application: what the app calls, what the page calls, and the page."""
    api, page = WebApi(desk), Page(desk)
    routes = [
        Route("/api/{method}", api.method, methods=["GET", "POST"]),
        Route("/response/{secret}", api.respond, methods=["POST"]),
        Route("/upload/{file}", api.upload, methods=["POST"]),
        WebSocketRoute("/link/", api.link),
        Route("/", page.index),
        Route("/static/{name}", page.static),
        Route("/archives/{channel}/{stamp}", page.permalink),
        Route("/files/{file}", page.file),
        WebSocketRoute("/local/live", desk.live.serve),
        Route("/local/wait", page.wait),
        Route("/local/calls", page.calls),
        Route("/local/see/{sight}", page.see),
        Route("/local/do/{deed}", page.do, methods=["POST"]),
        Route("/local/control/{switch}", page.control, methods=["POST"]),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        saver = asyncio.create_task(_keep_saved(desk, state_path)) if state_path else None
        try:
            yield
        finally:
            await desk.delivery.close()
            if saver is not None and state_path is not None:
                saver.cancel()
                snapshot.save(snapshot.written(desk), state_path)

    return Starlette(routes=routes, middleware=[Middleware(LoopbackOnly)], lifespan=lifespan)


async def _keep_saved(desk: Desk, path: Path) -> None:
    saved, pause_s = desk.live.version, SAVE_EVERY_S
    while True:
        await asyncio.sleep(pause_s)
        if desk.live.version == saved:
            continue
        saved = desk.live.version
        try:
            began_s = time.monotonic()
            text = snapshot.written(desk)
            pause_s = max(
                SAVE_EVERY_S, 50 * (time.monotonic() - began_s)
            )  # a large one is written less often
            await asyncio.to_thread(snapshot.save, text, path)
        except OSError as failed:
            log.warning("The workspace could not be saved to %s (%s); it goes on in memory.", path, failed)


def build_server(desk: Desk, state_path: Path | None) -> uvicorn.Server:
    """An uvicorn server for the desk, quiet, with websockets."""
    config = uvicorn.Config(
        build_app(desk, state_path),
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=1_000_000,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def serve_workspace(
    listen: str = "127.0.0.1:8090",
    seed: Path | None = None,
    state_path: Path | None = None,
    rate_limits: bool = False,
) -> None:
    """Run the workspace until interrupted; prints what the bot needs to find it.

    Raises `ValueError` when `listen` is not a loopback address or a file cannot be understood, `OSError` when
    the port is taken.
    """
    host, _, port = listen.rpartition(":")
    if not port.isdigit():
        raise ValueError(f"{listen!r} is not an address like 127.0.0.1:8090")
    wanted = Setup(read_seed(seed) if seed else Seed(), host.strip("[]"), int(port), rate_limits, state_path)
    with listening_socket(wanted.host, wanted.port) as bound:
        desk = build_desk(wanted, bound.getsockname()[1])
        _introduce(desk)
        with contextlib.suppress(KeyboardInterrupt):  # the ordinary way to end it
            build_server(desk, state_path).run(sockets=[bound])


def _introduce(desk: Desk) -> None:
    lines = (
        f"The workspace is open: {desk.page_url}",
        "",
        f"DR_SLACK_API_URL={desk.api_url}",
        f"SLACK_BOT_TOKEN={desk.tokens.bot}",
        f"SLACK_APP_TOKEN={desk.tokens.app}",
        f"SLACK_SIGNING_SECRET={desk.tokens.signing_secret}",
    )
    print("\n".join(lines), flush=True)  # noqa: T201 - the person who started it copies these
