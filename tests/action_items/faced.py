"""The whole inside of the bot with its Slack face, before a local workspace, on a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from bot.action_items.reminding import Reminders
from bot.digest.posting import DigestPost
from bot.house import House, build
from bot.messages import Ears
from bot.settings import Settings
from bot.slack.connect import SlackFace, SlackParts, SlackSettings
from bot.store.database import iso
from bot.workspace.person import Person
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seen import SeenMessage

ALERTS = "belezza-alerts"
PATIENCE_S = 20.0


class Faced:
    """`with Faced(workspace, folder) as bot:` nothing but the face runs: no engine, no clockwork."""

    def __init__(self, workspace: LocalWorkspace, folder: Path) -> None:
        self.workspace = workspace
        self.house: House = build(Settings(database_url=f"sqlite:///{folder}/drbot.db"))
        settings = SlackSettings(workspace.bot_token, workspace.app_token, api_url=workspace.api_url)
        parts = SlackParts(self.house.console, self.house.scene, self.house.store, Ears(self.house.store))
        self.face = SlackFace(settings, parts)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Faced:
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.face.start(), self.loop).result(30)
        self.ana.wait_for(self.workspace.connected, PATIENCE_S)
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.face.stop(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.house.close()

    @property
    def ana(self) -> Person:
        return self.workspace.person("ana")

    @property
    def bruno(self) -> Person:
        return self.workspace.person("bruno")

    def seen(self, *words: str, thread: str = "", channel: str = ALERTS) -> SeenMessage:
        """The newest message, of the channel or of a thread, that carries all these words."""

        def look() -> SeenMessage | None:
            shown = self.ana.thread(channel, thread) if thread else self.ana.channel(channel)
            return next((m for m in reversed(shown) if all(word in m.words for word in words)), None)

        return self.ana.wait_for(look, PATIENCE_S)

    def until(self, holds: Callable[[], object]) -> None:
        """Once it holds; raises TimeoutError."""
        self.ana.wait_for(lambda: holds() or None, PATIENCE_S)

    def heard(self, count: int) -> None:
        """Once the bot keeps so many messages of people."""
        self.until(lambda: self.house.store.read("SELECT COUNT(*) FROM messages")[0][0] >= count)

    def remind(self, now: datetime) -> int:
        """As the clockwork does at this moment."""
        return Reminders(self.house.store, self.house.plan, lambda: now).turn()

    def post_digest(self, now: datetime) -> str:
        """As the plan's schedule does on a Monday."""
        return DigestPost(self.house.store, self.house.plan, lambda: now)(
            "weekly", iso(now), "schedule:weekly"
        )
