"""A workspace per test, and real Bolt apps that connect to it as they would to Slack."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace import LocalWorkspace

Listen = Callable[[AsyncApp], None]
Connect = Callable[[LocalWorkspace, Listen], None]


@pytest.fixture
def ws() -> Iterator[LocalWorkspace]:
    """A fresh workspace that redelivers events quickly."""
    with LocalWorkspace(event_retries_s=(0.0, 0.1, 0.1)) as workspace:
        yield workspace


@pytest.fixture
def client(ws: LocalWorkspace) -> WebClient:
    """Slack's own client, pointed at the workspace by its base URL alone."""
    return WebClient(ws.bot_token, base_url=ws.api_url)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Run an async Bolt app over Socket Mode (aiohttp) in a thread of its own until the test ends."""
    with ExitStack() as stack:
        yield lambda workspace, listen: stack.enter_context(_socket_mode(workspace, listen))


@contextmanager
def _socket_mode(workspace: LocalWorkspace, listen: Listen) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    async def start() -> AsyncSocketModeHandler:
        app = AsyncApp(client=AsyncWebClient(workspace.bot_token, base_url=workspace.api_url))
        listen(app)
        handler = AsyncSocketModeHandler(app, workspace.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        return handler

    handler = run(start())
    try:
        workspace.person("ana").wait_for(lambda: workspace.connected() or None)
        yield
    finally:
        run(handler.close_async())
        run(_settle())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _settle() -> None:
    """Let what the closed client still runs come to its end, so that nothing outlives the test."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
